"""Palettes."""

import json
from typing import Any

import numpy as np
import pytest
import skimage.color

from luvcolor.errors import PictureError, UsageError
from luvcolor.frame import Frame
from luvcolor.palette import Palette, fit_palette
from luvcolor.swatch import swatch
from luvcolor_kernels import histogram, luminance

color: Any = skimage.color

SPACES = ["luv", "rgb", "uv"]
FOUR = ["#101010", "#2040c0", "#c03020", "#e0e0a0"]


def picture_of(*colors_and_counts: tuple[Any, int]) -> Any:
    pixels = [rgb for rgb, count in colors_and_counts for _ in range(count)]
    return np.array([pixels], np.uint8)


def noise(seed: Any = 0, size: Any = 40) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


@pytest.mark.parametrize("space", SPACES)
def test_a_few_colours_are_found_exactly_with_their_shares(space: Any) -> None:
    picture = picture_of(((0, 0, 255), 6), ((255, 255, 0), 3), ((255, 0, 0), 1))
    palette = fit_palette([picture], 3, space=space)
    assert palette.hex == ["#0000ff", "#ff0000", "#ffff00"]
    np.testing.assert_allclose(palette.share, [0.6, 0.1, 0.3])
    assert palette.colors.dtype == np.uint8
    assert palette.centers.shape == (3, 2 if space == "uv" else 3)


def test_centres_live_in_the_space() -> None:
    picture = picture_of(((255, 0, 0), 1), ((0, 0, 255), 1))
    expected = color.rgb2luv(np.array([[0, 0, 1.0], [1.0, 0, 0]]))
    np.testing.assert_allclose(fit_palette([picture], 2).centers, expected, atol=1e-3)
    uv = fit_palette([picture], 2, space="uv").centers
    np.testing.assert_allclose(uv, expected[:, 1:], atol=1e-3)
    rgb = fit_palette([picture], 2, space="rgb").centers
    assert rgb.tolist() == [[0, 0, 255], [255, 0, 0]]


def test_colours_are_sorted_by_lightness() -> None:
    palette = fit_palette([noise()], 12)
    luma = luminance(palette.colors[None])[0]
    assert len(palette) == 12
    assert np.all(np.diff(luma) >= 0)
    assert palette.share.sum() == pytest.approx(1)


def test_many_pictures_count_as_one_large_one() -> None:
    pictures = [noise(seed) for seed in range(3)]
    together = fit_palette([np.concatenate(pictures)], 8)
    one_by_one = fit_palette(iter(pictures), 8)
    assert one_by_one.to_json() == together.to_json()


def test_one_seed_gives_one_palette() -> None:
    assert (
        fit_palette([noise()], 8, seed=3).to_json() == fit_palette([noise()], 8, seed=3).to_json()
    )


@pytest.mark.parametrize("space", SPACES)
def test_fewer_colours_than_asked_for_give_as_many_as_there_are(space: Any) -> None:
    picture = picture_of(((0, 0, 255), 2), ((255, 0, 0), 2))
    assert fit_palette([picture], 24, space=space).hex == ["#0000ff", "#ff0000"]
    assert fit_palette([picture[:, :1]], 24, space=space).hex == ["#0000ff"]


def test_grays_are_one_colour_in_uv() -> None:
    grays = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=-1)
    palette = fit_palette([grays], 8, space="uv")
    assert len(palette) == 1
    assert np.ptp(palette.colors[0]) <= 1
    red = np.full((4, 4, 3), (255, 0, 0), np.uint8)
    assert len(fit_palette([grays, red], 8, space="uv")) == 2


def test_colours_found_in_uv_are_shown_at_the_mean_lightness_of_their_pixels() -> None:
    grays = picture_of(((50, 50, 50), 3), ((200, 200, 200), 1))
    palette = fit_palette([grays], 1, space="uv")
    expected = (3 * luminance(grays)[0, 0] + luminance(grays)[0, -1]) / 4
    assert luminance(palette.colors[None])[0, 0] == pytest.approx(expected, abs=0.3)


