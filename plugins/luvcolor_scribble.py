"""Colours that a person puts at some pixels, spread over all that is alike in luma around them.

Nothing is learned. Neighbours alike in luma get chroma alike, as least squares over the whole
picture have it (Levin, Lischinski & Weiss, "Colorization using optimization", SIGGRAPH 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from luvcolor.errors import UsageError
from luvcolor.model import Chroma, Colorizer, Hints
from luvcolor.propagation import check_options, propagate


@dataclass(frozen=True)
class ScribbleConfig:
    """Settings of `Scribble`."""

    sharpness: float = 1.0
    """By how much a unit of L keeps neighbours apart: more for faded pictures, less for noisy ones;
    0 looks at nothing but distance."""
    decay: float = 0.0
    """A pull toward gray. Over areas of one luma, colours fade to 1 / e within about the root of
    3 / decay pixels; 0 for colours that reach everywhere."""
    neighbors: int = 8
    """How many pixels around a pixel are its neighbours: 8, or 4, which is faster."""
    tolerance: float = 3e-4
    """What may be left of the equations, relative to their right side, when their solver stops."""

    def __post_init__(self) -> None:
        check_options(**vars(self))


class Scribble(Colorizer):
    """Chroma of hints, spread along luma."""

    Config = ScribbleConfig
    config: ScribbleConfig
    uses = ("colours",)

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Spread the colours of the hints; there is one solution, so nothing to be bold about.

        Raises
        ------
        UsageError
            When a picture comes without any colour.
        """
        if hints is None or not hints.mask.flatten(1).any(1).all():
            raise UsageError(
                "expected colours at some pixels of every picture, for scribble to spread; found "
                "none; give them with --hints FILE or --hint X,Y=COLOR"
            )
        # Of the devices that are no CPU, CUDA alone has sparse systems.
        place = luma.device if luma.is_cuda else "cpu"
        planes = (x.detach().to(place) for x in (luma.float(), hints.uv.float(), hints.mask))
        options = vars(self.config)
        spread = [
            propagate(x[0], uv, mask[0], **options) for x, uv, mask in zip(*planes, strict=True)
        ]
        return Chroma(torch.stack(spread).to(luma.device))
