"""``luvcolor resize``."""

from __future__ import annotations

from functools import partial

import click

from luvcolor.cli.chain import Stage
from luvcolor.cli.pictures import Pictures, each, picture_options


@click.command()
@click.option("--short-side", type=click.IntRange(1), metavar="PIXELS", help="Keep the shape.")
@click.option("--long-side", type=click.IntRange(1), metavar="PIXELS", help="Keep the shape.")
@click.option(
    "--size", type=click.IntRange(1), nargs=2, metavar="WIDTH HEIGHT", help="Exactly this size."
)
@click.option(
    "--resample",
    type=click.Choice(["area", "lanczos"]),
    default="area",
    show_default=True,
    help="How pixels are averaged.",
)
@picture_options
def resize(
    pictures: Pictures,
    short_side: int | None,
    long_side: int | None,
    size: tuple[int, int] | None,
    resample: str,
) -> Stage:
    """Change the size of pictures.

    \b
    Examples:
      luvcolor resize --short-side 256 photos/ -o small/
      luvcolor resize --size 224 224 photo.jpg -o square.png
      cat big.png | luvcolor resize --long-side 1024 > small.png
    """
    from luvcolor.errors import UsageError
    from luvcolor.resize import resize as resized

    if sum(side is not None for side in (short_side, long_side, size)) != 1:
        raise UsageError("resize to what? give one of --short-side, --long-side and --size")
    shape = None if size is None else (size[1], size[0])
    step = partial(
        resized, size=shape, short_side=short_side, long_side=long_side, resample=resample
    )
    return each(pictures, "resize", lambda flow, journal: step)
