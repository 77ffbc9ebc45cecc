"""Protocols and receipts in words."""

from __future__ import annotations

from luvcolor.evaluation.words import protocol_words, receipt_words


def test_a_protocol_says_what_was_measured_and_how() -> None:
    words = protocol_words(
        {
            "metrics": 1,
            "dataset": "abc",
            "split": "test",
            "luma_lookup": 40,
            "resampling": "none",
            "pictures": 8,
            "sizes": ["32x32", "64x48"],
            "fingerprint": "f00",
            "palettes": {"unet": "24 colours in rgb (1)", "luma lookup": "24 colours in rgb (1)"},
            "luvcolor": "0.1.0",
        }
    )
    assert words["Pictures"] == "8, of 32x32 to 64x48 pixels"
    assert words["From"] == "the test split of the dataset abc"
    assert words["Fingerprint of the pictures"] == "f00"
    assert "256 levels of luma in 40 pictures" in words["Luma lookup"]
    assert words["Palettes behind the accuracy"].startswith("unet: 24 colours")
    assert words["Metrics"] == "definitions of version 1"


def test_hints_are_said_with_the_models_that_got_them() -> None:
    given = {"scribble": ["colours"], "transfer": ["reference"], "unet": []}
    words = protocol_words({"reveal": 50, "hints": given, "reference": "abc"})
    assert words["Revealed"] == "50 pixels of each picture, to scribble"
    assert words["Reference picture"] == "fingerprint abc"
    assert "no model" in protocol_words({"reveal": 5, "hints": {"unet": []}})["Revealed"]
    assert not {"Revealed", "Reference picture"} & set(protocol_words({"reveal": None}))


def test_a_model_without_weights_is_told_by_its_settings() -> None:
    assert receipt_words({"settings": {"a": 1, "b": "x"}}).startswith("a=1, b=x; ")
    assert receipt_words({"settings": {}}).startswith("no weights; ")


def test_what_does_not_apply_is_left_out() -> None:
    words = protocol_words({"pictures": 1, "dataset": None, "luma_lookup": None, "palettes": {}})
    assert words["From"] == "pictures"
    assert not {"Luma lookup", "Palettes behind the accuracy"} & set(words)


def test_a_receipt_is_a_sentence() -> None:
    receipt = {
        "model": "unet",
        "checkpoint": "a.safetensors",
        "sha256": "0123",
        "sizes": [128, 192],
        "temperature": 0.4,
        "saturation": 1.0,
        "recolor": [],
        "device": "cpu",
        "runtime": "torch",
        "memory": ["a smaller batch"],
        "note": "colours are synthetic",
    }
    assert receipt_words(receipt) == (
        "a.safetensors; SHA-256 begins with 0123; sees pictures at 128, 192 pixels on the short "
        "side; temperature 0.4; saturation 1.0; on cpu; with torch; a smaller batch; colours are "
        "synthetic"
    )
