"""How the pixels of arrays lie in memory: runs of equal length, some distance apart.

A kernel walks over ``pictures`` runs of ``length`` pixels. Channel c of pixel j of run p is element
``p * step + j * pixel + c * channel`` of the array. Interleaved and planar pictures, batches,
crops, rows taken by a step and the colours of RGBA pixels are all of this form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from luvcolor_kernels.views import REMEMBERED, View

STRIDED, PLANAR, INTERLEAVED = 0, 1, 2
"""One element at a time; or four pixels at a time, from three planes or from twelve neighbours."""


@dataclass(frozen=True, slots=True)
class Run:
    """Where the pixels of one array lie, in elements."""

    step: int
    channel: int
    pixel: int
    layout: int

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The distances, in the order in which kernels take them."""
        return self.step, self.channel, self.pixel


def common_runs(
    arrays: Sequence[tuple[View, int | None]], names: Sequence[str]
) -> tuple[int, int, tuple[Run, ...]]:
    """Return how many runs there are, how long they are, and where they lie in each array.

    Parameters
    ----------
    arrays
        Views with the axis of their channels, or None. Without it, all are of one shape.
    names
        What to call the arrays in errors.

    Raises
    ------
    ValueError
        If the runs of an array are not the same distance apart.
    """
    return _common_runs(tuple((view.outline, axis) for view, axis in arrays), tuple(names))


@lru_cache(REMEMBERED)
def _common_runs(
    arrays: tuple[tuple[View, int | None], ...], names: tuple[str, ...]
) -> tuple[int, int, tuple[Run, ...]]:
    axes = [_pixel_axes(view, axis) for view, axis in arrays]
    kept = min(_merged(pixels)[0] for pixels in axes)
    runs = []
    length = pictures = 1
    for (view, axis), pixels, name in zip(arrays, axes, names, strict=True):
        inner, outer = pixels[len(pixels) - kept :], pixels[: len(pixels) - kept]
        length, pixel = _fold(inner, name, view)
        pictures, step = _fold(outer, name, view)
        channel = 0 if axis is None else view.strides[axis]
        steps = (step,) if pictures > 1 else ()
        runs.append(Run(step, channel, pixel, _layout(view, axis, steps, channel, pixel)))
    return pictures, length, tuple(runs)


def _pixel_axes(view: View, axis: int | None) -> list[tuple[int, int]]:
    """Length and stride of the axes other than the channels'; those of length 1 say nothing."""
    both = zip(view.shape, view.strides, strict=True)
    return [pair for i, pair in enumerate(both) if i != axis and pair[0] != 1]


def _merged(axes: list[tuple[int, int]]) -> tuple[int, int]:
    """How many axes, from the last, go through memory at one pace; and for how many pixels."""
    count, length = 0, 1
    for size, stride in reversed(axes):
        if count and stride != length * axes[-1][1]:
            break
        count, length = count + 1, length * size
    return count, length


def _fold(axes: list[tuple[int, int]], name: str, view: View) -> tuple[int, int]:
    """Return the length and stride of the one axis that several amount to."""
    count, length = _merged(axes)
    if count != len(axes):
        raise ValueError(
            f"{name} of shape {view.shape} has strides {view.strides} that no kernel reads; "
            "pass a contiguous copy"
        )
    return length, axes[-1][1] if axes else 0


def _layout(view: View, axis: int | None, steps: tuple[int, ...], channel: int, pixel: int) -> int:
    """Whether four pixels can be taken at a time: every group of four is to lie on a multiple.

    ``steps`` are the distances from one run to another, if there are several.
    """
    if view.address % (4 * view.item_size) or any(step % 4 for step in steps):
        return STRIDED
    if axis is not None and (pixel, channel) == (3, 1):
        return INTERLEAVED
    return PLANAR if pixel == 1 and channel % 4 == 0 else STRIDED


def rows_of(view: View, axis: int | None) -> Run:
    """Where the pixels of each row lie: step is from row to row."""
    return _rows_of(view.outline, axis)


@lru_cache(REMEMBERED)
def _rows_of(view: View, axis: int | None) -> Run:
    pixels = [i for i in range(len(view.shape)) if i != axis]
    pitch, pixel = (view.strides[i] for i in pixels[-2:])
    channel = 0 if axis is None else view.strides[axis]
    batch = view.strides[pixels[0]] if len(pixels) == 3 else 0
    return Run(pitch, channel, pixel, _layout(view, axis, (pitch, batch), channel, pixel))
