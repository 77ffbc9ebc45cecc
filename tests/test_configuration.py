"""Settings from words and JSON, checked against a dataclass."""

import json
from dataclasses import dataclass, make_dataclass

import pytest

from luvcolor.configuration import describe_settings, from_mapping, parse_settings, to_mapping
from luvcolor.errors import UsageError


@dataclass(frozen=True)
class Config:
    width: int = 32
    """Channels, of the
    first block."""
    rate: float = 0.1
    space: str = "rgb"
    flip: bool = False
    widths: tuple[int, ...] = (8, 16)


def test_settings_round_trip_through_mappings() -> None:
    config = from_mapping(Config, {"width": 8, "flip": True})
    assert config == Config(width=8, flip=True)
    assert from_mapping(Config, to_mapping(config)) == config


def test_words_become_values_of_their_kind() -> None:
    words = ["width=8", "rate=1e-3", "space=uv", "flip=true"]
    assert from_mapping(Config, parse_settings(words)) == Config(8, 1e-3, "uv", True)


def test_settings_round_trip_through_json() -> None:
    config = Config(widths=(1, 2, 3))
    assert from_mapping(Config, json.loads(json.dumps(to_mapping(config)))) == config


def test_whole_numbers_do_for_floats() -> None:
    assert from_mapping(Config, {"rate": 1}).rate == 1.0


@dataclass(frozen=True)
class Wider(Config):
    """Settings on top of others."""

    rate: float = 0.2
    """How fast."""
    limit: int | None = None


def test_settings_are_described_by_what_is_written_beneath_them() -> None:
    first, second, *_ = describe_settings(Config)
    assert first == ("width", "int", 32, "Channels, of the first block.")
    assert second == ("rate", "float", 0.1, "")


def test_settings_that_are_inherited_keep_their_meaning() -> None:
    found = {row.name: row[1:] for row in describe_settings(Wider)}
    assert found["width"] == ("int", 32, "Channels, of the first block.")
    assert found["rate"] == ("float", 0.2, "How fast.")
    assert found["limit"] == ("int | None", None, "")


def test_settings_without_a_source_have_no_meaning() -> None:
    made = make_dataclass("Made", [("width", int, 32)])
    assert describe_settings(made) == [("width", "int", 32, "")]


@pytest.mark.parametrize("word", ["width", "=8", ""])
def test_a_word_without_a_name_or_value_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="NAME=VALUE"):
        parse_settings([word])


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"depth": 3}, "no setting is called 'depth'; known: width, rate, space, flip, widths"),
        ({"width": "wide"}, "'width' is a int"),
        ({"width": 2.5}, "'width' is a int"),
        ({"width": True}, "'width' is a int"),
        ({"flip": 1}, "'flip' is a bool"),
    ],
)
def test_unknown_names_and_wrong_kinds_are_refused(
    settings: dict[str, object], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        from_mapping(Config, settings)
