"""What doctor says of this installation."""

from __future__ import annotations

import json

import pytest

from luvcolor import __version__, diagnosis
from luvcolor.registry import Registry, registry


def test_it_says_what_is_here_in_json() -> None:
    found = json.loads(json.dumps(diagnosis.diagnose()))
    assert found["luvcolor"] == __version__
    assert found["versions"]["torch"] != "missing"
    assert found["devices"]["cpu"].endswith("threads")
    assert found["models"] == list(registry().models)
    assert found["cores"] >= 1


def test_every_backend_works_or_says_why_not() -> None:
    states = diagnosis.diagnose()["backends"]
    assert states["cpu"] == "ok"
    assert {"numba", "cupy"} <= set(states)
    assert all(states.values())


def test_what_is_missing_comes_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "OPTIONAL", {"no_such_part": ("the moon", "pip install moon")})
    monkeypatch.setattr(diagnosis, "PARTS", ("no-such-part",))
    found = diagnosis.diagnose()
    assert found["missing"] == {"no_such_part": {"for": "the moon", "get": "pip install moon"}}
    assert found["versions"] == {"no-such-part": "missing"}


def test_a_broken_plugin_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    from luvcolor.registry import Plugin

    healthy = Plugin("well", "well-dist", "1", dict)
    broken = Plugin("ill", "ill-dist", "1", dict, error="OSError: disk on fire")
    monkeypatch.setattr("luvcolor.registry.registry", lambda: Registry([healthy, broken]))
    assert diagnosis.diagnose()["plugins"] == {"well": "ok", "ill": "OSError: disk on fire"}
