"""The command line: ``luvcolor COMMAND [INPUT]... [-o OUTPUT]``, chained with ``!``."""

from luvcolor.cli.main import main

__all__ = ["main"]