def test_colours_of_a_palette_differ() -> None:
    dark = np.random.default_rng(0).integers(0, 5, (40, 40, 3), dtype=np.uint8)
    palette = fit_palette([dark], 100)
    assert len(set(palette.hex)) == len(palette)
    assert palette.share.sum() == pytest.approx(1)


def test_many_colours_are_thinned_to_means_and_every_pixel_counts() -> None:
    picture = noise(size=64)
    thinned = fit_palette([picture], 4, space="rgb", max_colors=64)
    full = fit_palette([picture], 4, space="rgb")
    assert thinned.share.sum() == pytest.approx(1)
    mean = picture.reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(thinned.share @ thinned.centers, mean, atol=0.3)
    np.testing.assert_allclose(full.share @ full.centers, mean, atol=0.1)
    assert len(fit_palette([picture], 1, max_colors=1)) == 1


@pytest.mark.parametrize("pictures", [[], iter(())])
def test_no_pictures_are_refused(pictures: Any) -> None:
    with pytest.raises(UsageError, match="at least one picture, found none"):
        fit_palette(pictures, 3)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"k": 0}, "k is a number of colours, at least 1; found 0"),
        ({"k": 2, "max_colors": 0}, "max_colors is a number"),
        ({"k": 2, "space": "lab"}, "unknown space 'lab'; known ones: luv, rgb, uv"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(wish: Any, message: Any) -> None:
    with pytest.raises(UsageError, match=message):
        fit_palette([noise()], **wish)


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.uint16), np.zeros((0, 4, 3), np.uint8)],
)
def test_anything_but_uint8_rgb_is_refused(wrong: Any) -> None:
    with pytest.raises(PictureError, match="needs uint8 RGB"):
        fit_palette([wrong], 3)


def brute_force(palette: Any, pixels: Any) -> Any:
    """Nearest by scikit-image's conversion and all distances."""
    points = pixels * 255.0 if palette.space == "rgb" else color.rgb2luv(pixels)
    points = points[..., 1:] if palette.space == "uv" else points
    distance = np.square(points[..., None, :] - palette.centers).sum(axis=-1)
    return palette.colors[distance.argmin(axis=-1)]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_every_pixel_takes_the_nearest_colour_at_every_bit_depth(space: Any, dtype: Any) -> None:
    palette = Palette.from_colors(FOUR, space=space)
    unit = np.random.default_rng(5).random((13, 7, 3))
    peak = 1 if dtype == np.float32 else np.iinfo(dtype).max
    pixels = (unit * peak).astype(dtype)
    result = palette.apply(Frame(pixels)).pixels
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, brute_force(palette, pixels / peak))


def test_gray_becomes_colour() -> None:
    palette = Palette.from_colors(["#000000", "#ffffff"])
    result = palette.apply(Frame(np.array([[0, 65535]], np.uint16), name="a.png"))
    assert result.pixels.tolist() == [[[0, 0, 0], [255, 255, 255]]]
    assert result.before is not None
    assert (result.step, result.before.step, result.name) == ("quantize", "original", "a.png")


def test_alpha_is_kept_as_uint8() -> None:
    alpha = np.array([[0, 32896, 65535]], np.uint16)
    frame = Frame(np.zeros((1, 3, 3), np.uint16), alpha)
    result = Palette.from_colors(FOUR).apply(frame)
    assert result.alpha is not None
    assert result.alpha.dtype == np.uint8
    assert result.alpha.tolist() == [[0, 128, 255]]


@pytest.mark.parametrize("space", ["luv", "rgb"])
def test_applying_twice_changes_nothing(space: Any) -> None:
    palette = fit_palette([noise()], 16, space=space)
    once = palette.apply(Frame(noise()))
    np.testing.assert_array_equal(palette.apply(once).pixels, once.pixels)


def test_large_frames_are_quantized_in_parts(monkeypatch: Any) -> None:
    palette = Palette.from_colors(FOUR)
    whole = palette.apply(Frame(noise())).pixels
    monkeypatch.setattr("luvcolor.quantization._PART", 7)
    np.testing.assert_array_equal(palette.apply(Frame(noise())).pixels, whole)


