"""What every command that deals in pictures shares: INPUT, -o, and frames in between."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from luvcolor.cli.chain import Flow, Frames, Stage
from luvcolor.cli.journal import Journal
from luvcolor.errors import LuvcolorError, PictureError, UsageError
from luvcolor.frame import Frame

if TYPE_CHECKING:
    from luvcolor.io.files import Source
    from luvcolor.io.sinks import Sink

Command = TypeVar("Command", bound=Callable[..., Any])
Step = Callable[[Frame], Frame]


@dataclass(frozen=True)
class Pictures:
    """The options by which a command reads and writes pictures."""

    inputs: tuple[str, ...]
    output: str | None
    format: str | None
    quality: int | None
    force: bool
    strict: bool
    jobs: int
    skip_existing: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """INPUT, or standard input where there is none."""
        return self.inputs or ("-",)

    @property
    def ahead(self) -> int | None:
        """See `Frames.ahead`."""
        return 0 if "-" in self.sources else None


def input_options(command: Command) -> Command:
    """Add INPUT and what goes with reading."""
    decorators = [
        click.argument("inputs", metavar="[INPUT]...", nargs=-1),
        click.option("--strict", is_flag=True, help="Stop at the first picture that fails."),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1),
            default=_cores,
            metavar="N",
            help="Threads that decode and encode.  [default: one a core]",
        ),
    ]
    return cast("Command", decorated(command, decorators))


def output_options(command: Command) -> Command:
    """Add -o and --force."""
    decorators = [
        click.option(
            "-o",
            "--output",
            metavar="OUTPUT",
            help="File, folder, archive or - for standard output.",
        ),
        click.option("-f", "--force", is_flag=True, help="Replace what exists."),
    ]
    return cast("Command", decorated(command, decorators))


def picture_options(command: Command) -> Command:
    """Add all of `Pictures` and hand them to the command as its first argument."""

    @functools.wraps(command)
    def gathered(**options: Any) -> Any:
        names = Pictures.__dataclass_fields__
        pictures = Pictures(**{name: options.pop(name) for name in names})
        return command(pictures, **options)

    formats = [
        click.option(
            "--format",
            metavar="FORMAT",
            help="png, jpeg, webp, tiff, pnm or bmp.  [default: by OUTPUT's suffix, or as INPUT]",
        ),
        click.option(
            "--quality",
            type=click.IntRange(1, 100),
            metavar="1-100",
            help="Quality of JPEG and WebP.",
        ),
        click.option(
            "--skip-existing",
            is_flag=True,
            help="Go on with a folder: leave pictures that OUTPUT holds already.",
        ),
    ]
    return cast("Command", input_options(output_options(decorated(gathered, formats))))


def each(pictures: Pictures, name: str, make: Callable[[Flow, Journal], Step]) -> Stage:
    """Return the stage that puts every picture through one function.

    Parameters
    ----------
    pictures
        Where pictures come from and go.
    name
        The command.
    make
        Called once, when the run begins, with what the stages before made.
    """

    def transform(frames: Frames, flow: Flow, journal: Journal) -> Iterator[Frame]:
        step = make(flow, journal)
        for frame in frames:
            try:
                yield step(frame)
            except LuvcolorError as error:
                journal.failed(frame.name or "picture", error)

    return stream(pictures, name, transform)


def stream(
    pictures: Pictures,
    name: str,
    transform: Callable[[Frames, Flow, Journal], Iterator[Frame]],
    *,
    times: int = 1,
) -> Stage:
    """Return the stage that turns a stream of pictures into another, of `times` as many."""
    if pictures.skip_existing and not (pictures.inputs and pictures.output):
        raise UsageError(f"--skip-existing needs the INPUT and the -o OUTPUT of {name} itself")
    if pictures.output is not None:
        # Refuses what cannot be written, before any stage has worked.
        sink_of(pictures, many=times > 1)

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        frames = read(pictures, flow, journal, name)
        total = frames.total and frames.total * times
        changed = replace(frames, each=transform(frames, flow, journal), total=total)
        return replace(flow, frames=send(changed, pictures, journal, last))

    return Stage(name, run)


def send(frames: Frames, pictures: Pictures, journal: Journal, last: bool) -> Frames | None:
    """Write frames where the stage is to, and hand them on; the last stage draws them all."""
    if last or pictures.output is not None:
        frames = write(frames, pictures, journal)
    if not last:
        return frames
    for _ in frames:
        journal.done += 1
    return None


def read(pictures: Pictures, flow: Flow, journal: Journal, name: str) -> Frames:
    """Return the frames a stage works on: its INPUT, the stage before, or standard input.

    Raises
    ------
    UsageError
        When there is none of the three, or two of them.
    """
    journal.strict = journal.strict or pictures.strict
    if not pictures.inputs and flow.frames is not None:
        return flow.frames
    if flow.frames is not None:
        raise UsageError(
            f"{name} gets pictures from the stage before and from {pictures.inputs[0]}; "
            "give it one of the two"
        )
    if "-" in pictures.sources and not _is_piped(sys.stdin):
        raise UsageError(f"{name} has nothing to read; name pictures, or pipe some in")
    total = _countable(pictures.sources)
    return Frames(_read(pictures, journal, name, total), pictures.ahead, total)


def write(frames: Frames, pictures: Pictures, journal: Journal) -> Frames:
    """Return frames that are written as they are drawn.

    Raises
    ------
    UsageError
        When pictures would go to a terminal.
    """
    if pictures.output in {None, "-"} and not _is_piped(sys.stdout):
        raise UsageError(
            "standard output is a terminal or closed; say where to with -o, or pipe it on"
        )
    sink = sink_of(pictures, many=(frames.total or 0) > 1)
    return frames.through(lambda each: _written(each, sink, pictures.jobs, frames.ahead, journal))


def refuse_json_among_pictures(would: bool) -> None:
    """Keep JSON off a standard output that carries pictures."""
    if would:
        raise UsageError(
            "standard output carries the pictures of this chain; write the JSON to a file with -o"
        )


def sink_of(pictures: Pictures, *, many: bool = False) -> Sink:
    """Return where pictures go; nothing is opened yet.

    Raises
    ------
    UsageError, OutputError
        When OUTPUT makes no sense, or something is in the way.
    """
    from luvcolor.io.files import open_sink

    return open_sink(
        pictures.output,
        format=pictures.format,
        force=pictures.force,
        quality=pictures.quality,
        many=many,
    )


def _read(pictures: Pictures, journal: Journal, title: str, total: int | None) -> Iterator[Frame]:
    from luvcolor.io.files import expand
    from luvcolor.io.parallel import ordered_map

    empty = True
    sources = expand(pictures.sources)
    if pictures.skip_existing:
        sources = _new_only(sources, sink_of(pictures), journal)
    frames = ordered_map(lambda source: source.frame(), sources, pictures.jobs, pictures.ahead)
    with closing(frames):
        for result in journal.progress(frames, title, total):
            empty = False
            if isinstance(result, LuvcolorError):
                journal.failed("", result)
            elif isinstance(result, Exception):
                raise result
            else:
                yield result
    if empty and not pictures.inputs:
        problem = "standard input: expected pictures, found nothing; pipe some in, or name files"
        journal.failed("", PictureError(problem))


def _new_only(sources: Iterator[Source], sink: Sink, journal: Journal) -> Iterator[Source]:
    """Leave out what the sink holds already, and say how much that was."""
    skipped = 0
    for source in sources:
        if sink.holds(source.name):
            skipped += 1
        else:
            yield source
    if skipped:
        journal.say(f"left {skipped} that {'is' if skipped == 1 else 'are'} there already")


def _is_piped(stream: Any) -> bool:
    """Whether a standard stream is open and no terminal."""
    return stream is not None and not stream.isatty()


def _countable(inputs: Sequence[str]) -> int | None:
    """How many pictures there are, where that can be told without reading any."""
    from luvcolor.io.files import expand
    from luvcolor.io.names import is_picture_name

    if all(Path(name).is_dir() or is_picture_name(name) for name in inputs):
        return sum(1 for _ in expand(inputs))
    return None


def _written(
    frames: Iterator[Frame], sink: Sink, jobs: int, ahead: int | None, journal: Journal
) -> Iterator[Frame]:
    """Encode on threads, store in order on this one."""
    from luvcolor.io.parallel import ordered_map

    def encoded(frame: Frame) -> tuple[Frame, bytes | LuvcolorError]:
        try:
            return frame, sink.encode(frame)
        except LuvcolorError as error:
            return frame, error

    with sink, closing(ordered_map(encoded, frames, jobs, ahead)) as results:
        for result in results:
            if isinstance(result, Exception):
                raise result
            frame, data = result
            try:
                if isinstance(data, LuvcolorError):
                    raise data
                sink.put(frame, data)
            except LuvcolorError as error:
                journal.failed(frame.name or "picture", error)
            else:
                yield frame


def decorated(command: Any, decorators: list[Any]) -> Any:
    """Apply decorators as if they stood above the command in this order."""
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


def _cores() -> int:
    # Imported when a command runs: luvcolor.io brings NumPy, and --help has no need of it.
    from luvcolor.io.parallel import cores

    return cores()
