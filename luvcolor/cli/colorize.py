"""``luvcolor colorize``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from luvcolor.cli.chain import Flow, Frames, Stage
from luvcolor.cli.checkpoints import check_model, model_of, model_options, open_engine
from luvcolor.cli.hints import HintTally, hint_options
from luvcolor.cli.journal import Journal
from luvcolor.cli.pictures import Pictures, picture_options, stream
from luvcolor.errors import LuvcolorError, UsageError

if TYPE_CHECKING:
    from luvcolor.colorization import Colored
    from luvcolor.frame import Frame
    from luvcolor.io.sinks import Sink


@click.command()
@click.option(
    "--samples",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Draw N plausible colourings of each picture, written as NAME-1, NAME-2, ...",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="S",
    help="Draw one plausible colouring, always the same for S.",
)
@click.option(
    "--recolor",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help='Palette colours that become others: JSON such as \'[{"near": "#aa2222", "radius": 20, '
    '"becomes": "navy"}]\'.',
)
@click.option(
    "--confidence",
    metavar="FILE_OR_FOLDER",
    help="Also write a PNG for each picture that shows where the model is sure: dark violet not at "
    "all, yellow wholly.",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    metavar="N",
    help="Pictures predicted together; from a pipe, one.  [default: 1 on the CPU, 16 on a GPU]",
)
@hint_options
@model_options
@picture_options
def colorize(
    pictures: Pictures,
    model: str | None,
    settings: tuple[str, ...],
    recolor: Path | None,
    confidence: str | None,
    batch: int | None,
    **options: Any,
) -> Stage:
    """Give gray pictures their colour back.

    Lightness, size, bit depth and transparency stay as they are; colours are a guess, and the
    output's metadata says so. Where memory is short, it goes on with less at once, down to the
    CPU, and says so; --strict fails instead.

    \b
    Examples:
      luvcolor colorize old.jpg -o new.png
      luvcolor colorize scans/ -o coloured/
      luvcolor colorize scans.zip -o coloured.zip --saturation 1.2
      luvcolor colorize old.jpg --samples 5 -o five/
      luvcolor colorize old.jpg --confidence sure.png -o new.png
      cat old.png | luvcolor colorize > new.png
      luvcolor colorize old.jpg -m mine.safetensors -o new.png
      luvcolor colorize old.jpg --hint 120,80=#aa2222 --hint 30,40=navy --force-hints -o new.png
      luvcolor colorize scans/ --hints hints/ --force-hints -o coloured/
      luvcolor colorize old.jpg -m scribble --hints strokes.json -o new.png
      luvcolor colorize old.jpg -m transfer --reference similar.jpg -o new.png
    """
    from luvcolor.colorization import ColorizeOptions
    from luvcolor.colorization.overrides import read_overrides
    from luvcolor.configuration import parse_settings

    changes, own = read_overrides(recolor) if recolor else (), parse_settings(settings)
    checked = ColorizeOptions(recolor=changes, **options)
    check_model(model, own)
    _refuse(pictures, checked.samples, confidence)

    def transform(frames: Frames, flow: Flow, journal: Journal) -> Iterator[Frame]:
        engine = open_engine(model_of(model, flow, own), checked, journal)
        tally = HintTally(checked.hints is not None)
        together = 1 if frames.ahead == 0 else batch
        with _maps(confidence, pictures, frames.total) as maps:
            for colored in engine.many(frames, failed=journal.failed, batch=together):
                if maps:
                    _write_map(maps, colored, journal)
                tally.add(colored)
                yield colored.frame
        tally.say(journal)

    return stream(pictures, "colorize", transform, times=checked.samples)


def _refuse(pictures: Pictures, samples: int, confidence: str | None) -> None:
    """Refuse options that contradict each other, before any stage has worked."""
    if samples > 1 and pictures.skip_existing:
        raise UsageError(
            "--skip-existing looks for pictures under their own names, and --samples writes "
            "NAME-1, NAME-2, ...; leave one of them out"
        )
    if confidence is None:
        return
    same = pictures.output is not None and Path(pictures.output) == Path(confidence)
    if confidence == "-" or same:
        raise UsageError(
            f"--confidence expected a file or folder of its own, found {confidence}, where the "
            "pictures go"
        )
    _maps(confidence, pictures, 1)


def _maps(confidence: str | None, pictures: Pictures, total: int | None) -> Any:
    """Return the sink of heat maps, or one of nothing."""
    from luvcolor.io.sinks import open_sink

    if confidence is None:
        return nullcontext()
    return open_sink(confidence, format="png", force=pictures.force, many=(total or 0) > 1)


def _write_map(maps: Sink, colored: Colored, journal: Journal) -> None:
    """Write how sure the model is of a picture, once for all of its samples."""
    from luvcolor.colorization.heatmap import heat_map

    if colored.confidence is None:
        raise UsageError(
            "--confidence needs a model that tells how sure it is, or several --sizes to compare, "
            "such as 128,192; this model tells nothing and saw one size"
        )
    before = colored.frame.before
    if colored.sample in (None, 1) and before is not None:
        try:
            maps.write(heat_map(colored.confidence, before))
        except LuvcolorError as error:
            journal.failed(before.name or "picture", error)