@pytest.mark.parametrize("space", SPACES)
def test_json_gives_the_same_palette_back(space: Any) -> None:
    palette = fit_palette([noise()], 6, space=space)
    back = Palette.from_json(palette.to_json())
    assert back.space == space
    np.testing.assert_array_equal(back.colors, palette.colors)
    np.testing.assert_array_equal(back.centers, palette.centers)
    np.testing.assert_array_equal(back.share, palette.share)


def test_json_by_hand_needs_only_colours_and_space() -> None:
    text = '{"space": "luv", "colors": [{"hex": "#FFFFFF"}, {"hex": "#000000"}]}'
    palette = Palette.from_json(text)
    assert palette.hex == ["#000000", "#ffffff"]
    assert palette.share.tolist() == [0.5, 0.5]
    np.testing.assert_allclose(palette.centers[:, 0], [0, 100], atol=1e-4)


def changed(**changes: Any) -> Any:
    data = json.loads(Palette.from_colors(FOUR).to_json())
    return json.dumps(data | changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is JSON text"),
        ("[" * 100_000, "is JSON text"),
        ("[]", "a palette is a JSON object, found list"),
        ("{}", "a palette needs colors, space; found nothing"),
        (changed(mode=1), "a palette has no mode; known keys: colors, format, space, version"),
        (changed(version=2), "expected luvcolor-palette of version 1, found luvcolor-palette 2"),
        (changed(space="lab"), "unknown space 'lab'; known ones: luv, rgb, uv"),
        (changed(colors=[]), "a list of at least 1"),
        (changed(colors=["#ffffff"]), "a colour of a palette is a JSON object, found str"),
        (changed(colors=[{"hex": "red"}]), "expected a colour as #rrggbb, found 'red'"),
        (changed(colors=[{"hex": "#fff"}]), "expected a colour as #rrggbb, found '#fff'"),
        (changed(colors=[{"hex": 7}]), "expected a colour as #rrggbb, found 7"),
        (changed(colors=[{"hex": "#ffffff", "share": -1}]), "a number from 0 to 1, found -1"),
        (changed(colors=[{"hex": "#ffffff", "share": True}]), "from 0 to 1, found True"),
        (changed(colors=[{"hex": "#ffffff", "share": float("nan")}]), "from 0 to 1, found nan"),
        (changed(colors=[{"hex": "#ffffff", "share": 10**400}]), "from 0 to 1, found 1000"),
        (changed(colors=[{"hex": "#ffffff", "share": 0.5}]), "sum to 1, found 0.5"),
        (changed(colors=[{"hex": "#ffffff", "center": [1, 2]}]), "a list of 3 numbers"),
        (
            changed(colors=[{"hex": "#ffffff", "share": 1}, {"hex": "#000000"}]),
            "either all colours of a palette have a share or none has; found 1 of 2",
        ),
    ],
)
def test_json_of_anything_else_is_refused_in_words(text: Any, message: Any) -> None:
    with pytest.raises(UsageError, match=message):
        Palette.from_json(text)


def test_colours_by_hand_are_checked() -> None:
    with pytest.raises(UsageError, match="at least 1 colour"):
        Palette.from_colors([])
    with pytest.raises(UsageError, match="for each of 2 colours, found 1"):
        Palette.from_colors(["#000000", "#ffffff"], share=[1])


def test_a_swatch_shows_colours_in_proportion() -> None:
    palette = Palette.from_colors(["#c03020", "#2040c0"], share=[0.75, 0.25])
    picture = swatch(palette, width=464)
    bar = picture.pixels[40, 32:-32]
    assert [int(np.all(bar == color, axis=-1).sum()) for color in palette.colors] == [100, 300]
    assert picture.step == "swatch"


@pytest.mark.parametrize("count", [1, 5, 24, 313])
def test_a_swatch_of_any_number_of_colours_shows_each(count: Any) -> None:
    colors = [f"#{7 * number:06x}" for number in range(count)]
    pixels = swatch(Palette.from_colors(colors), width=480).pixels
    shown = {tuple(color) for color in histogram(pixels)[0].tolist()}
    assert {tuple(bytes.fromhex(color[1:])) for color in colors} <= shown


def test_a_swatch_too_narrow_for_labels_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 160 pixels wide"):
        swatch(Palette.from_colors(FOUR), width=100)
