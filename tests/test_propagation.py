"""Values spread along luma as the exact solution has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse.linalg
import torch
from numpy.typing import NDArray

from luvcolor.errors import UsageError
from luvcolor.propagation import Tools, on_cpu, propagate, spread, system, without_order

Floats = NDArray[np.floating[Any]]
SOLVERS = {
    "on a CPU": on_cpu(),
    "what a GPU does": without_order(np, scipy.sparse, scipy.sparse.linalg),
}


def scene(height: int, width: int, hints: int, seed: int = 0) -> tuple[Floats, Floats, Any]:
    """Luma with smooth parts, edges and noise; two planes of values; some of them known."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(height, width)
    light = 0.3 + 0.2 * np.sin(5 * x + 3 * y) + 0.3 * (np.hypot(x - 0.4, y - 0.4) < 0.25)
    luma = (light + rng.normal(0, 0.01, (height, width))).astype(np.float32)
    mask = np.zeros(height * width, bool)
    mask[rng.choice(mask.size, hints, replace=False)] = True
    values = rng.normal(0, 40, (2, height, width)).astype(np.float32)
    return luma, values, mask.reshape(height, width)


def weights(luma: Floats, sharpness: float, neighbors: int) -> Floats:
    """The affinities of all pairs of pixels, from their definition."""
    places = np.argwhere(np.ones(luma.shape, bool))
    apart = np.abs(places[:, None] - places[None])
    near = apart.sum(-1) == 1 if neighbors == 4 else apart.max(-1) == 1
    light = 100 * luma.ravel().astype(float)
    alike = np.exp(-sharpness * np.abs(light[:, None] - light[None]))
    return np.where(near, np.maximum(alike, 1e-5), 0)


def exact(luma: Floats, values: Floats, mask: Any, **options: Any) -> Floats:
    """The least squares, by elimination; `options` as `propagate` has them."""
    given = {"decay": 0.0, "sharpness": 1.0, "neighbors": 8} | options
    affinity = weights(luma, given["sharpness"], given["neighbors"])
    matrix = np.diag(affinity.sum(1) + given["decay"]) - affinity
    free, flat = ~mask.ravel(), np.where(mask, values, 0).reshape(len(values), -1).astype(float)
    known = affinity[np.ix_(free, ~free)] @ flat[:, ~free].T
    flat[:, free] = np.linalg.solve(matrix[np.ix_(free, free)], known).T
    return flat.reshape(values.shape)


def objective(x: Floats, luma: Floats, decay: float = 0.0) -> float:
    """What is to be least, over all pairs of pixels."""
    affinity, flat = weights(luma, 1.0, 8), x.reshape(len(x), -1).astype(float)
    pairs = sum((affinity * np.subtract.outer(row, row) ** 2).sum() / 2 for row in flat)
    return float(pairs + decay * np.square(flat).sum())


@pytest.mark.parametrize("tools", SOLVERS.values(), ids=SOLVERS)
@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_the_objective_is_within_one_percent_of_the_least(tools: Tools, decay: float) -> None:
    luma, values, mask = scene(30, 41, hints=12)
    found = spread(tools, luma, values, mask, tolerance=3e-4, decay=decay)
    least = objective(exact(luma, values, mask, decay=decay), luma, decay)
    assert least * (1 - 1e-5) <= objective(found, luma, decay) <= 1.01 * least


@pytest.mark.parametrize("tools", SOLVERS.values(), ids=SOLVERS)
def test_larger_pictures_are_within_one_percent_too(tools: Tools) -> None:
    luma, values, mask = scene(150, 190, hints=20)
    known = np.where(mask, values, 0)
    matrix, right = system(tools, luma, known, mask)
    best = scipy.sparse.linalg.spsolve(matrix.tocsc(), right.T).T
    found = np.where(mask, 0, spread(tools, luma, values, mask, tolerance=3e-4)).reshape(2, -1)
    # The objective, less what the hints differ among themselves, which no solution can change.
    squares = system(tools, luma, known.astype(float) ** 2, mask)[1]
    least = squares.sum() - (right * best).sum()
    gap = found - best
    assert 0 < (gap * (matrix @ gap.T).T).sum() <= 0.01 * least


@pytest.mark.parametrize("options", [{"neighbors": 4}, {"sharpness": 0.2}, {"decay": 0.3}, {}])
def test_options_mean_what_they_say(options: dict[str, Any]) -> None:
    luma, values, mask = scene(17, 23, hints=6)
    found = propagate(luma, values, mask, tolerance=1e-9, **options)
    np.testing.assert_allclose(found, exact(luma, values, mask, **options), atol=1e-3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 7), (7, 2), (2, 2), (3, 3)])
@pytest.mark.parametrize("neighbors", [4, 8])
def test_narrow_pictures_work(shape: tuple[int, int], neighbors: int) -> None:
    luma, values, mask = scene(*shape, hints=1)
    found = propagate(luma, values, mask, neighbors=neighbors, decay=0.1, tolerance=1e-9)
    expected = exact(luma, values, mask, neighbors=neighbors, decay=0.1)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_hints_are_kept_to_the_bit() -> None:
    luma, values, mask = scene(40, 50, hints=30)
    found = propagate(luma, values, mask)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[:, mask], values[:, mask])


def test_without_hints_all_is_zero_whatever_the_values_are() -> None:
    luma, values, _ = scene(8, 9, hints=1)
    found = propagate(luma, values * np.nan, np.zeros(luma.shape, bool))
    np.testing.assert_array_equal(found, np.zeros_like(values))


