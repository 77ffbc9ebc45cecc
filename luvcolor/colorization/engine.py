"""Colours frames with any model: luma in full size, chroma from the model, merged along edges.

The luma of the input is the content of the picture and is kept. The model sees it small, at one
size or several, and answers with chroma of that size; enlarging, the kernels let chroma follow luma
by the local slope of one over the other, so that colours end where things do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from luvcolor import __version__
from luvcolor.colorization.fusion import predict_views
from luvcolor.colorization.look import Look, look_at, merge
from luvcolor.colorization.options import ColorizeOptions
from luvcolor.colorization.overrides import recolored
from luvcolor.colorization.place import Place
from luvcolor.colorization.planes import on_host
from luvcolor.colorization.thrift import Thrifty
from luvcolor.errors import LuvcolorError, OutOfMemoryError
from luvcolor.frame import Frame
from luvcolor.io.comments import RECEIPT_KEY
from luvcolor.runtimes import Prediction, Predictor, open_predictor

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Colored", "ColorizeOptions", "Engine", "colorize"]

BATCH, BATCH_ON_GPU = 1, 16
HELD = 1 << 26
"""A batch ends when its pictures have this many pixels, however few they are."""


class Colored(NamedTuple):
    """A frame in colour, and how sure the model is of it.

    Attributes
    ----------
    frame
        The frame, with a receipt.
    confidence
        (h, w) float32 of 0..1 at the size that the model saw, or None for a model that cannot tell
        and saw one size.
    sample
        Which of several colourings of the same frame, from 1; None for the only one.
    """

    frame: Frame
    confidence: NDArray[np.float32] | None
    sample: int | None


class Engine:
    """A model, ready to colour frames.

    Parameters
    ----------
    predictor
        The model's network in one of the runtimes.
    options
        Sizes, temperature, saturation and so on.
    checkpoint
        The name of the file it came from, for the receipt.
    on_cpu
        Makes the same on the CPU, for when a GPU's memory is full.
    strict
        Whether want of memory is an error, rather than a reason to go on with less at once.
    say
        Called once with each step that is taken for want of memory.

    Attributes
    ----------
    sizes
        Short sides at which the model sees pictures, from the smallest.
    network
        The predictor, kept within the memory there is.
    place
        Where the kernels work on pictures.
    mean_uv
        Mean chroma of the pictures the model learned from, where it is known.
    """

    def __init__(
        self,
        predictor: Predictor,
        options: ColorizeOptions | None = None,
        *,
        checkpoint: str = "",
        on_cpu: Callable[[], Predictor] | None = None,
        strict: bool = False,
        say: Callable[[str], None] = lambda step: None,
    ) -> None:
        self.options, self.checkpoint = options or ColorizeOptions(), checkpoint
        card = predictor.card
        self.sizes: list[int] = sorted(set(self.options.sizes or card.sizes or [card.size]))
        again = None if on_cpu is None else lambda: self._repainted(on_cpu())
        self.network = Thrifty(self._repainted(predictor), on_cpu=again, strict=strict, say=say)
        self.place = Place(self.network)
        mean_uv = card.data.get("mean_uv")
        self.mean_uv: tuple[float, float] | None = tuple(mean_uv) if mean_uv else None

    @classmethod
    def open(cls, checkpoint: Path, options: ColorizeOptions | None = None, **rest: Any) -> Engine:
        """Load a checkpoint and put its model on the device.

        Parameters
        ----------
        checkpoint
            A ``.safetensors`` file, or an ``.onnx`` file that `luvcolor export` wrote.
        options
            See `ColorizeOptions`.
        rest
            `strict` and `say`.

        Raises
        ------
        CheckpointError
            When `checkpoint` is none.
        UsageError
            When the device or the runtime is not there, or the model cannot do what is asked.
        OutOfMemoryError
            When there is no memory for the model, on the CPU either.
        """
        options = options or ColorizeOptions()

        def on_cpu() -> Predictor:
            return open_predictor(checkpoint, options.runtime, "cpu")

        rest = {"checkpoint": checkpoint.name, **rest}
        try:
            predictor = open_predictor(checkpoint, options.runtime, options.device)
        except OutOfMemoryError:
            if rest.get("strict") or options.device == "cpu":
                raise
        else:
            elsewhere = None if predictor.device == "cpu" else on_cpu
            return cls(predictor, options, on_cpu=elsewhere, **rest)
        engine = cls(on_cpu(), options, **rest)
        engine.network.note("the network runs on the CPU")
        return engine

    @property
    def predictor(self) -> Predictor:
        """The model's network, where it runs by now."""
        return self.network.predictor

    @property
    def receipt(self) -> dict[str, Any]:
        """What outputs say of how they were made."""
        predictor, options = self.predictor, self.options
        return {
            "model": predictor.card.model,
            "checkpoint": self.checkpoint,
            "sha256": predictor.digest,
            "sizes": self.sizes,
            "temperature": options.temperature,
            "saturation": options.saturation,
            "recolor": [override.to_json() for override in options.recolor],
            "device": predictor.device,
            "runtime": predictor.runtime,
            "memory": list(self.network.steps),
            "luvcolor": __version__,
            "note": "colours are synthetic",
        }

    def __call__(self, frame: Frame) -> Frame:
        """Return `frame` in colour: same size, bit depth and alpha, with a receipt.

        Raises
        ------
        PictureError
            When there are no pixels.
        PluginError
            When the model fails or answers with something else than its contract says.
        OutOfMemoryError
            When there is too little memory even for the least that can be done at once.
        """
        return next(self.many([frame], failed=_raised)).frame

    def many(
        self,
        frames: Iterable[Frame],
        *,
        failed: Callable[[str, LuvcolorError], None],
        batch: int | None = None,
    ) -> Iterator[Colored]:
        """Yield frames in colour, in their order; those of one network size are predicted together.

        Parameters
        ----------
        frames
            Drawn as they are needed, `batch` at a time.
        failed
            Called with the name and reason of every frame that cannot be coloured; the others of
            its batch are.
        batch
            How many frames to hold and predict together; None for what suits the device. Draws by
            a seed are made one by one.

        Yields
        ------
        Colored
            `ColorizeOptions.samples` for each frame, those of one frame one after the other.

        Examples
        --------
        >>> from luvcolor.checkpoint import find_checkpoint
        >>> engine = Engine.open(find_checkpoint(None), ColorizeOptions(device="cpu"))
        >>> frames = [Frame(np.full(size, 99, np.uint8)) for size in [(32, 48), (0, 5), (48, 32)]]
        >>> [c.frame.size for c in engine.many(frames, failed=lambda name, error: print(error))]
        picture: expected pixels, found none
        [(32, 48), (48, 32)]
        """
        if batch is None:
            batch = BATCH if self.predictor.device == "cpu" else BATCH_ON_GPU
        for held in _batches(frames, batch):
            looks = []
            for frame in held:
                try:
                    looks.append(look_at(frame, self.sizes, self.place))
                except LuvcolorError as error:
                    failed(frame.name or "picture", error)
            yield from self._colored(looks, failed)

    def _colored(
        self, looks: list[Look], failed: Callable[[str, LuvcolorError], None]
    ) -> Iterator[Colored]:
        """Yield the colourings of frames that are predicted together."""
        seeds = self.options.seeds
        drawn = [self._answers(looks, seed) for seed in seeds]
        for look, answers in zip(looks, zip(*drawn, strict=True), strict=True):
            for number, (seed, answer) in enumerate(zip(seeds, answers, strict=True), 1):
                sample = number if len(seeds) > 1 else None
                try:
                    yield self._merged(look, answer, seed, sample)
                except LuvcolorError as error:
                    failed(look.frame.name or "picture", error)

    def _repainted(self, predictor: Predictor) -> Predictor:
        if not self.options.recolor:
            return predictor
        return predictor.repainted(recolored(predictor.palette, self.options.recolor))

    def _answers(self, looks: list[Look], seed: int | None) -> list[Prediction | LuvcolorError]:
        """Predict together; where that fails, each on its own, so that the others succeed."""
        views = [[self.place.bring(x) for x in look.views] for look in looks]
        try:
            return [*predict_views(self.network, views, self.options.temperature, seed)]
        except LuvcolorError as error:
            if len(looks) == 1 or isinstance(error, OutOfMemoryError):
                return [error] * len(looks)
        return [answer for look in looks for answer in self._answers([look], seed)]

    def _merged(
        self, look: Look, answer: Prediction | LuvcolorError, seed: int | None, sample: int | None
    ) -> Colored:
        if isinstance(answer, LuvcolorError):
            raise answer
        frame, uv = look.frame, answer.uv[0] * self.options.saturation
        colored = frame.after("colorize", pixels=merge(look, uv, self.place))
        receipt = self.receipt | _given(seed=seed, sample=sample)
        text = {**frame.metadata.text, RECEIPT_KEY: json.dumps(receipt)}
        name = frame.name if sample is None else _numbered(frame.name, sample)
        colored = replace(colored, name=name, metadata=replace(colored.metadata, text=text))
        sure = answer.confidence
        return Colored(colored, None if sure is None else on_host(sure)[0, 0], sample)


