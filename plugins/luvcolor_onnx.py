"""Any colorizer in an ONNX file, declared in a small JSON file beside it, as a model.

ONNX Runtime runs the graph on the CPU. L of the picture goes in and chroma comes out, whatever
colours the graph itself deals in. `docs/onnx.md` explains the declaration.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

import luvcolor_kernels as kernels
from luvcolor.checkpoint import short_hash
from luvcolor.errors import PluginError, UsageError
from luvcolor.model import Chroma, Colorizer, Hints, pad_to_multiple
from luvcolor.runtimes.memory import is_out_of_memory
from luvcolor.runtimes.onnx_runtime import ERRORS_ONLY, PROVIDERS, SETTINGS
from luvcolor_kernels import constants as c
from luvcolor_kernels.threads import thread_count
from luvcolor_onnx_declaration import LAYOUTS, Input, read_declaration

Floats = NDArray[np.float32]

TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
"""What an input may be made of, in the words of ONNX Runtime."""


@dataclass(frozen=True)
class ONNXConfig:
    """Settings of `ONNX`."""

    file: str = ""
    """The ONNX file; its declaration has the same name, ending in ``.json``."""


class ONNX(Colorizer):
    """A graph in ONNX Runtime, and around it what brings L to it and chroma from it.

    Attributes
    ----------
    declaration
        What the JSON file says; the graph's name, citation and licence among it.
    size
        The short side, or height and width, at which the graph sees pictures; None for their own.
    digest
        The first 12 hexadecimal digits of the ONNX file's SHA-256.

    Raises
    ------
    UsageError
        When no file is named, it or its declaration cannot be read, or the two do not fit.
    """

    Config = ONNXConfig
    config: ONNXConfig

    def __init__(self, config: ONNXConfig | None = None) -> None:
        super().__init__(config)
        self.path = Path(self.config.file)
        if not self.config.file:
            raise UsageError(
                "the model 'onnx' expected an ONNX file and found none named; "
                "add --set file=FILE.onnx"
            )
        self.declaration = read_declaration(self.path.with_suffix(".json"))
        self.session = start(self.path)
        told = {name: getattr(self.declaration, name) for name in ("name", "licence", "citation")}
        self.about = told | {"sha256": short_hash(self.path)}
        self._input, self._output = self._tensors()
        self.size = self.declaration.input.size or self._fixed()
        if self.size:
            sides = [self.size] if isinstance(self.size, int) else self.size
            self.largest = min(sides)  # of this graph, not of all

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Predict the one chroma that the graph has, picture by picture, on the CPU.

        Raises
        ------
        PluginError
            When the graph fails, or answers otherwise than declared.
        """
        pictures = luma.detach().float().cpu()
        return Chroma(torch.cat([self._colored(x[None]) for x in pictures]).to(luma.device))

    def _colored(self, luma: Tensor) -> Tensor:
        """(1, 1, H, W) L / 100 -> (1, 2, H, W) u*, v*."""
        declared = self.declaration
        seen = resized(luma, self._size(luma))
        padded = pad_to_multiple(seen, declared.input.multiple)
        answer = resized(torch.from_numpy(self._answer(padded.numpy())), padded.shape[-2:])
        planes = resized(answer[..., : seen.shape[-2], : seen.shape[-1]], luma.shape[-2:])
        uv = chroma_of(100 * luma.numpy(), planes.numpy(), declared.output.channels)
        return torch.from_numpy(uv)

    def _size(self, luma: Tensor) -> Iterable[int]:
        """Return the height and width at which the graph sees a picture."""
        own = luma.shape[-2:]
        if isinstance(self.size, int):
            return [max(1, round(side * self.size / min(own))) for side in own]
        return self.size or own

    def _answer(self, luma: Floats) -> Floats:
        """Run the graph: (1, 1, h, w) L / 100 to the channels of its output, (1, C, h', w')."""
        side = self.declaration.input
        mean, std = side.scaling
        values = (channels_of(luma, side.channels) - mean) / std
        answer = self._run(values.transpose(np.argsort(LAYOUTS[side.layout])))
        mean, std = self.declaration.output.scaling
        return self._checked(answer) * std + mean

    def _run(self, values: Floats) -> Any:
        kind = TYPES[self._input.type]
        values = values.round().clip(0, 255) if kind is np.uint8 else values
        given = np.ascontiguousarray(values, kind)
        try:
            return self.session.run([self._output.name], {self._input.name: given})[0]
        except Exception as error:
            if is_out_of_memory(error):
                raise
            raise PluginError(
                f"{self.path}: expected a graph that takes the shape {values.shape}, found one "
                "that fails on it; correct size, multiple or layout in its declaration "
                f"({' '.join(str(error).split())[:200]})"
            ) from error

    def _checked(self, answer: Any) -> Floats:
        """Return an answer as (1, C, h', w'), if it is as declared."""
        side = self.declaration.output
        shape, axes = np.shape(answer), LAYOUTS[side.layout]
        if len(shape) != 4 or 0 in shape or shape[0] != 1 or shape[axes[1]] != side.count:
            raise PluginError(
                f"{self.path}: expected an answer of {side.count} channels ({side.channels}) in "
                f"{side.layout}, found the shape {shape}; correct the output in its declaration"
            )
        if not np.isfinite(answer).all():
            raise PluginError(
                f"{self.path}: expected an answer in numbers, found NaN or infinity; "
                "check channels, mean and std of the input in its declaration"
            )
        return np.asarray(answer, np.float32).transpose(axes)

    def _fixed(self) -> list[int] | None:
        """Return the height and width of the graph's input, where it takes no others."""
        axes = LAYOUTS[self.declaration.input.layout]
        sides = [self._input.shape[axis] for axis in axes[2:]]
        return sides if all(isinstance(side, int) for side in sides) else None

    def _tensors(self) -> tuple[Any, Any]:
        """Return the graph's input and output, if they can be as declared."""
        side, named = self.declaration.input, self.declaration.output.tensor
        inputs, outputs = self.session.get_inputs(), self.session.get_outputs()
        shape = list(inputs[0].shape) if len(inputs) == 1 else []
        at = shape[LAYOUTS[side.layout][1]] if len(shape) == 4 else 0
        fits = not isinstance(at, int) or at == side.count
        if not fits or inputs[0].type not in TYPES:
            found = ", ".join(f"{one.name} {one.type}{list(one.shape)}" for one in inputs)
            raise UsageError(
                f"{self.path}: expected one input of {side.count} channels ({side.channels}) in "
                f"{side.layout}, of {', '.join(TYPES)}, found {found or 'none'}; correct the input "
                "in its declaration, or export the graph to take the picture alone"
            )
        chosen = [one for one in outputs if named in ("", one.name)]
        if len(chosen) != 1:
            raise UsageError(
                f"{self.path}: expected one output, or the name of one as tensor in its "
                f"declaration, found {', '.join(one.name for one in outputs)}; name one of them"
            )
        return inputs[0], chosen[0]


