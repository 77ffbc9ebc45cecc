"""Two results side by side."""

from __future__ import annotations

from typing import Any

from luvcolor.evaluation.comparison import Pair, compared


def means(psnr: float) -> dict[str, Any]:
    return {"psnr": psnr, "loss": None}


def test_methods_of_one_name_are_pairs_and_idle_baselines_are_left_out() -> None:
    earlier = {"gray": means(20), "mean chroma": means(21), "unet": means(22), "truth": means(100)}
    now = earlier | {"mean chroma": means(21.5)}
    pairs = compared(earlier, now)
    assert [pair.method for pair in pairs] == ["mean chroma", "unet"]
    assert [pair.difference("psnr") for pair in pairs] == [0.5, 0]
    assert pairs[0].difference("loss") is None


def test_one_model_in_place_of_another_is_a_pair() -> None:
    (pair,) = compared({"unet": means(22)}, {"lite": means(24)})
    assert pair == Pair("unet, now lite", means(22), means(24))


def test_models_that_have_no_partner_stand_alone() -> None:
    pairs = compared({"unet": means(22)}, {"lite": means(24), "gan": means(20)})
    assert pairs == [
        Pair("unet", means(22), None),
        Pair("lite", None, means(24)),
        Pair("gan", None, means(20)),
    ]
    assert pairs[0].difference("psnr") is None
