"""Colours frames with any model: luma in full size, chroma from the model, merged along edges.

The luma of the input is the content of the picture and is kept. The model sees it small, at one
size or several, and answers with chroma of that size; enlarging, the kernels let chroma follow luma
by the local slope of one over the other, so that colours end where things do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from luvcolor import __version__
from luvcolor.colorization.batching import batch_for, batches
from luvcolor.colorization.colored import Colored, with_receipt
from luvcolor.colorization.fusion import predict_hinted, predict_views
from luvcolor.colorization.hinting import forces, lay_over
from luvcolor.colorization.look import Look, look_at, merge
from luvcolor.colorization.options import ColorizeOptions
from luvcolor.colorization.overrides import recolored
from luvcolor.colorization.place import Place
from luvcolor.colorization.planes import on_host
from luvcolor.colorization.thrift import WHOLE, Thrifty
from luvcolor.errors import LuvcolorError, OutOfMemoryError
from luvcolor.frame import Frame
from luvcolor.hints.report import report
from luvcolor.runtimes import Prediction, Predictor, open_predictor, prefer_torch

if TYPE_CHECKING:
    from luvcolor.weightless import WeightlessModel

__all__ = ["Colored", "ColorizeOptions", "Engine"]


class Engine:
    """A model, ready to colour frames.

    Parameters
    ----------
    predictor
        The model's network in one of the runtimes.
    options
        Sizes, temperature, saturation and so on.
    checkpoint
        The name of the file it came from, for the receipt; empty for a model that needs none.
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
    forces_hints
        Whether colours given as hints are laid over what the model predicts.

    Raises
    ------
    UsageError
        When the model has no palette whose colours could become others, or cannot use the hints.
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
        self.forces_hints = forces(self.options, predictor)
        again = None if on_cpu is None else lambda: self._repainted(on_cpu())
        self.network = Thrifty(
            self._repainted(predictor),
            on_cpu=again,
            limit=WHOLE if predictor.own_size else None,
            whole=predictor.own_size and bool(predictor.uses),
            strict=strict,
            say=say,
        )
        self.place = Place(self.network)
        mean_uv = card.data.get("mean_uv")
        self.mean_uv: tuple[float, float] | None = tuple(mean_uv) if mean_uv else None

    @classmethod
    def open(
        cls,
        checkpoint: Path | WeightlessModel,
        options: ColorizeOptions | None = None,
        **rest: Any,
    ) -> Engine:
        """Load a checkpoint and put its model on the device.

        Parameters
        ----------
        checkpoint
            A ``.safetensors`` file, or an ``.onnx`` file that `luvcolor export` wrote; or a model
            that needs neither. `luvcolor.weightless.find_model` finds all of them by name.
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
        runtime = options.runtime
        if options.hints is not None:
            runtime = prefer_torch(checkpoint, runtime)  # no graph takes them

        def on_cpu() -> Predictor:
            return open_predictor(checkpoint, runtime, "cpu")

        rest = {"checkpoint": checkpoint.name if isinstance(checkpoint, Path) else "", **rest}
        try:
            predictor = open_predictor(checkpoint, runtime, options.device)
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
    def keeps_small(self) -> bool:
        """Whether the model sees pictures below its size as they are."""
        return self.predictor.own_size and self.options.sizes is None

    @property
    def receipt(self) -> dict[str, Any]:
        """What outputs say of how they were made."""
        predictor, options = self.predictor, self.options
        return {
            "model": predictor.card.model,
            **self._origin(),
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

    def _origin(self) -> dict[str, Any]:
        """Return which weights a receipt names; of a model without any, its settings."""
        if self.checkpoint:
            return {"checkpoint": self.checkpoint, "sha256": self.predictor.digest}
        card = self.predictor.card
        # Of a file its name: where it lies on this machine is nobody's business.
        named = {
            key: Path(value).name if isinstance(value, str) else value
            for key, value in card.config.items()
        }
        return {"settings": named, **card.data}

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
        >>> import numpy as np
        >>> from luvcolor.checkpoint import find_checkpoint
        >>> engine = Engine.open(find_checkpoint(None), ColorizeOptions(device="cpu"))
        >>> frames = [Frame(np.full(size, 99, np.uint8)) for size in [(32, 48), (0, 5), (48, 32)]]
        >>> [c.frame.size for c in engine.many(frames, failed=lambda name, error: print(error))]
        picture: expected pixels, found none
        [(32, 48), (48, 32)]
        """
        for held in batches(frames, batch or batch_for(self.predictor.device)):
            looks = []
            for frame in held:
                try:
                    looks.append(self._look(frame))
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

    def _look(self, frame: Frame) -> Look:
        look = look_at(frame, self.sizes, self.place, grow=not self.keeps_small)
        source = self.options.hints
        hints = None if source is None else source.of(frame)
        return look._replace(hinted=hints.on(frame)) if hints else look

    def _repainted(self, predictor: Predictor) -> Predictor:
        if not self.options.recolor:
            return predictor
        return predictor.repainted(recolored(predictor.palette, self.options.recolor))

    def _answers(self, looks: list[Look], seed: int | None) -> list[Prediction | LuvcolorError]:
        """Predict together; each on its own where there are hints.

        Where that fails, each on its own as well, so that the others succeed.
        """
        alone = len(looks) == 1
        if alone or not any(look.hinted for look in looks):
            try:
                return [*self._predicted(looks, seed)]
            except LuvcolorError as error:
                if alone or isinstance(error, OutOfMemoryError):
                    return [error] * len(looks)
        return [answer for look in looks for answer in self._answers([look], seed)]

    def _predicted(self, looks: list[Look], seed: int | None) -> list[Prediction]:
        views = [[self.place.bring(x) for x in look.views] for look in looks]
        asked, hinted = (self.options.temperature, seed), looks[0].hinted if looks else None
        if hinted is None or not self.predictor.uses:
            return predict_views(self.network, views, *asked)
        return [predict_hinted(self.network, views[0], hinted, *asked)]

    def _merged(
        self, look: Look, answer: Prediction | LuvcolorError, seed: int | None, sample: int | None
    ) -> Colored:
        if isinstance(answer, LuvcolorError):
            raise answer
        uv = answer.uv[0] * self.options.saturation
        if look.hinted and self.forces_hints:
            look, uv = lay_over(look, uv, self.place)
        pixels = merge(look, uv, self.place)
        hints = report(look.hinted, pixels, forced=self.forces_hints) if look.hinted else None
        sure = None if answer.confidence is None else on_host(answer.confidence)[0, 0]
        receipt = self.receipt
        receipt |= {} if seed is None else {"seed": seed}
        receipt |= {} if hints is None else {"hints": hints.to_json()}
        return Colored(with_receipt(look.frame, pixels, receipt, sample), sure, sample, hints)


def _raised(name: str, error: LuvcolorError) -> NoReturn:
    raise error
