"""Colours one frame with any model: luma in full size, chroma from the model, merged along edges.

The luma of the input is the content of the picture and is kept. The model sees it small and answers
with chroma of that size; enlarging, the kernels let chroma follow luma by the local slope of one
over the other, so that colours end where things do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import luvcolor_kernels as kernels
from luvcolor import __version__
from luvcolor.errors import LuvcolorError, PictureError, PluginError, UsageError
from luvcolor.frame import Frame
from luvcolor.io.comments import RECEIPT_KEY
from luvcolor_kernels.backends import gpu_backend

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from luvcolor.checkpoint import Card
    from luvcolor.model import Colorizer

__all__ = ["ColorizeOptions", "Engine", "colorize"]


@dataclass(frozen=True)
class ColorizeOptions:
    """How pictures are coloured.

    Attributes
    ----------
    size
        Short side at which the model sees a picture, in pixels; None for what its card says.
    temperature
        Toward 0 bold, 1 the mean of what is plausible; None for the model's own choice.
    saturation
        Factor on the chroma; 1 leaves the model's.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"`` or one with an index.
    """

    size: int | None = None
    temperature: float | None = None
    saturation: float = 1.0
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 16:
            raise UsageError(f"the size is at least 16 pixels, not {self.size}")
        if not (self.saturation >= 0 and (self.temperature or 0) >= 0):
            raise UsageError(
                "saturation and temperature are not negative; "
                f"found {self.saturation} and {self.temperature}"
            )


class Engine:
    """A model, ready to colour frames.

    Parameters
    ----------
    model
        A Colorizer in evaluation mode, on its device.
    size
        Short side at which it sees pictures.
    options
        Temperature and saturation.
    receipt
        What the outputs say of how they were made.
    mean_uv
        Mean chroma of the pictures the model learned from, where it is known.
    """

    def __init__(
        self,
        model: Colorizer,
        size: int,
        options: ColorizeOptions,
        receipt: dict[str, Any],
        mean_uv: tuple[float, float] | None = None,
    ) -> None:
        self.model, self.size, self.options = model, size, options
        self.receipt, self.mean_uv = receipt, mean_uv

    @classmethod
    def open(cls, checkpoint: Path, options: ColorizeOptions | None = None) -> Engine:
        """Load a checkpoint and put its model on the device.

        Raises
        ------
        CheckpointError
            When `checkpoint` is none.
        UsageError
            When the device is not there.
        """
        from luvcolor.checkpoint import load, short_hash

        options = options or ColorizeOptions()
        device = pick_device(options.device)
        model, card = load(checkpoint, device=device)
        receipt = _receipt(card, checkpoint, device, short_hash(checkpoint), options)
        mean_uv = card.data.get("mean_uv")
        return cls(model, receipt["size"], options, receipt, tuple(mean_uv) if mean_uv else None)

    def __call__(self, frame: Frame) -> Frame:
        """Return `frame` in colour: same size, bit depth and alpha, with a receipt.

        Raises
        ------
        PictureError
            When there are no pixels.
        PluginError
            When the model fails or answers with something else than its contract says.
        """
        if 0 in frame.size:
            raise PictureError(f"{frame.name or 'picture'}: expected pixels, found none")
        rgb = self.color(frame.pixels)
        colored = frame.after("colorize", pixels=rgb)
        text = {**frame.metadata.text, RECEIPT_KEY: json.dumps(self.receipt)}
        return replace(colored, metadata=replace(colored.metadata, text=text))

    def color(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Return pixels (H, W) or (H, W, 3) in colour, in their own type.

        On a CUDA device with a backend of the kernels for it, they go there once and come back
        once; otherwise the kernels run on the CPU, and only what the model sees goes there.
        """
        picture: Any = self._upload(pixels)
        x = kernels.luma_to_input(picture, model_size(pixels.shape[:2], self.size))
        uv: Any = self.predict(x)[0]
        is_gray_of_integers = pixels.ndim == 2 and pixels.dtype.kind == "u"
        light = picture if is_gray_of_integers else kernels.luminance(picture)
        rgb: Any = kernels.chroma_to_rgb(
            light, uv * self.options.saturation, guide=100 * x[:, 0][0], dtype=pixels.dtype
        )
        result: NDArray[Any] = rgb if isinstance(rgb, np.ndarray) else rgb.cpu().numpy()
        return result

    def _upload(self, pixels: NDArray[Any]) -> Any:
        """Return pixels where the kernels are to read them."""
        import torch

        if self._device().type != "cuda" or gpu_backend() is None:
            return pixels
        # torch.from_numpy would warn of pixels that are read-only.
        return torch.tensor(np.ascontiguousarray(pixels), device=self._device())

    def _device(self) -> torch.device:
        import torch

        return next(self.model.parameters(), torch.empty(0)).device

    def predict(self, x: Any) -> Any:
        """Return the model's chroma (N, 2, h, w) for luma (N, 1, h, w) of 0..1.

        NumPy in, NumPy out; torch tensor in, torch tensor out.
        """
        import torch

        luma = torch.as_tensor(x, device=self._device())
        try:
            with torch.inference_mode():
                uv = self.model.predict(luma, temperature=self.options.temperature).uv.float()
        except LuvcolorError:
            raise
        except Exception as error:
            raise PluginError(
                f"the model {self.receipt['model']!r} failed on a {x.shape[-1]}x{x.shape[-2]} "
                f"picture: {type(error).__name__}: {error}"
            ) from error
        expected = (x.shape[0], 2, *x.shape[-2:])
        if tuple(uv.shape) != expected:
            raise PluginError(
                f"the model {self.receipt['model']!r} was to answer with chroma of shape "
                f"{expected}, and answered with {tuple(uv.shape)}"
            )
        if not uv.isfinite().all():
            raise PluginError(
                f"the model {self.receipt['model']!r} was to answer with numbers, and answered "
                "with NaN or infinity"
            )
        return uv.cpu().numpy() if isinstance(x, np.ndarray) else uv.contiguous()


def colorize(frame: Frame, checkpoint: Path | str | None = None, **options: Any) -> Frame:
    """Colour one frame: the short way, for one picture in a program.

    Parameters
    ----------
    frame
        Gray or colour; of colour only the luma is used.
    checkpoint
        A file, the name of a shipped checkpoint, or None for the default one.
    options
        Fields of `ColorizeOptions`.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor import Frame, colorize
    >>> colorize(Frame(np.full((32, 32), 128, np.uint8))).pixels.shape
    (32, 32, 3)
    """
    from luvcolor.checkpoint import find_checkpoint

    name = None if checkpoint is None else str(checkpoint)
    return Engine.open(find_checkpoint(name), ColorizeOptions(**options))(frame)


def pick_device(asked: str) -> str:
    """Return the device to run on; ``"auto"`` takes the fastest that is there."""
    import torch

    if asked == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        torch.empty(1, device=asked)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(
            f"expected a device that is here, found {asked!r}; `luvcolor doctor` lists those"
        ) from error
    return asked


def model_size(size: tuple[int, ...], short_side: int) -> tuple[int, int]:
    """Return height and width with the short side at most `short_side`."""
    height, width = size
    scale = min(1.0, short_side / min(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _receipt(
    card: Card, checkpoint: Path, device: str, digest: str, options: ColorizeOptions
) -> dict[str, Any]:
    return {
        "model": card.model,
        "checkpoint": checkpoint.name,
        "sha256": digest,
        "size": options.size or card.size,
        "temperature": options.temperature,
        "saturation": options.saturation,
        "device": device,
        "luvcolor": __version__,
        "note": "colours are synthetic",
    }
