"""``luvcolor gray``."""

import click

from luvcolor.cli.chain import Stage
from luvcolor.cli.pictures import Pictures, each, picture_options


@click.command()
@picture_options
def gray(pictures: Pictures) -> Stage:
    """Turn pictures gray at equal lightness.

    Every pixel becomes the gray of its own CIE L, at the picture's bit depth.

    \b
    Examples:
      luvcolor gray photo.jpg -o gray.png
      luvcolor gray photos/ -o gray/
      luvcolor gray photos/*.jpg ! colorize ! compare -o sheet.png
    """
    from luvcolor.gray import to_gray

    return each(pictures, "gray", lambda flow, journal: to_gray)
