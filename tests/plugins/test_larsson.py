"""Hypercolumns, histograms of hue and chroma, and their decoding, after Larsson et al."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

import luvcolor_kernels as kernels
from luvcolor.batches import to_batch
from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor_larsson import (
    LARGEST,
    Hypercolumns,
    Larsson,
    LarssonConfig,
    chroma_bin,
    gaussian,
    histogram,
    hue_bin,
    mean_chroma,
    mean_hue,
    window_of,
)
from tests.conftest import noisy
from tests.plugins.by_heart import error_left


def small(**settings: float) -> Larsson:
    torch.manual_seed(0)
    sizes = {"width": 4, "deep": 8, "hidden": 8, "bins": 8, "places": 16, **settings}
    return Larsson(LarssonConfig(**sizes))  # type: ignore[arg-type]


def everywhere(height: int, width: int) -> tuple[Tensor, Tensor]:
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return rows.flatten()[None], columns.flatten()[None]


def test_a_place_alone_gets_what_it_gets_among_all() -> None:
    columns = Hypercolumns([1, 4, 3], 5).eval()
    layers = [torch.rand(1, 1, 8, 12), torch.rand(1, 4, 4, 6), torch.rand(1, 3, 1, 1)]
    with torch.inference_mode():
        whole = columns(layers)
        apart = columns.at(layers, *everywhere(8, 12))
    assert whole.shape == (1, 5, 8, 12)
    torch.testing.assert_close(apart.reshape(whole.shape), whole)


def test_weighing_before_enlarging_is_weighing_whole_hypercolumns() -> None:
    columns = Hypercolumns([1, 4], 5).eval()
    fine, coarse = torch.rand(1, 1, 8, 8), torch.rand(1, 4, 2, 2)
    large = torch.nn.functional.interpolate(coarse, size=(8, 8), mode="bilinear")
    with torch.inference_mode():
        expected = columns.weigh[0](fine) + columns.weigh[1](large)
        torch.testing.assert_close(columns([fine, coarse]), expected)


def test_places_of_a_padded_picture_are_those_of_the_picture() -> None:
    model, luma = small().eval(), torch.rand(1, 1, 20, 24)
    with torch.inference_mode():
        whole = model(luma)
        rows, columns = everywhere(20, 24)
        apart = model.last(model.columns.at(model._layers(luma), rows, columns))
    torch.testing.assert_close(apart.reshape(whole.shape), whole, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("size", [(32, 32), (1, 1), (13, 40)])
def test_every_pixel_gets_two_distributions(size: tuple[int, int]) -> None:
    assert small().eval()(torch.rand(2, 1, *size)).shape == (2, 16, *size)


def test_a_window_holds_the_pixels_around_a_place_and_repeats_edges() -> None:
    uv = torch.arange(20.0).view(1, 1, 4, 5).expand(1, 2, 4, 5)
    inside, corner = (
        window_of(uv, torch.tensor([[row]]), torch.tensor([[column]]), 3)[0, 0, :, 0].tolist()
        for row, column in ((1, 2), (0, 0))
    )
    assert inside == [1, 2, 3, 6, 7, 8, 11, 12, 13]
    assert corner == [0, 0, 1, 0, 0, 1, 5, 5, 6]


def test_a_histogram_counts_by_distance_and_sums_to_one() -> None:
    labels = torch.tensor([2, 0, 0, 0, 1, 0, 0, 0, 2]).view(1, 9, 1)
    weights = gaussian(3, 1.0)
    counts = histogram(labels, weights, 3)[0, :, 0]
    assert counts.sum().item() == pytest.approx(1)
    assert counts[1] == weights[4] == weights.max()
    assert counts[2].item() == pytest.approx(2 * weights[0].item())


def test_hues_go_round_and_chroma_from_gray_to_the_largest() -> None:
    angles = torch.tensor([0.1, 0.6, 3.2, -0.1])
    uv = 50 * torch.stack([angles.cos(), angles.sin()])[None]
    assert hue_bin(uv, 8).tolist() == [[0, 0, 4, 7]]
    assert hue_bin(torch.tensor([[1.0], [-1e-9]])[None], 8).item() in {0, 7}
    assert chroma_bin(torch.tensor([0.0, 22.6, 179.9, 400.0]), 8).tolist() == [0, 1, 7, 7]


def test_no_colour_has_more_chroma_than_the_largest() -> None:
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), -1)
    assert 179 < np.linalg.norm(kernels.rgb_to_luv(cube)[..., 1:], axis=-1).max() < LARGEST


def test_a_sure_hue_and_chroma_are_decoded_to_the_middle_of_their_bins() -> None:
    shares = torch.zeros(1, 8, 1, 1)
    shares[:, 2] = 1
    assert mean_chroma(shares).item() == pytest.approx(2.5 * LARGEST / 8)
    angle = 2.5 / 8 * 2 * math.pi
    direction = mean_hue(shares, 0.03).flatten().tolist()
    assert direction == pytest.approx([math.cos(angle), math.sin(angle)])


def test_the_mean_of_the_first_and_the_last_hue_is_between_them() -> None:
    shares = torch.zeros(1, 8, 1, 1)
    shares[:, 0] = shares[:, 7] = 0.5
    assert mean_hue(shares, 0.03).flatten().tolist() == pytest.approx([1, 0], abs=1e-6)


def test_chroma_fades_where_hues_cancel_out() -> None:
    shares = torch.zeros(1, 8, 1, 1)
    shares[:, 0], shares[:, 4] = 0.51, 0.49  # a mean of length 0.02
    assert mean_hue(shares, 0.04).norm().item() == pytest.approx(0.5, rel=1e-3)
    assert mean_hue(shares, 0.01).norm().item() == pytest.approx(1, rel=1e-3)
    assert mean_hue(torch.full((1, 8, 1, 1), 1 / 8), 0.03).norm().item() < 1e-5


def test_hue_counts_in_the_loss_by_the_chroma_of_the_place() -> None:
    model = small(window=1)
    batch = to_batch(noisy(32, 32)[None].repeat(2, 0))
    gray = batch._replace(uv=torch.zeros_like(batch.uv))
    with torch.no_grad():
        metrics, none = model.metrics(batch), model.metrics(gray)
    assert metrics["hue_loss"] > 0
    assert none["hue_loss"] == 0
    expected = metrics["chroma_loss"] + 5 * metrics["hue_loss"]
    assert metrics["loss"].item() == pytest.approx(expected.item())


def test_the_divergence_is_nothing_where_the_answer_is_the_truth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, batch = small(), to_batch(noisy(32, 32)[None])
    rows, columns = torch.tensor([[3, 17, 30]]), torch.tensor([[5, 0, 31]])
    hue, chroma, _ = model._truth(batch.uv, rows, columns)
    logits = torch.cat([hue, chroma], 1)[:, :, None].clamp_min(1e-12).log()
    monkeypatch.setattr(model.last, "forward", lambda x: logits)
    assert model._judged(batch, rows, columns)["loss"].item() == pytest.approx(0, abs=1e-5)


def test_places_are_drawn_anew_and_validation_has_its_own() -> None:
    model, batch = small(), to_batch(noisy(32, 32)[None].repeat(2, 0))

    def drawn(seed: int) -> float:
        torch.manual_seed(seed)
        ((_, loss),) = model.eval().losses(batch)
        return loss.item()

    assert drawn(1) == drawn(1) != drawn(2)
    torch.manual_seed(1)
    first = model.metrics(batch)["loss"]
    torch.manual_seed(2)
    assert torch.equal(first, model.metrics(batch)["loss"])


def test_one_picture_smaller_than_the_coarsest_layer_is_learned_from() -> None:
    ((_, loss),) = small().train().losses(to_batch(noisy(8, 8)[None]))
    assert loss.isfinite()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bins": 1}, "bins are at least 2"),
        ({"places": 0}, "places at least 1; found 8, 8, 8 and 0"),
        ({"window": 4}, "window is an odd number"),
        ({"fading": 0.0}, "fading are above 0; found 7, 5.0 and 0.0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        small(**settings)


def test_the_width_of_given_weights_is_that_of_vgg16() -> None:
    with pytest.raises(UsageError, match="found width=16; set width=64"):
        LarssonConfig(weights="vgg16.pth")


def test_four_pictures_are_learned_by_heart(dataset: Dataset, one_thread: None) -> None:
    assert (
        error_left(small(width=8, deep=32, hidden=32, bins=16, places=128), dataset, steps=60) < 0.3
    )
