"""How pictures are coloured: what a user may choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from luvcolor.colorization.overrides import Override
from luvcolor.errors import UsageError
from luvcolor.runtimes import check_runtime

if TYPE_CHECKING:
    from luvcolor.hints import HintSource

__all__ = ["ColorizeOptions"]

LEAST_SIZE = 16


@dataclass(frozen=True)
class ColorizeOptions:
    """How pictures are coloured.

    Attributes
    ----------
    sizes
        Short sides at which the model sees a picture, in pixels; what it says at each is fused.
        None for what its card says.
    temperature
        Toward 0 bold, 1 the mean of what is plausible; None for the model's own choice.
    saturation
        Factor on the chroma; 1 leaves the model's.
    seed
        Draws one of the plausible colourings, the same for the same seed; None for the central one.
    samples
        How many colourings of each picture; more than one are drawn with `seed` (or 0), the next
        number, and so on.
    recolor
        Colours of the model's palette that become others.
    hints
        What a person gave: a `luvcolor.hints.HintSet` for every picture, or another source of them.
    force_hints
        Lay colours given as hints over what a model predicts that makes no use of them itself.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"`` or one with an index.
    runtime
        What runs the network: one of `luvcolor.runtimes.RUNTIMES`.

    Examples
    --------
    >>> ColorizeOptions(sizes=(128, 192), samples=3, seed=7).seeds
    [7, 8, 9]
    """

    sizes: tuple[int, ...] | None = None
    temperature: float | None = None
    saturation: float = 1.0
    seed: int | None = None
    samples: int = 1
    recolor: tuple[Override, ...] = ()
    hints: HintSource | None = None
    force_hints: bool = False
    device: str = "auto"
    runtime: str = "auto"

    def __post_init__(self) -> None:
        check_runtime(self.runtime)
        if self.sizes is not None and min(self.sizes, default=0) < LEAST_SIZE:
            raise UsageError(
                f"expected sizes of at least {LEAST_SIZE} pixels, found {list(self.sizes)}"
            )
        if not (self.saturation >= 0 and (self.temperature or 0) >= 0):
            raise UsageError(
                "saturation and temperature are not negative; "
                f"found {self.saturation} and {self.temperature}"
            )
        if self.samples < 1 or (self.seed or 0) < 0:
            raise UsageError(
                "expected at least 1 sample and a seed that is not negative; "
                f"found {self.samples} and {self.seed}"
            )

    @property
    def seeds(self) -> list[int | None]:
        """The seed of each colouring; None for the central one."""
        if self.samples == 1:
            return [self.seed]
        first = self.seed or 0
        return list(range(first, first + self.samples))