def start(path: Path) -> Any:
    """Load a graph into ONNX Runtime, on the CPU; UsageError when it cannot be."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    options.intra_op_num_threads = thread_count()
    for name, value in SETTINGS.items():
        options.add_session_config_entry(name, value)
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=[PROVIDERS["cpu"]])
    except Exception as error:
        raise UsageError(
            f"{path}: expected an ONNX file that ONNX Runtime can load, found one that it "
            f"cannot; check the name, or export it again ({' '.join(str(error).split())[:200]})"
        ) from error


def resized(planes: Tensor, size: Iterable[int]) -> Tensor:
    """Bring (N, C, h, w) to another height and width, linearly; shrinking, by all its pixels."""
    target = list(size)
    if target == list(planes.shape[-2:]):
        return planes
    return F.interpolate(planes, target, mode="bilinear", antialias=True)


def channels_of(luma: Floats, channels: str) -> Floats:
    """Turn L / 100 (1, 1, h, w) into what a graph sees: L 0..100, or sRGB of that gray 0..1."""
    if channels == "L":
        return 100 * luma
    none = np.zeros((1, 2, 1, 1), np.float32)
    rgb = kernels.merge_chroma(100 * luma[:, 0], none, dtype=np.float32, channel_axis=-3)
    return rgb[:, : Input.KNOWN[channels]]


def chroma_of(L: Floats, planes: Floats, channels: str) -> Floats:
    """Turn a graph's channels (N, C, H, W) at L (N, 1, H, W) into u*, v* (N, 2, H, W).

    Examples
    --------
    >>> L, none = np.full((1, 1, 1, 1), 50, np.float32), np.zeros((1, 2, 1, 1), np.float32)
    >>> chroma_of(L, none, "ab").round(3).ravel().tolist()
    [0.0, 0.0]
    """
    if channels == "uv":
        return planes
    if channels == "ab":
        return ab_to_uv(L, planes)
    rgb = (planes[:, ::-1] if channels == "bgr" else planes).clip(0, 1)
    return kernels.rgb_to_luv(np.ascontiguousarray(rgb), channel_axis=-3)[:, 1:]


def ab_to_uv(L: Floats, ab: Floats) -> Floats:
    """Turn CIELAB a*, b* (N, 2, H, W) at L (N, 1, H, W) into u*, v*, both for D65.

    Notes
    -----
    Source: CIE 15:2004 (CIELAB, its inverse, CIELUV). X and Z below 0 are taken for 0.

    Examples
    --------
    >>> L, ab = np.full((1, 1, 1, 1), 53.24), np.array([80.09, 67.2]).reshape(1, 2, 1, 1)
    >>> ab_to_uv(L, ab).round().ravel().tolist()
    [175.0, 38.0]
    """
    middle = (L + 16) / 116
    f = np.concatenate([middle + ab[:, :1] / 500, middle, middle - ab[:, 1:] / 200], 1)
    xyz = np.where(f**3 > c.EPSILON, f**3, (116 * f - 16) / c.KAPPA).clip(0)
    x, y, z = np.split(xyz * c.D65_WHITE.reshape(3, 1, 1), 3, 1)
    weight = x + 15 * y + 3 * z
    weight[weight == 0] = 1
    uv = np.concatenate([4 * x / weight - c.WHITE_U, 9 * y / weight - c.WHITE_V], 1)
    return np.asarray(13 * L * uv, np.float32)