def colorize(frame: Frame, checkpoint: Path | str | None = None, **options: Any) -> Frame:
    """Colour one frame: the short way, for one picture in a program.

    Parameters
    ----------
    frame
        Gray or colour; of colour only the luma is used.
    checkpoint
        A file, the name of a shipped checkpoint, or None for the default one.
    options
        Fields of `ColorizeOptions`.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor import Frame, colorize
    >>> colorize(Frame(np.full((32, 32), 128, np.uint8))).pixels.shape
    (32, 32, 3)
    """
    from luvcolor.checkpoint import find_checkpoint

    name = None if checkpoint is None else str(checkpoint)
    return Engine.open(find_checkpoint(name), ColorizeOptions(**options))(frame)


def _batches(frames: Iterable[Frame], most: int) -> Iterator[list[Frame]]:
    held: list[Frame] = []
    for frame in frames:
        held.append(frame)
        if len(held) >= most or sum(one.size[0] * one.size[1] for one in held) >= HELD:
            yield held
            held = []
    if held:
        yield held


def _numbered(name: str, number: int) -> str:
    """Return the name of a sample: ``a/b.png`` becomes ``a/b-1.png``."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-{number}{path.suffix}")) if path.name else name


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _raised(name: str, error: LuvcolorError) -> NoReturn:
    raise error
