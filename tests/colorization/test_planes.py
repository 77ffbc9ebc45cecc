"""NumPy and torch alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from luvcolor.colorization.planes import beside, enlarged, joined, on_host, zeros

KINDS = [np.asarray, torch.from_numpy]


@pytest.fixture(params=KINDS, ids=["numpy", "torch"])
def planes(request: pytest.FixtureRequest) -> Any:
    values = np.random.default_rng(0).random((2, 3, 5, 7), np.float32)
    return request.param(values)


def test_enlarging_is_the_same_in_both(planes: Any) -> None:
    full = enlarged(planes, (11, 14))
    assert type(full) is type(planes)
    expected = torch.nn.functional.interpolate(
        torch.as_tensor(planes), size=(11, 14), mode="bilinear"
    )
    np.testing.assert_allclose(full, expected, atol=1e-6)
    assert enlarged(planes, (5, 7)) is planes


def test_parts_are_joined_and_one_is_left_as_it_is(planes: Any) -> None:
    assert joined([planes]) is planes
    found = joined([planes[:1], planes[1:]])
    assert type(found) is type(planes)
    np.testing.assert_array_equal(found, planes)


def test_new_arrays_are_of_the_kind_of_others(planes: Any) -> None:
    for made in (zeros(planes, (2, 2)), beside(planes, np.zeros((2, 2), np.float32))):
        assert type(made) is type(planes)
        assert made.dtype == planes.dtype
        np.testing.assert_array_equal(made, np.zeros((2, 2)))
    assert isinstance(on_host(planes), np.ndarray)
