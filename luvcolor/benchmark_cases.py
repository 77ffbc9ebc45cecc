"""What the short benchmark does: luvcolor's kernels, the same by others, and a whole picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

import luvcolor_kernels as kernels
from luvcolor.benchmark import Call, Case

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cases"]

SEEN = 224
"""The size at which the model of the kernel benchmarks sees pictures; half of theirs at most."""
LAUNCHES = 20
"""Calls on a GPU between two waits for it."""
COPY_BLOCK = 1 << 18
OURS, INTO = "luvcolor", "luvcolor, out="
OPENCV, SKIMAGE = "OpenCV, float32", "scikit-image, float32"

Make = Callable[[], Case | str]
"""Makes a case when its turn comes, or says why there is none."""


def cases(sizes: Mapping[str, tuple[int, int]]) -> tuple[dict[str, Make], dict[str, str]]:
    """Return what is measured, in order, and who is left out of it, with the reason."""
    makers: dict[str, Make] = {}
    for name, size in sizes.items():
        for task, make in KERNELS.items():
            makers[f"{task}, {name}"] = partial(make, f"{task}, {name}", picture(*size))
    name, size = next(iter(sizes.items()))
    makers[f"copy of float32 pixels, {name}"] = partial(_copy, name, size)
    makers[f"colorize, {name}"] = partial(_colorize, f"colorize, {name}", size)
    left_out = {} if find_spec("cv2") else {"OpenCV": "pip install opencv-python-headless"}
    return makers, left_out


def picture(height: int, width: int) -> NDArray[np.uint8]:
    """Return smooth colours with some noise, (height, width, 3)."""
    rng = np.random.default_rng(0)
    y, x = np.ogrid[:height, :width]
    waves = [np.sin(y / (31 + 9 * c)) + np.cos(x / (57 - 8 * c)) for c in range(3)]
    noise = rng.integers(-6, 7, (height, width, 3), np.int8)
    smooth = np.stack([np.rint(128 + 55 * wave).astype(np.int16) for wave in waves], -1)
    result: NDArray[np.uint8] = (smooth + noise).clip(0, 255).astype(np.uint8)
    return result


def _to_luv(task: str, rgb: NDArray[Any]) -> Case:
    out = np.empty(rgb.shape, np.float32)
    calls: dict[str, Call] = {
        OURS: lambda: kernels.rgb_to_luv(rgb),
        INTO: lambda: kernels.rgb_to_luv(rgb, out=out),
        SKIMAGE: lambda: _skimage().rgb2luv(_scaled(rgb)),
    }
    if cv2 := _opencv():
        calls[OPENCV] = lambda: cv2.cvtColor(_scaled(rgb), cv2.COLOR_RGB2Luv)
    return _with_gpu(Case(task, rgb.size // 3, calls), "rgb_to_luv", [rgb])


def _to_rgb(task: str, rgb: NDArray[Any]) -> Case:
    luv, out = kernels.rgb_to_luv(rgb), np.empty_like(rgb)
    calls: dict[str, Call] = {
        OURS: lambda: kernels.luv_to_rgb(luv),
        INTO: lambda: kernels.luv_to_rgb(luv, out=out),
        SKIMAGE: lambda: np.rint(_skimage().luv2rgb(luv) * 255).astype(np.uint8),
    }
    if cv2 := _opencv():
        calls[OPENCV] = lambda: _to_bytes(cv2, cv2.cvtColor(luv, cv2.COLOR_Luv2RGB))
    return _with_gpu(Case(task, rgb.size // 3, calls), "luv_to_rgb", [luv])


def _to_input(task: str, rgb: NDArray[Any]) -> Case:
    size = _seen(rgb)
    calls: dict[str, Call] = {OURS: lambda: kernels.luma_to_input(rgb, size)}
    if cv2 := _opencv():

        def by_opencv() -> Any:
            lab = cv2.cvtColor(_scaled(rgb), cv2.COLOR_RGB2Lab)
            light = cv2.extractChannel(lab, 0)
            return cv2.resize(light, size[::-1], interpolation=cv2.INTER_AREA)[None, None] / 100

        calls[OPENCV] = by_opencv
    return _with_gpu(Case(task, rgb.size // 3, calls), "luma_to_input", [rgb], size=size)


def _merge(task: str, rgb: NDArray[Any]) -> Case:
    light, size = kernels.luminance(rgb), _seen(rgb)
    uv = np.random.default_rng(1).normal(0, 30, (2, *size)).astype(np.float32)
    calls: dict[str, Call] = {OURS: lambda: kernels.merge_chroma(light, uv)}
    if cv2 := _opencv():

        def by_opencv() -> Any:
            wide = [cv2.resize(plane, light.shape[::-1]) for plane in uv]
            luv = cv2.merge([light, *wide])
            return _to_bytes(cv2, cv2.cvtColor(luv, cv2.COLOR_Luv2RGB))

        calls[f"{OPENCV}, clipped"] = by_opencv
    return _with_gpu(Case(task, light.size, calls), "merge_chroma", [light, uv])


KERNELS: dict[str, Callable[[str, NDArray[Any]], Case]] = {
    "uint8 to LUV float32": _to_luv,
    "LUV float32 to uint8": _to_rgb,
    "uint8 to what a model sees": _to_input,
    "L and small chroma to uint8": _merge,
}


def _copy(name: str, size: tuple[int, int]) -> Case:
    """Copy on as many threads as luvcolor has: what memory allows."""
    from luvcolor_kernels.threads import run_blocks

    pixels = size[0] * size[1]
    source, target = np.full(3 * pixels, 0.5, np.float32), np.empty(3 * pixels, np.float32)

    def copy(start: int, stop: int) -> None:
        np.copyto(target[start:stop], source[start:stop])

    calls = {"NumPy": lambda: run_blocks(copy, source.size, COPY_BLOCK)}
    return Case(f"copy of float32 pixels, {name}", pixels, calls)


def _colorize(task: str, size: tuple[int, int]) -> Case | str:
    from luvcolor.checkpoint import find_checkpoint
    from luvcolor.colorization import Engine
    from luvcolor.errors import CheckpointError, UsageError
    from luvcolor.frame import Frame

    try:
        engine = Engine.open(find_checkpoint(None))
    except (CheckpointError, UsageError) as error:
        return str(error)
    frame = Frame(np.ascontiguousarray(picture(*size)[..., 1]))
    who = f"{engine.receipt['checkpoint']} on {engine.receipt['device']}"
    return Case(task, size[0] * size[1], {who: lambda: engine(frame)})


def _with_gpu(case: Case, kernel: str, arrays: list[NDArray[Any]], **options: Any) -> Case:
    """Add luvcolor's backends for a GPU, where there is one; arrays lie there already."""
    import torch

    if not torch.cuda.is_available():
        return case
    tensors = [torch.from_numpy(array).cuda() for array in arrays]
    calls = dict(case.calls)
    for backend in _gpu_backends():
        run = partial(getattr(kernels, kernel), *tensors, backend=backend, **options)
        calls[f"luvcolor, {backend}"] = partial(_repeat, run, torch.cuda.synchronize)
    launches = {who: LAUNCHES for who in calls if who not in case.calls}
    return Case(case.task, case.pixels, calls, launches)


def _repeat(run: Call, wait: Call) -> None:
    for _ in range(LAUNCHES):
        run()
    wait()


def _gpu_backends() -> list[str]:
    """Return the backends for a GPU that run here."""
    from luvcolor_kernels.backends import BACKENDS, problem

    return [name for name in BACKENDS if name != "cpu" and problem(name) is None]


def _seen(rgb: NDArray[Any]) -> tuple[int, int]:
    height, width = rgb.shape[:2]
    return min(SEEN, max(1, height // 2)), min(SEEN, max(1, width // 2))


def _scaled(rgb: NDArray[Any]) -> NDArray[np.float32]:
    result: NDArray[np.float32] = np.multiply(rgb, np.float32(1 / 255), dtype=np.float32)
    return result


def _to_bytes(cv2: Any, rgb: Any) -> Any:
    return cv2.convertScaleAbs(rgb, alpha=255)


def _skimage() -> Any:
    return import_module("skimage.color")


def _opencv() -> Any:
    return import_module("cv2") if find_spec("cv2") else None
