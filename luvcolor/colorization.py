"""Colours one frame with any model: luma in full size, chroma from the model, merged along edges.

The luma of the input is the content of the picture and is kept. The model sees it small and answers
with chroma of that size; between the two, chroma follows luma by the local slope of one over the
other (a guided filter's coefficients, He & Sun 2015), so that colours end where things do.
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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from luvcolor.checkpoint import Card
    from luvcolor.model import Colorizer

__all__ = ["ColorizeOptions", "Engine", "colorize"]

GUIDE_RADIUS = 2
GUIDE_NOISE = 4.0
"""Changes of luma below about this (in L) are taken for texture that chroma need not follow."""
STEEPEST = 1.0
"""Chroma changes at most this much for one unit of luma along an edge."""


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
        luma = kernels.luminance(frame.pixels)
        small, uv = self.predict(luma)
        offset, slope = follow_luma(small, uv * np.float32(self.options.saturation))
        rgb = kernels.merge_chroma(luma, offset, slope=slope, dtype=frame.pixels.dtype)
        colored = frame.after("colorize", pixels=rgb)
        text = {**frame.metadata.text, RECEIPT_KEY: json.dumps(self.receipt)}
        return replace(colored, metadata=replace(colored.metadata, text=text))

    def predict(self, luma: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return luma at the model's size (h, w) and its chroma (2, h, w) for luma (H, W)."""
        import torch

        device = next(self.model.parameters(), torch.empty(0)).device
        small = shrink(luma, self.size)
        x = torch.from_numpy(small)[None, None].to(device) / 100
        try:
            with torch.inference_mode():
                uv = self.model.predict(x, temperature=self.options.temperature).uv
                answer = uv.float().cpu().numpy()
        except LuvcolorError:
            raise
        except Exception as error:
            raise PluginError(
                f"the model {self.receipt['model']!r} failed on a {x.shape[-1]}x{x.shape[-2]} "
                f"picture: {type(error).__name__}: {error}"
            ) from error
        if answer.shape != (1, 2, *small.shape):
            raise PluginError(
                f"the model {self.receipt['model']!r} was to answer with chroma of shape "
                f"{(1, 2, *small.shape)}, and answered with {answer.shape}"
            )
        if not np.isfinite(answer).all():
            raise PluginError(
                f"the model {self.receipt['model']!r} was to answer with numbers, and answered "
                "with NaN or infinity"
            )
        return small, answer[0]


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


def shrink(luma: NDArray[np.float32], short_side: int) -> NDArray[np.float32]:
    """Return (H, W) luma with its short side at most `short_side`, by area averages."""
    import torch
    from torch.nn.functional import interpolate

    height, width = luma.shape
    scale = short_side / min(height, width)
    if scale >= 1:
        return luma
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    small = interpolate(torch.from_numpy(luma)[None, None], size=size, mode="area")
    result: NDArray[np.float32] = small[0, 0].numpy()
    return result


def follow_luma(
    luma: NDArray[np.float32], uv: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (offset, slope), each (2, h, w), such that chroma is ``offset + slope * luma``.

    At the pixels given that is exactly `uv`; between them chroma moves with luma as it does around
    them, which keeps it from bleeding over edges when enlarged.
    """
    from scipy.ndimage import uniform_filter

    def mean(values: NDArray[Any]) -> NDArray[Any]:
        smooth: NDArray[Any] = uniform_filter(
            values, 2 * GUIDE_RADIUS + 1, axes=(-2, -1), mode="nearest"
        )
        return smooth

    mean_luma = mean(luma)
    variance = mean(luma * luma) - mean_luma * mean_luma
    covariance = mean(luma * uv) - mean_luma * mean(uv)
    slope = mean(covariance / (variance.clip(0) + np.float32(GUIDE_NOISE**2)))
    slope = slope.clip(-STEEPEST, STEEPEST).astype(np.float32)
    return (uv - slope * luma).astype(np.float32), slope


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
