"""Hints are spread by `scribble`, and asked for where there are none."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from luvcolor.errors import UsageError
from luvcolor.model import Hints
from luvcolor.propagation import propagate
from luvcolor_scribble import Scribble, ScribbleConfig


def halves(height: int = 24, width: int = 30, pictures: int = 1) -> torch.Tensor:
    """Dark at the left, light at the right."""
    luma = torch.full((pictures, 1, height, width), 0.25)
    luma[..., width // 2 :] = 0.75
    return luma


def hints_at(luma: torch.Tensor, *marks: tuple[int, int, float, float]) -> Hints:
    """Hints (row, column, u, v), the same for every picture."""
    uv, mask = torch.zeros(len(luma), 2, *luma.shape[-2:]), torch.zeros_like(luma, dtype=torch.bool)
    for row, column, u, v in marks:
        mask[..., row, column] = True
        uv[:, 0, row, column], uv[:, 1, row, column] = u, v
    return Hints(uv, mask)


def test_each_side_of_an_edge_gets_the_colour_of_its_hint() -> None:
    luma = halves()
    chroma = Scribble().predict(luma, hints=hints_at(luma, (3, 4, 50, -20), (20, 25, -40, 70)))
    left, right = chroma.uv[0, :, :, :15], chroma.uv[0, :, :, 15:]
    torch.testing.assert_close(
        left, torch.tensor([50.0, -20])[:, None, None].expand_as(left), atol=1.0, rtol=0
    )
    torch.testing.assert_close(
        right, torch.tensor([-40.0, 70])[:, None, None].expand_as(right), atol=1.0, rtol=0
    )
    assert chroma.confidence is None


def test_pictures_of_a_batch_are_coloured_each_by_its_own_hints() -> None:
    luma = torch.rand(3, 1, 13, 17, generator=torch.Generator().manual_seed(0))
    hints = hints_at(luma, (2, 3, 10, 20), (9, 12, -30, 5))
    hints.uv[1] *= 2
    hints.mask[2, 0, 2, 3] = False
    together = Scribble().predict(luma, hints=hints).uv
    for number in range(3):
        one = slice(number, number + 1)
        alone = Scribble().predict(luma[one], hints=Hints(hints.uv[one], hints.mask[one])).uv
        torch.testing.assert_close(together[one], alone)


@pytest.mark.parametrize("size", [(1, 1), (1, 20), (3, 2), (37, 53)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
def test_any_size_and_type_of_luma_is_answered_in_float32(
    size: tuple[int, int], dtype: torch.dtype
) -> None:
    luma = halves(*size).to(dtype)
    uv = Scribble().predict(luma, hints=hints_at(luma, (0, 0, 12, 34))).uv
    assert uv.shape == (1, 2, *size)
    assert uv.dtype == torch.float32
    assert uv[0, :, 0, 0].tolist() == [12, 34]


def test_settings_reach_the_equations() -> None:
    luma = torch.rand(1, 1, 12, 15, generator=torch.Generator().manual_seed(1))
    hints = hints_at(luma, (2, 3, 10, 20), (9, 12, -30, 5))
    options: dict[str, Any] = {"sharpness": 0.3, "decay": 0.05, "neighbors": 4, "tolerance": 1e-6}
    found = Scribble(ScribbleConfig(**options)).predict(luma, hints=hints).uv
    expected = propagate(luma[0, 0], hints.uv[0], hints.mask[0, 0], **options)
    torch.testing.assert_close(found[0], expected)


def test_without_colours_it_says_which_options_give_them() -> None:
    luma = halves(pictures=2)
    hints = hints_at(luma, (3, 4, 50, -20))
    hints.mask[1] = False
    for missing in (None, hints, Hints(hints.uv, hints.mask & False)):
        with pytest.raises(UsageError, match=r"found none; give them with --hints FILE or --hint"):
            Scribble().predict(luma, hints=missing)


@pytest.mark.parametrize("settings", [{"neighbors": 5}, {"decay": -0.1}, {"tolerance": 1.0}])
def test_settings_out_of_range_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"expected {next(iter(settings))}"):
        ScribbleConfig(**settings)


def test_it_needs_no_training_and_uses_colours_alone() -> None:
    assert not Scribble().trainable
    assert Scribble.uses == ("colours",)
    assert not [*Scribble().parameters()]