def test_where_everything_is_known_it_is_returned() -> None:
    luma, values, _ = scene(8, 9, hints=1)
    np.testing.assert_array_equal(propagate(luma, values, np.ones(luma.shape, bool)), values)


def test_one_hint_colours_everything() -> None:
    luma, values, mask = scene(60, 70, hints=1)
    found = propagate(luma, values, mask)
    spots = np.broadcast_to(values[:, mask], (2, luma.size)).reshape(values.shape)
    np.testing.assert_allclose(found, spots, rtol=0.02)


def test_constant_luma_is_spread_over_smoothly() -> None:
    mask = np.zeros((33, 65), bool)
    mask[:, [0, -1]] = True
    values = np.broadcast_to(np.linspace(-20, 20, 65), (1, 33, 65))
    found = propagate(np.full(mask.shape, 0.5, np.float32), values, mask, tolerance=1e-6)
    np.testing.assert_allclose(found, values, atol=0.01)


def test_regions_divided_by_an_edge_keep_their_colours() -> None:
    luma = np.full((80, 100), 0.3, np.float32)
    luma[20:60, 30:70] = 0.6
    mask, values = np.zeros(luma.shape, bool), np.zeros((2, *luma.shape), np.float32)
    mask[5, 5] = mask[40, 50] = True
    values[:, 5, 5], values[:, 40, 50] = (50, -10), (-30, 60)
    found = propagate(luma, values, mask)
    outside = luma < 0.5
    np.testing.assert_allclose(found[0], np.where(outside, 50, -30), atol=1.5)
    np.testing.assert_allclose(found[1], np.where(outside, -10, 60), atol=1.5)


def test_values_stay_in_the_range_of_the_hints() -> None:
    luma, values, mask = scene(64, 80, hints=15)
    found = propagate(luma, values, mask)
    for plane, known in zip(found, values[:, mask], strict=True):
        assert known.min() - 0.5 <= plane.min() <= plane.max() <= known.max() + 0.5


def test_decay_fades_with_distance_as_told() -> None:
    mask = np.zeros((121, 400), bool)
    mask[:, 0] = True
    found = propagate(np.zeros(mask.shape), np.ones((1, *mask.shape)), mask, decay=3 / 50**2)
    np.testing.assert_allclose(found[0, 60, [50, 100]], np.exp([-1, -2]), rtol=0.02)


def test_the_same_call_gives_the_same_bits_and_draws_nothing() -> None:
    given = scene(50, 60, hints=9)
    np.random.seed(0)  # noqa: NPY002 - pyamg draws from here, if it draws
    first = propagate(*given)
    np.testing.assert_array_equal(propagate(*given), first)
    drawn = np.random.random()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    assert drawn == np.random.random()  # noqa: NPY002


def test_what_is_given_is_left_as_it_was() -> None:
    given = scene(20, 20, hints=5)
    copies = [array.copy() for array in given]
    propagate(*given)
    for array, copy in zip(given, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_tensors_give_a_tensor() -> None:
    given = scene(20, 30, hints=5)
    found = propagate(*map(torch.from_numpy, given))
    assert isinstance(found, torch.Tensor)
    np.testing.assert_array_equal(found.numpy(), propagate(*given))


def test_planes_do_not_depend_on_each_other() -> None:
    luma, values, mask = scene(20, 30, hints=5)
    both = propagate(luma, values, mask)
    np.testing.assert_array_equal(both[1:], propagate(luma, values[1:], mask))


def test_a_plane_that_is_known_to_be_zero_stays_zero() -> None:
    luma, values, mask = scene(20, 30, hints=5)
    values[0] = 0
    for tools in SOLVERS.values():
        found = spread(tools, luma, values, mask, tolerance=1e-4)
        assert not found[0].any()
        assert found[1].any()


def test_the_preconditioner_is_made_once_for_all_planes() -> None:
    made = []

    def counted(matrix: Any) -> Any:
        made.append(matrix.shape)
        return on_cpu().preconditioner(matrix)

    luma, values, mask = scene(20, 30, hints=5)
    spread(on_cpu()._replace(preconditioner=counted), luma, values, mask, tolerance=1e-3)
    assert made == [(600, 600)]


def test_unknown_pixels_that_touch_no_other_take_the_mean_of_what_is_around() -> None:
    luma = np.full((51, 51), 0.5)
    rows, columns = np.mgrid[:51, :51]
    mask = (rows % 2 == 0) | (columns % 2 == 0)
    values = np.broadcast_to(columns.astype(np.float32), (1, 51, 51))
    np.testing.assert_allclose(propagate(luma, values, mask), values, rtol=1e-3)


def test_arrays_that_do_not_fit_are_named() -> None:
    luma, values, mask = scene(4, 5, hints=2)
    with pytest.raises(ValueError, match=r"of one size, found \(4, 5\), \(2, 4, 4\)"):
        propagate(luma, values[:, :, 1:], mask)
    with pytest.raises(ValueError, match="mask of bool, found float32"):
        propagate(luma, values, mask.astype(np.float32))
    luma[0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        propagate(luma, values, mask)
    luma, values, mask = scene(4, 5, hints=2)
    with pytest.raises(ValueError, match="finite"):
        propagate(luma, np.where(mask, np.inf, values), mask)


@pytest.mark.parametrize(
    "option", [{"decay": -1}, {"sharpness": np.inf}, {"neighbors": 6}, {"tolerance": 0}]
)
def test_options_out_of_range_are_named(option: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"expected {next(iter(option))}, .* found"):
        propagate(*scene(4, 5, hints=2), **option)
