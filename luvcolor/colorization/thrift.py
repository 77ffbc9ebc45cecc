"""Prediction that makes do with the memory there is: fewer pictures, smaller tiles, the CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from luvcolor.colorization.planes import beside, joined, on_host
from luvcolor.colorization.tiling import SMALLEST, tile_sides, tiled
from luvcolor.errors import OutOfMemoryError
from luvcolor.runtimes import Prediction, Predictor
from luvcolor.runtimes.contract import predict
from luvcolor.runtimes.memory import release

if TYPE_CHECKING:
    from luvcolor.hints import HintPlanes

__all__ = ["WHOLE", "Thrifty"]

AT_ONCE = 1 << 20
"""Pixels that a network sees in one call on the CPU; the shipped one takes 0.5 KB for each."""
AT_ONCE_ON_GPU = 1 << 22
WHOLE = 1 << 24
"""The same for a model that has no layers to hold."""


class Thrifty:
    """A predictor, called with no more pixels at once than memory holds.

    What is learned of the memory is kept: later pictures begin with what the last one ended with.

    Parameters
    ----------
    predictor
        What predicts.
    on_cpu
        Makes the one that predicts on the CPU, when nothing else helps; None where there is none.
    limit
        The most pixels in one call; None for what suits the device.
    whole
        Whether no picture is cut into tiles: what is known of one part counts for all of it.
    strict
        Whether to fail rather than go on with less at a time.
    say
        Called once with each step that is taken.

    Attributes
    ----------
    predictor
        What predicts by now.
    limit
        The most pixels in one call by now.
    steps
        What was done for want of memory, in words, in order.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> from luvcolor.runtimes import open_predictor
    >>> network = Thrifty(open_predictor(find_checkpoint(None), device="cpu"))
    >>> network(np.zeros((3, 1, 32, 64), np.float32), temperature=None, seed=None).uv.shape
    (3, 2, 32, 64)
    """

    def __init__(
        self,
        predictor: Predictor,
        *,
        on_cpu: Callable[[], Predictor] | None = None,
        limit: int | None = None,
        whole: bool = False,
        strict: bool = False,
        say: Callable[[str], None] = lambda step: None,
    ) -> None:
        self.predictor, self.whole, self.strict, self.say = predictor, whole, strict, say
        self.limit = limit or (AT_ONCE if predictor.device == "cpu" else AT_ONCE_ON_GPU)
        self.steps: list[str] = []
        self._on_cpu = on_cpu
        self._moved = False

    def __call__(
        self,
        luma: Any,
        *,
        temperature: float | None,
        seed: int | None,
        hints: HintPlanes | None = None,
    ) -> Prediction:
        """Predict chroma for luma (N, 1, h, w), as `Predictor` says.

        A seed draws the same for every picture, whatever others are with it and in whatever tiles.
        Hints are those of a picture that comes alone.

        Raises
        ------
        OutOfMemoryError
            When memory does not suffice for the smallest tile; at the first want of it, if strict.
        PluginError
            See `luvcolor.runtimes.contract.predict`.
        """

        def run(x: Any, hints: HintPlanes | None = hints) -> Prediction:
            return self._run(x, temperature, seed, hints)

        while True:
            try:
                return self._within_limit(run, luma, hints, alone=seed is not None)
            except OutOfMemoryError:
                if self.strict:
                    raise
            # After the exception, which holds on to what its network had in memory.
            self._make_do(luma, alone=seed is not None)

    def note(self, step: str) -> None:
        """Keep and say a step that was taken for want of memory."""
        release()
        self.steps.append(step)
        self.say(f"memory is full: from now on {step}")

    def _within_limit(
        self,
        run: Callable[..., Prediction],
        luma: Any,
        hints: HintPlanes | None,
        *,
        alone: bool,
    ) -> Prediction:
        count, together = len(luma), self._together(luma, alone)
        if luma.shape[-2] * luma.shape[-1] > self.limit and not self.whole:
            pictures = [luma[number : number + 1] for number in range(count)]
            found = [tiled(run, picture, self.limit, hints) for picture in pictures]
        else:
            begins = range(0, count, together)
            found = [run(luma[begin : begin + together]) for begin in begins]
        told = [one.confidence for one in found if one.confidence is not None]
        return Prediction(joined([one.uv for one in found]), joined(told) if told else None)

    def _together(self, luma: Any, alone: bool) -> int:
        """Return how many of these pictures one call takes."""
        pixels = luma.shape[-2] * luma.shape[-1]
        return 1 if alone else min(len(luma), max(1, self.limit // pixels))

    def _run(
        self, luma: Any, temperature: float | None, seed: int | None, hints: HintPlanes | None
    ) -> Prediction:
        x = on_host(luma) if self._moved else luma
        found = predict(self.predictor, x, temperature=temperature, seed=seed, hints=hints)
        if not self._moved:
            return found
        return Prediction(*(None if x is None else beside(luma, x) for x in found))

    def _make_do(self, luma: Any, *, alone: bool) -> None:
        """Take the next step."""
        height, width = luma.shape[-2:]
        together = self._together(luma, alone)
        pixels = height * width if self.whole else min(height * width, self.limit)
        if together > 1:
            self.limit = together // 2 * pixels
            self.note(f"{together // 2} of {width}x{height} pixels at once, not {together}")
        elif pixels > SMALLEST and not self.whole:
            down, across = tile_sides((height, width), max(SMALLEST, pixels // 2))
            self.limit = max(SMALLEST, down * across)
            self.note(f"tiles of {across}x{down} pixels")
        elif self._on_cpu is not None:
            self._move()
        else:
            raise OutOfMemoryError(
                f"the model {self.predictor.card.model!r} expected memory on "
                f"{self.predictor.device} for {pixels} pixels at once, the fewest there are, and "
                "found too little; end other programs, or give smaller sizes"
            )

    def _move(self) -> None:
        assert self._on_cpu is not None
        make, self._on_cpu = self._on_cpu, None
        self.predictor, self.limit, self._moved = make(), AT_ONCE, True
        self.note("the network runs on the CPU")
