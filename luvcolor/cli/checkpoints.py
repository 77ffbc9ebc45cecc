"""Which checkpoint a stage uses: the one named, the one just trained, or the one that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luvcolor.cli.chain import Flow
from luvcolor.cli.journal import Journal

if TYPE_CHECKING:
    from luvcolor.colorization import ColorizeOptions, Engine


def open_engine(name: str | None, options: ColorizeOptions, flow: Flow, journal: Journal) -> Engine:
    """Load the model of a stage and say which it is."""
    from luvcolor.checkpoint import find_checkpoint
    from luvcolor.colorization import Engine

    path = flow.checkpoint if name is None and flow.checkpoint else find_checkpoint(name)
    engine = Engine.open(path, options)
    receipt = engine.receipt
    journal.say(
        f"model {receipt['model']} from {receipt['checkpoint']} ({receipt['sha256']}), "
        f"{receipt['size']} pixels, on {receipt['device']}"
    )
    return engine
