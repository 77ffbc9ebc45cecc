"""The kernels on a GPU, up to the launch: checks, layouts and grids, the same for both backends.

A backend is an engine: it runs a kernel of a given name and variant. The variant says what is fixed
when the kernel is compiled, the arguments what is not. Nothing here copies an array or waits for
the GPU; what cannot be read in place is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from operator import index
from typing import Any, Protocol

import numpy as np

from luvcolor_kernels.gpu_checks import (
    channels_of,
    channels_or_gray,
    check_guided,
    check_normalization,
    checked_contiguous,
    checked_size,
    checked_type,
    dtype_name,
    shape_text,
)
from luvcolor_kernels.libraries import Library, Place, library_of
from luvcolor_kernels.runs import common_runs, rows_of
from luvcolor_kernels.views import View

Argument = View | np.int64 | np.float32
Variant = dict[str, str | int]

RGB_TYPES = ("uint8", "uint16", "float16", "float32")
FLOATS = ("float16", "float32")
MODEL_FLOATS = ("float16", "bfloat16", "float32")
THREADS = 256
WIDE, HIGH = 32, 8
"""Threads of a block across and down a picture: together THREADS."""
BLOCKS_PER_MULTIPROCESSOR = 32
"""So many keep it busy, however long each takes."""
MOST_ROWS = 65535
"""The most blocks that a grid may have in its second dimension."""


class Engine(Protocol):
    """What a backend does."""

    def blocks(self, place: Place) -> int:
        """Return about how many blocks keep the GPU busy; kernels walk on from there."""
        ...

    def run(
        self,
        kernel: str,
        variant: Variant,
        grid: tuple[int, int],
        block: tuple[int, int],
        arguments: Sequence[Argument],
        place: Place,
    ) -> None:
        """Launch a kernel on a stream, and do not wait."""
        ...


class Kernels:
    """The public kernels, run by one engine.

    Parameters
    ----------
    engine
        What compiles and launches.
    library
        Finds the library of an array; tests give one for arrays that are on no GPU.
    """

    def __init__(self, engine: Engine, library: Callable[[Any], Library] = library_of) -> None:
        self.engine, self.library = engine, library

    def rgb_to_luv(self, rgb: Any, *, dtype: Any, channel_axis: int, out: Any) -> Any:
        """Run luvcolor_kernels.rgb_to_luv."""
        return self._convert(
            "rgb_to_luv", rgb, "rgb", RGB_TYPES, dtype_name(dtype, FLOATS), channel_axis, out
        )

    def luv_to_rgb(self, luv: Any, *, dtype: Any, channel_axis: int, out: Any) -> Any:
        """Run luvcolor_kernels.luv_to_rgb."""
        return self._convert(
            "luv_to_rgb", luv, "luv", FLOATS, dtype_name(dtype, RGB_TYPES), channel_axis, out
        )

    def _convert(
        self,
        kernel: str,
        array: Any,
        name: str,
        types: tuple[str, ...],
        dtype: str,
        channel_axis: int,
        out: Any,
    ) -> Any:
        """Convert pixels to pixels of the same shape."""
        library, source = self._look(array, name, types)
        axis = channels_of(source, channel_axis, name)
        result, target = self._result(library, array, source.shape, dtype, out, source)
        if not source.empty:
            pictures, length, (read, write) = common_runs(
                [(source, axis), (target, axis)], [name, "out"]
            )
            variant: Variant = {
                "IN": source.dtype,
                "OUT": dtype,
                "IN_LAYOUT": read.layout,
                "OUT_LAYOUT": write.layout,
            }
            numbers = (pictures, length, *read.numbers, *write.numbers)
            self._walk(kernel, variant, [source, target], numbers, library.place(array))
        return result

    def luminance(self, rgb_or_gray: Any, *, channel_axis: int | None, out: Any) -> Any:
        """Run luvcolor_kernels.luminance."""
        library, source = self._look(rgb_or_gray, "rgb_or_gray", RGB_TYPES)
        axis = channels_or_gray(source, channel_axis)
        shape = tuple(size for i, size in enumerate(source.shape) if i != axis)
        result, target = self._result(library, rgb_or_gray, shape, "float32", out, source)
        if not target.empty:
            pictures, length, (read, write) = common_runs(
                [(source, axis), (target, None)], ["rgb_or_gray", "out"]
            )
            variant: Variant = {
                "IN": source.dtype,
                "CHANNELS": 1 if axis is None else 3,
                "IN_LAYOUT": read.layout,
                "OUT_LAYOUT": write.layout,
            }
            numbers = (pictures, length, *read.numbers, write.step, write.pixel)
            self._walk("luminance", variant, [source, target], numbers, library.place(rgb_or_gray))
        return result

    def _walk(
        self,
        kernel: str,
        variant: Variant,
        views: Sequence[View],
        numbers: tuple[int, ...],
        place: Place,
    ) -> None:
        """Launch a kernel over runs of pixels; ``numbers`` start with how many and how long."""
        pictures, length = numbers[:2]
        rows = min(pictures, MOST_ROWS)
        needed = -(-length // (4 * THREADS))
        columns = max(1, min(needed, -(-self.engine.blocks(place) // rows)))
        arguments: list[Argument] = [*views, *map(np.int64, numbers)]
        self.engine.run(kernel, variant, (columns, rows), (THREADS, 1), arguments, place)

    def luma_to_input(
        self,
        rgb_or_gray: Any,
        size: tuple[int, int],
        *,
        channel_axis: int | None,
        mean: float,
        std: float,
        dtype: Any,
        out: Any,
    ) -> Any:
        """Run luvcolor_kernels.luma_to_input."""
        library, source = self._look(rgb_or_gray, "rgb_or_gray", RGB_TYPES)
        axis = channels_or_gray(source, channel_axis)
        check_normalization(mean, std)
        small = checked_size(size)
        pixels = [i for i in range(len(source.shape)) if i != axis]
        if len(pixels) not in (2, 3):
            raise ValueError(
                f"rgb_or_gray must be a picture or a batch of pictures, found {source.shape}"
            )
        pictures = source.shape[pixels[0]] if len(pixels) == 3 else 1
        dtype = dtype_name(dtype, MODEL_FLOATS)
        shape = (pictures, 1, *small)
        result, target = self._result(library, rgb_or_gray, shape, dtype, out, source)
        if not target.contiguous:
            raise ValueError("out must be contiguous")
        place = library.place(rgb_or_gray)
        self._shrink(source, axis, target, is_light=False, mean=mean, std=std, place=place)
        return result

    def _shrink(
        self,
        source: View,
        axis: int | None,
        target: View,
        *,
        is_light: bool,
        mean: float,
        std: float,
        place: Place,
    ) -> None:
        """Average lightness over areas; ``is_light`` says that floats are lightness already."""
        pixels = [i for i in range(len(source.shape)) if i != axis]
        height, width = (source.shape[i] for i in pixels[-2:])
        if target.empty:
            return
        if height == 0 or width == 0:
            raise ValueError(f"expected pictures with pixels, found shape {source.shape}")
        step = source.strides[pixels[0]] if len(pixels) == 3 else 0
        pitch, pixel = (source.strides[i] for i in pixels[-2:])
        channel = 0 if axis is None else source.strides[axis]
        h, w = target.shape[-2:]
        tile = max(1, min(w, THREADS, 4 * THREADS * w // width))
        variant: Variant = {
            "IN": source.dtype,
            "OUT": target.dtype,
            "CHANNELS": 1 if axis is None else 3,
            "IS_LIGHT": int(is_light),
        }
        numbers = (prod(target.shape[:-2]), height, width, step, pitch, pixel, channel, h, w, tile)
        scale = (np.float32(1.0 / std), np.float32(-mean / std))
        rows = min(numbers[0] * h, MOST_ROWS)
        self.engine.run(
            "luma_to_input",
            variant,
            (-(-w // tile), rows),
            (THREADS, 1),
            [source, target, *map(np.int64, numbers), *scale],
            place,
        )

    def merge_chroma(
        self, L: Any, uv: Any, *, slope: Any, dtype: Any, channel_axis: int, out: Any
    ) -> Any:
        """Run luvcolor_kernels.merge_chroma."""
        library, light = self._light(L)
        chroma = self._small(uv, "uv", light, library)
        follow = None if slope is None else self._small(slope, "slope", light, library)
        if follow is not None and (follow.shape, follow.dtype) != (chroma.shape, chroma.dtype):
            raise ValueError(
                f"slope must be of uv's shape {chroma.shape} and type {chroma.dtype}, "
                f"found {follow.shape} and {follow.dtype}"
            )
        result, target, axis = self._colors(library, L, light, dtype, channel_axis, out)
        if target.overlaps(chroma) or (follow is not None and target.overlaps(follow)):
            raise ValueError("out must lie apart from uv and slope; this one overlaps")
        self._merge(light, chroma, follow, target, axis, library.place(L))
        return result

    def chroma_to_rgb(
        self,
        L: Any,
        uv: Any,
        *,
        guide: Any,
        radius: int,
        noise: float,
        steepest: float,
        dtype: Any,
        channel_axis: int,
        out: Any,
    ) -> Any:
        """Run luvcolor_kernels.chroma_to_rgb."""
        library, light = self._light(L)
        chroma = self._small(uv, "uv", light, library)
        check_guided(radius, noise, steepest)
        result, target, axis = self._colors(library, L, light, dtype, channel_axis, out)
        if target.empty:
            return result
        place = library.place(L)
        shape = (*chroma.shape[:-3], *chroma.shape[-2:])
        if guide is None:
            small = library.view(library.empty(shape, "float32", L))
            self._shrink(light, None, small, is_light=True, mean=0.0, std=1.0, place=place)
        else:
            small = self._guide(guide, shape, library)
        local, offset, follow = (
            library.view(library.empty(chroma.shape, "float32", L)) for _ in range(3)
        )
        variant: Variant = {"LIGHT": small.dtype, "UV": chroma.dtype}
        numbers = [np.int64(n) for n in (prod(shape[:-2]), *shape[-2:], index(radius))]
        grid = (max(1, min(self.engine.blocks(place), -(-prod(shape) // THREADS))), 1)
        inputs = [small, chroma, local]
        steps: dict[str, list[Argument]] = {
            "local_slope": [*inputs, *numbers, np.float32(noise)],
            "smooth_slope": [*inputs, offset, follow, *numbers, np.float32(steepest)],
        }
        for kernel, arguments in steps.items():
            self.engine.run(kernel, variant, grid, (THREADS, 1), arguments, place)
        self._merge(light, offset, follow, target, axis, place)
        return result

    def _merge(
        self,
        light: View,
        chroma: View,
        slope: View | None,
        target: View,
        axis: int,
        place: Place,
    ) -> None:
        if target.empty:
            return
        pixels = [i for i in range(len(target.shape)) if i != axis]
        read, write = rows_of(light, None), rows_of(target, axis)
        variant: Variant = {
            "LIGHT": light.dtype,
            "UV": chroma.dtype,
            "OUT": target.dtype,
            "FOLLOW": int(slope is not None),
            "LIGHT_LAYOUT": read.layout,
            "OUT_LAYOUT": write.layout,
        }
        height, width = (target.shape[i] for i in pixels[-2:])
        pictures = target.shape[pixels[0]] if len(pixels) == 3 else 1
        batched = len(pixels) == 3
        numbers = (
            *(pictures, height, width, *chroma.shape[-2:]),
            *(light.strides[0] if batched else 0, read.step, read.pixel),
            *(target.strides[pixels[0]] if batched else 0, *write.numbers),
        )
        columns = -(-width // (4 * WIDE))
        needed = -(-pictures * height // HIGH)
        rows = min(needed, MOST_ROWS, -(-self.engine.blocks(place) // columns))
        views = [light, chroma, slope or chroma, target]
        self.engine.run(
            "merge_chroma",
            variant,
            (columns, rows),
            (WIDE, HIGH),
            [*views, *map(np.int64, numbers)],
            place,
        )

    def _look(self, array: Any, name: str, types: tuple[str, ...]) -> tuple[Library, View]:
        """Return the library and the memory of an argument, after checking its type."""
        library = self.library(array)
        return library, checked_type(library.view(array), name, types)

    def _light(self, L: Any) -> tuple[Library, View]:
        library, light = self._look(L, "L", (*RGB_TYPES, "bfloat16"))
        if len(light.shape) not in (2, 3):
            raise ValueError(f"L must be of shape (H, W) or (N, H, W), found {light.shape}")
        return library, light

    def _beside(self, array: Any, name: str, types: tuple[str, ...], library: Library) -> View:
        """Look at an argument that must belong to the same library as the first."""
        if self.library(array) is not library:
            raise TypeError(
                f"{name} must be of the library of the first argument, {library.name}, "
                f"not {type(array).__name__}"
            )
        return checked_type(library.view(array), name, types)

    def _small(self, value: Any, name: str, light: View, library: Library) -> View:
        view = self._beside(value, name, MODEL_FLOATS, library)
        batch = light.shape[:-2]
        fits = len(view.shape) == 3 + len(batch) and view.shape[: len(batch)] == batch
        if not fits or view.shape[-3] != 2 or (0 in view.shape[-2:] and not light.empty):
            raise ValueError(
                f"{name} must be of shape {shape_text(batch, '2', 'h', 'w')} "
                f"with h and w at least 1, found {view.shape}"
            )
        return checked_contiguous(view, name)

    def _guide(self, guide: Any, shape: tuple[int, ...], library: Library) -> View:
        view = self._beside(guide, "guide", MODEL_FLOATS, library)
        if view.shape not in (shape, (*shape[:-2], 1, *shape[-2:])):
            raise ValueError(f"guide must be of shape {shape}, the size of uv, found {view.shape}")
        return checked_contiguous(view, "guide")

    def _colors(
        self, library: Library, L: Any, light: View, dtype: Any, channel_axis: int, out: Any
    ) -> tuple[Any, View, int]:
        """Return the RGB result for a lightness, and the axis of its channels."""
        if channel_axis not in (-1, -3):
            raise ValueError(
                f"channel_axis must be -1 (interleaved) or -3 (planar), not {channel_axis!r}"
            )
        shape = list(light.shape)
        shape.insert(len(shape) if channel_axis == -1 else len(shape) - 2, 3)
        name = dtype_name(dtype, RGB_TYPES)
        result, target = self._result(library, L, tuple(shape), name, out, light)
        return result, target, len(shape) + channel_axis

    def _result(
        self,
        library: Library,
        like: Any,
        shape: tuple[int, ...],
        dtype: str,
        out: Any,
        source: View,
    ) -> tuple[Any, View]:
        """Return ``out`` after checking it, or a new array; and its memory."""
        if out is None:
            result = library.empty(shape, dtype, like)
            return result, library.view(result)
        view = self._beside(out, "out", (dtype,), library)
        if view.shape != shape:
            raise ValueError(f"out must be of shape {shape}, not {view.shape}")
        if view.overlaps(source) and not view.same(source):
            raise ValueError("out must be the input itself or lie apart from it; this one overlaps")
        return out, view


def clustering(name: str, engine: Engine) -> Callable[..., Any]:
    """Return a kernel of clustering: its start is made by kernels for the CPU, loaded when used."""

    def run(*arguments: Any, **named: Any) -> Any:
        from luvcolor_kernels.gpu_clustering import Clustering

        return getattr(Clustering(engine), name)(*arguments, **named)

    return run
