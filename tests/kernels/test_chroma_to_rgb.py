"""chroma_to_rgb: a model's chroma at its pixels, the edges of lightness between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import chroma_to_rgb, luma_to_input, luminance, merge_chroma, reference

Array = npt.NDArray[Any]

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (67, 71), np.uint8)
LIGHT = luminance(GRAY)
DEFAULTS = {"radius": 2, "noise": 4.0, "steepest": 1.0}


def chroma(*shape: int, scale: float = 40.0) -> Array:
    return np.random.default_rng(sum(shape)).normal(0, scale, shape).astype(np.float32)


def guide_of(L: Array, height: int, width: int) -> Array:
    return reference.area(reference.lightness_of(L), height, width).astype(np.float32)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (7, 1), (13, 17), (67, 71), (80, 90)], ids=str)
@pytest.mark.parametrize(
    ("dtype", "atol"), [("uint8", 1), ("uint16", 2), ("float32", 3e-5), ("float16", 6e-4)]
)
def test_it_matches_float64(size: tuple[int, int], dtype: str, atol: float) -> None:
    for light in (GRAY, LIGHT):
        uv = chroma(2, *size)
        found = chroma_to_rgb(light, uv, dtype=dtype)
        expected = reference.chroma_to_rgb(light, uv, dtype=dtype).astype(np.float64)
        assert found.dtype == np.dtype(dtype)
        np.testing.assert_allclose(found.astype(np.float64), expected, rtol=0, atol=atol)


@pytest.mark.parametrize("L", ["uint8", "uint16", "float16", "float32", "float64"])
def test_lightness_of_every_type_is_taken(L: str) -> None:
    light = RNG.random((2, 31, 37)) * (100 if L.startswith("f") else np.iinfo(L).max)
    uv = chroma(2, 2, 5, 7)
    found = chroma_to_rgb(light.astype(L), uv, dtype=np.float32)
    expected = reference.chroma_to_rgb(light.astype(L), uv, dtype=np.float64)
    np.testing.assert_allclose(found, expected, rtol=0, atol=3e-5)


@pytest.mark.parametrize("radius", [0, 1, 5, 16])
@pytest.mark.parametrize(("noise", "steepest"), [(0.5, 3.0), (4.0, 0.1), (30.0, 0.0)])
def test_parameters_mean_what_they_do_in_float64(
    radius: int, noise: float, steepest: float
) -> None:
    uv, options = chroma(2, 9, 11), {"radius": radius, "noise": noise, "steepest": steepest}
    found = chroma_to_rgb(LIGHT, uv, dtype=np.float32, **options)  # type: ignore[arg-type]
    expected = reference.chroma_to_rgb(LIGHT, uv, dtype=np.float64, **options)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-5)


def test_it_is_merge_chroma_with_the_coefficients_of_float64() -> None:
    uv, guide = chroma(2, 13, 17), guide_of(GRAY, 13, 17)
    offset, slope = reference.follow_lightness(guide, uv, **DEFAULTS)  # type: ignore[arg-type]
    expected = merge_chroma(GRAY, offset, slope=slope, dtype=np.float32)
    found = chroma_to_rgb(GRAY, uv, guide=guide, dtype=np.float32)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_the_variance_of_a_bright_flat_region_is_not_lost() -> None:
    guide = (95 + RNG.normal(0, 1e-3, (9, 11))).astype(np.float32)
    uv = (20 + 300 * (guide - 95)).astype(np.float32)[None].repeat(2, axis=0)
    options = {"radius": 2, "noise": 1e-3, "steepest": 400.0}
    found = chroma_to_rgb(guide, uv, guide=guide, dtype=np.float32, **options)  # type: ignore[arg-type]
    expected = reference.chroma_to_rgb(guide, uv, guide=guide, dtype=np.float64, **options)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4)


def test_chroma_at_its_own_pixels_is_what_was_given() -> None:
    light = (30 + 40 * RNG.random((13, 17))).astype(np.float32)
    uv = chroma(2, 13, 17, scale=8.0)
    rgb = chroma_to_rgb(light, uv, guide=light, dtype=np.float32)
    expected = merge_chroma(light, uv, dtype=np.float32)
    np.testing.assert_allclose(rgb, expected, rtol=0, atol=1e-5)
    found = np.moveaxis(reference.rgb_to_luv(rgb)[..., 1:], -1, 0)
    np.testing.assert_allclose(found, uv, rtol=0, atol=0.02)  # 0.01 between D65 and the gray axis


def test_an_edge_of_lightness_is_one_of_chroma() -> None:
    light = np.full((64, 64), 30, np.float32)
    light[:, 29:] = 70
    uv = np.zeros((2, 8, 8), np.float32)
    uv[0, :, 4:], uv[0, :, 3] = 40, 15  # column 3 of the small picture is mixed
    u = reference.rgb_to_luv(chroma_to_rgb(light, uv, dtype=np.float32))[..., 1]
    assert np.abs(u[:, 29] - u[:, 28]).min() > 20
    smooth = reference.rgb_to_luv(merge_chroma(light, uv, dtype=np.float32))[..., 1]
    assert np.abs(smooth[:, 29] - smooth[:, 28]).max() < 10


def test_constant_lightness_leaves_nothing_to_follow() -> None:
    light, uv = np.full((31, 37), 60, np.float32), chroma(2, 5, 7)
    np.testing.assert_allclose(
        chroma_to_rgb(light, uv, dtype=np.float32),
        merge_chroma(light, uv, dtype=np.float32),
        rtol=0,
        atol=1e-5,
    )


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_no_chroma_gives_back_every_gray_exactly(dtype: str) -> None:
    gray = np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(-1, 64)
    rgb = chroma_to_rgb(gray, np.zeros((2, 3, 5), np.float32), dtype=dtype)
    np.testing.assert_array_equal(rgb, np.repeat(gray[..., None], 3, axis=-1))


@pytest.mark.parametrize("light", [GRAY, LIGHT], ids=["gray", "lightness"])
def test_without_a_guide_it_is_the_area_average(light: Array) -> None:
    uv = chroma(2, 13, 17)
    guide = 100 * luma_to_input(GRAY, (13, 17))
    found = chroma_to_rgb(light, uv, dtype=np.float32)
    expected = chroma_to_rgb(light, uv, guide=guide, dtype=np.float32)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_a_guide_may_have_the_axes_of_a_model_s_input() -> None:
    batch, uv = np.stack([LIGHT, LIGHT[::-1]]), chroma(2, 2, 9, 11)
    guide = guide_of(batch, 9, 11)
    expected = chroma_to_rgb(batch, uv, guide=guide)
    np.testing.assert_array_equal(chroma_to_rgb(batch, uv, guide=guide[:, None]), expected)
    np.testing.assert_array_equal(chroma_to_rgb(batch, uv, guide=guide.astype(float)), expected)
    for one in (guide[0], guide[:1], guide[:1, None]):
        np.testing.assert_array_equal(chroma_to_rgb(LIGHT, uv[0], guide=one), expected[0])


@pytest.mark.parametrize("axis", [-1, -3])
@pytest.mark.parametrize("dtype", ["uint8", "float16"])
def test_a_batch_is_its_pictures(axis: int, dtype: str) -> None:
    batch = RNG.integers(0, 256, (3, 31, 37), np.uint8)
    uv = chroma(3, 2, 5, 7)
    found = chroma_to_rgb(batch, uv, channel_axis=axis, dtype=dtype)
    each = [
        chroma_to_rgb(g, c, channel_axis=axis, dtype=dtype) for g, c in zip(batch, uv, strict=True)
    ]
    np.testing.assert_allclose(found.astype(float), np.stack(each).astype(float), atol=5e-4)


def test_out_receives_the_result_and_may_be_a_view() -> None:
    uv, wide = chroma(2, 5, 7), np.zeros((3, 134, 71), np.uint8)
    out = wide[:, ::2]
    assert chroma_to_rgb(GRAY, uv, channel_axis=-3, out=out) is out
    np.testing.assert_array_equal(out, chroma_to_rgb(GRAY, uv, channel_axis=-3))


def test_no_picture_gives_none() -> None:
    none = np.empty((0, 4, 5), np.float32)
    assert chroma_to_rgb(none, np.empty((0, 2, 2, 2), np.float32)).shape == (0, 4, 5, 3)
    assert chroma_to_rgb(none[:, :, 0].T, chroma(2, 1, 1)).shape == (4, 0, 3)


def test_nan_goes_no_farther_than_its_windows() -> None:
    uv = chroma(2, 40, 8)
    broken = uv.copy()
    broken[0, 10, 3] = np.nan
    light = np.repeat(LIGHT[:40, :8], 2, axis=0)
    found, expected = chroma_to_rgb(light, broken, radius=1), chroma_to_rgb(light, uv, radius=1)
    reach = slice(2 * (10 - 3), 2 * (10 + 4))  # two windows, and the interpolation between pixels
    found[reach] = expected[reach]
    np.testing.assert_array_equal(found, expected)


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    gray, uv = RNG.integers(0, 256, (401, 503), np.uint8), chroma(2, 101, 127)
    results = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("LUVCOLOR_THREADS", threads)
        results.append(chroma_to_rgb(gray, uv, dtype=np.float32))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
