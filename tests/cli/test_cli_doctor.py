"""``luvcolor doctor``."""

from __future__ import annotations

import json

from luvcolor import __version__
from tests.cli.conftest import Run


def test_words_and_json_say_the_same(run: Run) -> None:
    ran = run("doctor")
    assert (ran.status, ran.said) == (0, [])
    found = json.loads(run("doctor", "--json").out)
    assert found["luvcolor"] == __version__
    text = ran.out.decode()
    for name, version in found["versions"].items():
        assert f"  {name}: {version}\n" in text
    assert "cpu" in found["devices"]
    assert found["backends"]["cpu"] == "ok"
    assert all(f"  {name}: needed for" in text for name in found["missing"])
