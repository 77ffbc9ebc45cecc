"""Layouts, views, out= and errors, the same for every kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import (
    BackendError,
    chroma_to_rgb,
    kmeans,
    luma_to_input,
    luminance,
    luv_to_rgb,
    merge_chroma,
    nearest,
    reference,
    rgb_to_luv,
)

Array = npt.NDArray[Any]

RGB = np.random.default_rng(0).integers(0, 256, (5, 41, 37, 3), np.uint8)
LUV = rgb_to_luv(RGB)


def assert_same_to_the_last_bit_but_one(found: Array, expected: Array) -> None:
    """Vector code and the rest of a loop round differently, so layouts differ by a bit or two."""
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=2e-5)


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1, -2, -3, -4])
def test_channels_may_lie_along_any_axis(axis: int) -> None:
    rgb, luv = np.ascontiguousarray(np.moveaxis(RGB, -1, axis)), np.moveaxis(LUV, -1, axis)
    assert_same_to_the_last_bit_but_one(rgb_to_luv(rgb, channel_axis=axis), luv)
    np.testing.assert_array_equal(luv_to_rgb(luv, channel_axis=axis), rgb)
    assert_same_to_the_last_bit_but_one(luminance(rgb, channel_axis=axis), luminance(RGB))


@pytest.mark.parametrize(
    "view",
    [
        np.s_[:, ::2],
        np.s_[:, :, ::-1],
        np.s_[:, 3:, 5:],
        np.s_[..., ::-1],
        np.s_[::2, ::3, ::5],
        np.s_[:1, :1, :1],
    ],
    ids=str,
)
def test_views_are_read_as_they_are_seen(view: Any) -> None:
    rgb = RGB[view]
    np.testing.assert_allclose(rgb_to_luv(rgb), reference.rgb_to_luv(rgb), rtol=0, atol=1e-4)
    np.testing.assert_array_equal(luv_to_rgb(rgb_to_luv(rgb)), rgb)
    planar = rgb.transpose(0, 3, 1, 2)
    luv = rgb_to_luv(planar, channel_axis=-3)
    assert_same_to_the_last_bit_but_one(luv, rgb_to_luv(rgb).transpose(0, 3, 1, 2))


@pytest.mark.parametrize("shape", [(0, 3), (0, 7, 3), (4, 0, 3)], ids=str)
def test_empty_arrays_give_empty_arrays(shape: tuple[int, ...]) -> None:
    assert rgb_to_luv(np.empty(shape, np.uint8)).shape == shape
    assert luv_to_rgb(np.empty(shape, np.float32)).shape == shape
    assert luminance(np.empty(shape, np.uint8)).size == 0
    assert nearest(np.empty(shape, np.uint8), np.zeros((2, 3))).shape == shape[:-1]


def test_bytes_of_the_other_order_are_read_as_they_are() -> None:
    swapped = RGB.astype(">u2")
    np.testing.assert_array_equal(rgb_to_luv(swapped), rgb_to_luv(RGB.astype(np.uint16)))


def test_no_picture_can_be_merged() -> None:
    merged = merge_chroma(np.empty((0, 4), np.float32), np.zeros((2, 1, 1), np.float32))
    assert merged.shape == (0, 4, 3)


def test_out_receives_the_result() -> None:
    out = np.empty(RGB.shape, np.float32)
    assert rgb_to_luv(RGB, out=out) is out
    np.testing.assert_array_equal(out, LUV)
    back = np.empty(RGB.shape, np.uint8)
    assert luv_to_rgb(LUV, out=back) is back
    np.testing.assert_array_equal(back, RGB)
    light = np.empty(RGB.shape[:-1], np.float32)
    assert luminance(RGB, out=light) is light
    np.testing.assert_array_equal(light, luminance(RGB))


def test_out_may_be_any_view() -> None:
    wide = np.zeros((5, 82, 37, 3), np.float32)
    rgb_to_luv(RGB, out=wide[:, ::2])
    assert_same_to_the_last_bit_but_one(wide[:, ::2], LUV)
    assert not wide[:, 1::2].any()
    planes = np.zeros((5, 3, 41, 37), np.float32)
    rgb_to_luv(RGB, out=planes.transpose(0, 2, 3, 1))
    assert_same_to_the_last_bit_but_one(planes, LUV.transpose(0, 3, 1, 2))
    light = np.zeros((5, 41, 74), np.float32)
    luminance(RGB, out=light[..., ::2])
    np.testing.assert_array_equal(light[..., ::2], luminance(RGB))


def test_out_may_be_the_input() -> None:
    rgb = np.random.default_rng(1).random((31, 33, 3), np.float32)
    expected = rgb_to_luv(rgb)
    turned = rgb.copy()
    rgb_to_luv(rgb, out=rgb)
    np.testing.assert_array_equal(rgb, expected)
    rgb_to_luv(turned, out=turned[::-1])
    np.testing.assert_array_equal(turned[::-1], expected)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_luv_comes_in_other_float_types(dtype: str) -> None:
    luv = rgb_to_luv(RGB, dtype=dtype)
    assert luv.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(luv, LUV.astype(dtype))


LIGHT = np.zeros((4, 4), np.float32)
UV = np.zeros((2, 2, 2), np.float32)
READ_ONLY = np.zeros(RGB.shape, np.float32)
READ_ONLY.flags.writeable = False

WRONG = [
    (lambda: rgb_to_luv(RGB.astype(int)), TypeError, r"rgb must be one of uint8.*not int64"),
    (lambda: rgb_to_luv(RGB[..., :2]), ValueError, r"3 channels along axis -1, found shape .*2\)"),
    (lambda: rgb_to_luv(RGB, channel_axis=7), ValueError, "channel_axis=7 is out of range"),
    (lambda: rgb_to_luv(RGB, channel_axis=1.5), TypeError, "must be an integer"),  # type: ignore[arg-type]
    (lambda: rgb_to_luv(RGB, dtype="uint8"), TypeError, "dtype must be one of float16.*not uint8"),
    (lambda: rgb_to_luv(RGB, out=LUV[0]), ValueError, "out must be of shape"),
    (lambda: rgb_to_luv(RGB, out=RGB), TypeError, "out must be of type float32, not uint8"),
    (lambda: rgb_to_luv(RGB, out=[]), TypeError, "out must be a numpy.ndarray"),  # type: ignore[arg-type]
    (lambda: rgb_to_luv(RGB, out=READ_ONLY), ValueError, "writeable"),
    (lambda: rgb_to_luv(RGB, backend="cuda"), ValueError, "known are: cpu, numba, cupy"),
    (lambda: luv_to_rgb(RGB), TypeError, "luv must be one of float16"),
    (lambda: luv_to_rgb(LUV, dtype="int8"), TypeError, "dtype must be one of uint8, uint16"),
    (lambda: luminance(RGB[..., :2]), ValueError, "channel_axis=None for gray"),
    (lambda: luminance(RGB, out=LIGHT), ValueError, "out must be of shape"),
    (lambda: luma_to_input(RGB, 4), ValueError, "size must be two numbers, height and width"),  # type: ignore[arg-type]
    (lambda: luma_to_input(RGB, (4, 4, 4)), ValueError, "size must be two numbers"),  # type: ignore[arg-type]
    (lambda: luma_to_input(RGB, (0, 4)), ValueError, "height in size .* at least 1, not 0"),
    (lambda: luma_to_input(RGB, (4, 4.5)), ValueError, "whole number of at least 1, not 4.5"),  # type: ignore[arg-type]
    (lambda: luma_to_input(RGB, (4, 4), std=0), ValueError, "std must not be 0"),
    (lambda: luma_to_input(RGB, (4, 4), std=np.nan), ValueError, "std must be a finite number"),
    (lambda: luma_to_input(RGB, (4, 4), mean=np.inf), ValueError, "mean must be a finite number"),
    (lambda: luma_to_input(RGB, (4, 4), mean="0"), ValueError, "mean must be a finite number"),  # type: ignore[arg-type]
    (lambda: luma_to_input(RGB, (4, 4), dtype="bfloat16"), TypeError, "NumPy has no bfloat16"),
    (lambda: luma_to_input(RGB, (4, 4), dtype="bf16"), TypeError, "float32, float16, not 'bf16'"),
    (lambda: luma_to_input(RGB, (4, 4), dtype="float64"), TypeError, "float32, float16, not float"),
    (lambda: luma_to_input(RGB.astype(int), (4, 4)), TypeError, "not int64"),
    (lambda: luma_to_input(RGB[..., :2], (4, 4)), ValueError, "channel_axis=None for gray"),
    (lambda: luma_to_input(RGB, (4, 4), channel_axis=None), ValueError, r"\(N, H, W\) for gray"),
    (lambda: luma_to_input(RGB[None], (4, 4)), ValueError, "one picture or a batch"),
    (lambda: luma_to_input(RGB[:, :0], (4, 4)), ValueError, "must have pixels"),
    (lambda: luma_to_input(RGB, (4, 4), out=LUV), ValueError, r"shape \(5, 1, 4, 4\)"),
    (lambda: merge_chroma(LUV, UV), ValueError, r"L must be of shape \(H, W\)"),
    (lambda: merge_chroma(RGB.astype(int), UV), TypeError, "L must be one of uint8.*not int64"),
    (lambda: merge_chroma(LIGHT, UV[0]), ValueError, r"uv must be of shape \(2, h, w\)"),
    (lambda: merge_chroma(LIGHT[None], UV), ValueError, r"uv must be of shape \(1, 2, h, w\)"),
    (lambda: merge_chroma(LIGHT, UV[:, :0]), ValueError, "at least 1"),
    (lambda: merge_chroma(LIGHT, UV, dtype="float64"), TypeError, "dtype must be one of uint8"),
    (lambda: merge_chroma(LIGHT, UV, channel_axis=3), ValueError, "channel_axis=3 is out of"),
    (lambda: merge_chroma(LIGHT, UV, channel_axis=0.5), TypeError, "must be an integer"),  # type: ignore[arg-type]
    (lambda: chroma_to_rgb(LUV, UV), ValueError, r"L must be of shape \(H, W\)"),
    (lambda: chroma_to_rgb(LIGHT, UV[:, :0]), ValueError, "at least 1"),
    (lambda: chroma_to_rgb(LIGHT, UV, guide=LIGHT), ValueError, r"guide must be .*\(2, 2\) or"),
    (lambda: chroma_to_rgb(LIGHT, UV, guide=RGB), TypeError, "guide must be one of float16"),
    (lambda: chroma_to_rgb(LIGHT, UV, radius=17), ValueError, "whole number from 0 to 16, not 17"),
    (lambda: chroma_to_rgb(LIGHT, UV, radius=1.5), ValueError, "whole number from 0 to 16"),  # type: ignore[arg-type]
    (lambda: chroma_to_rgb(LIGHT, UV, noise=0), ValueError, "noise must be above 0"),
    (lambda: chroma_to_rgb(LIGHT, UV, noise=np.nan), ValueError, "noise must be a finite"),
    (lambda: chroma_to_rgb(LIGHT, UV, steepest=-1), ValueError, "steepest not below"),
    (lambda: chroma_to_rgb(LIGHT, UV, steepest=np.inf), ValueError, "steepest must be a finite"),
    (lambda: chroma_to_rgb(LIGHT, UV, out=LUV), TypeError, "out must be of type uint8"),
    (lambda: merge_chroma(LIGHT, UV, slope=UV[:, :1]), ValueError, "slope must be of uv's shape"),
    (lambda: merge_chroma(LIGHT, UV, out=LUV), TypeError, "out must be of type uint8"),
    (lambda: nearest(RGB, np.zeros((2, 2))), ValueError, "the same D"),
    (lambda: nearest(RGB, np.zeros((0, 3))), ValueError, "at least one centre"),
    (lambda: nearest(RGB, np.full((1, 3), np.nan)), ValueError, "finite"),
    (lambda: kmeans(RGB, 0), ValueError, "k must be a whole number of at least 1, not 0"),
    (lambda: kmeans(RGB, 2, space="lab"), ValueError, "known are: rgb, luv, uv"),  # type: ignore[arg-type]
    (lambda: kmeans(RGB, 2, init="random"), ValueError, "init must be"),  # type: ignore[arg-type]
    (lambda: kmeans(RGB, 2, init=np.zeros((3, 3))), ValueError, r"shape \(2, 3\)"),
    (lambda: kmeans(RGB[..., :2], 2), ValueError, r"\(\.\.\., 3\)"),
    (lambda: kmeans(np.array([[np.nan], [1.0]]), 1), ValueError, "finite"),
    (lambda: kmeans(RGB, 2, weights=np.ones(3)), ValueError, "one number for each point"),
    (lambda: kmeans(RGB, 2, weights=-np.ones(RGB.shape[:-1])), ValueError, "not negative"),
]


@pytest.mark.parametrize(("call", "kind", "message"), WRONG, ids=[w[2][:40] for w in WRONG])
def test_errors_say_what_was_expected_and_what_was_found(
    call: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("backend", ["numba", "cupy"])
def test_a_named_backend_never_gives_way_to_another(backend: str) -> None:
    with pytest.raises((BackendError, TypeError)):
        rgb_to_luv(RGB, backend=backend)
