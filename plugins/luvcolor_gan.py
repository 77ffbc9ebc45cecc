"""A generator of chroma and a discriminator that tells it from the truth.

The generator is a U-Net: convolutions go down, transposed ones come up, skips carry the detail
across. It is rewarded for chroma near the truth and for what the discriminator, who sees the luma
too, takes for true (Goodfellow et al., "Generative adversarial nets", 2014; conditioned on a
picture and joined with an absolute error by Isola et al., "Image-to-image translation with
conditional adversarial networks", 2017). The error alone would be pale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

import luvcolor_kernels as kernels
from luvcolor.errors import UsageError
from luvcolor.metrics import colourfulness, psnr
from luvcolor.model import CHROMA_SCALE, Batch, Chroma, Colorizer, Hints, pad_to_multiple


class Adversarial(NamedTuple):
    """What the discriminator and the generator make of verdicts; all (N, 1), lower is better."""

    real: Callable[[Tensor], Tensor]
    """The discriminator's loss where the picture is true."""
    fake: Callable[[Tensor], Tensor]
    """The discriminator's loss where the generator made the chroma."""
    fooled: Callable[[Tensor], Tensor]
    """The generator's loss where it made the chroma."""


ADVERSARIAL = {
    # The sigmoid that ends the discriminator is in here, where its logarithm cannot overflow.
    "bce": Adversarial(
        real=lambda verdict: F.softplus(-verdict),
        fake=F.softplus,
        fooled=lambda verdict: F.softplus(-verdict),
    ),
    "least-squares": Adversarial(
        real=lambda verdict: (verdict - 1).square() / 2,
        fake=lambda verdict: verdict.square() / 2,
        fooled=lambda verdict: (verdict - 1).square() / 2,
    ),
    "hinge": Adversarial(
        real=lambda verdict: F.relu(1 - verdict),
        fake=lambda verdict: F.relu(1 + verdict),
        fooled=torch.neg,
    ),
}
"""Cross entropy of a sigmoid, for the generator in its form that does not saturate (Goodfellow et
al. 2014); least squares (Mao et al., "Least squares generative adversarial networks", 2017); hinge
(as Miyato et al. 2018 use it)."""


@dataclass(frozen=True)
class GANConfig:
    """Hyperparameters of `GAN`."""

    width: int = 32
    """Channels of the first block of either network; each block deeper has twice as many, up to
    `widest`."""
    widest: int = 256
    depth: int = 5
    """Convolutional blocks of the generator, and transposed ones; at least 2."""
    judge_depth: int = 4
    """Blocks of the discriminator, each of which halves the picture."""
    adversarial: str = "bce"
    """``bce``; ``least-squares``, whose gradient does not vanish where the discriminator is sure;
    or ``hinge``, which leaves alone what it already tells apart."""
    spectral_norm: bool = True
    """Bound the slope of the discriminator by the spectral norm of its weights instead of
    normalizing batches, so that it cannot run away from the generator."""
    chroma_weight: float = 20.0
    """Weight of the mean absolute error of chroma / 100 beside the adversarial loss: higher is
    nearer to the truth and paler."""
    decay: float = 0.999
    """Of the moving average of the generator's weights, which predicts in its place and smooths
    over the swings of the game; 0 is off."""
    learning_rate: float = 2e-4
    """Of the generator and of the discriminator."""

    def __post_init__(self) -> None:
        if self.adversarial not in ADVERSARIAL:
            known = ", ".join(ADVERSARIAL)
            raise UsageError(f"adversarial is one of {known}; found {self.adversarial!r}")
        if not 0 <= self.decay < 1:
            raise UsageError(f"decay is at least 0, which is off, and below 1; found {self.decay}")
        if self.depth < 2 or self.judge_depth < 1:
            raise UsageError(
                "depth is at least 2 and judge_depth at least 1; "
                f"found {self.depth} and {self.judge_depth}"
            )
        if not self.chroma_weight >= 0:
            raise UsageError(f"chroma_weight is not negative; found {self.chroma_weight}")


class GAN(Colorizer):
    """Adversarial and chroma loss; two optimizers."""

    Config = GANConfig
    config: GANConfig
    steps: Tensor

    def __init__(self, config: GANConfig | None = None) -> None:
        super().__init__(config)
        c = self.config
        self.generator = Generator(doubled(c.width, c.depth, c.widest))
        widths = doubled(c.width, c.judge_depth, c.widest)
        self.discriminator = Discriminator(widths, spectral=c.spectral_norm)
        self.average = deepcopy(self.generator).requires_grad_(False) if c.decay else None
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100 -> (N, 2, H, W) u*, v* / 100."""
        uv: Tensor = (self.generator if self.average is None else self.average)(luma)
        return uv

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        """Predict the one chroma that the generator makes of luma."""
        return Chroma(self(luma).float() * CHROMA_SCALE)

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        """Yield the discriminator's loss, then the generator's.

        Made once, the chroma is judged twice: the generator answers to the discriminator that has
        stepped.
        """
        loss = ADVERSARIAL[self.config.adversarial]
        true, made = batch.uv / CHROMA_SCALE, self.generator(batch.luma)
        verdict = self.discriminator(batch.luma, true).float()
        suspicion = self.discriminator(batch.luma, made.detach()).float()
        yield "discriminator", (loss.real(verdict).mean() + loss.fake(suspicion).mean()) / 2
        # Without gradients for the discriminator; and so that autocast, which keeps its copies of
        # weights that have some, does not show the generator the weights from before the step.
        self.discriminator.requires_grad_(False)
        belief = self.discriminator(batch.luma, made).float()
        self.discriminator.requires_grad_(True)
        error = F.l1_loss(made.float(), true)
        yield "generator", loss.fooled(belief).mean() + self.config.chroma_weight * error
        self._follow()

    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        """Return what decides which epoch is best, and what it is made of.

        ``chroma_error`` is the mean absolute error of chroma / 100, ``colourfulness`` a share of
        the truth's. ``loss`` is the error, raised by the share by which the colourfulness is off:
        by the error alone the best epoch is the one before the discriminator has had its say. The
        adversarial loss tells who is winning, not how good the pictures are, and takes no part.
        ``psnr`` is in dB.
        """
        uv = self.predict(batch.luma).uv.detach()
        looks = {name: uv.new_tensor(value) for name, value in compare(batch, uv).items()}
        error = F.l1_loss(uv, batch.uv) / CHROMA_SCALE
        loss = error * (1 + (1 - looks["colourfulness"]).abs())
        return {"loss": loss, "chroma_error": error, **looks}

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return Adam with little momentum, as Isola et al. have it, for either."""

        def adam(module: nn.Module) -> torch.optim.Optimizer:
            rate = self.config.learning_rate
            return torch.optim.Adam(module.parameters(), lr=rate, betas=(0.5, 0.999))

        return {"discriminator": adam(self.discriminator), "generator": adam(self.generator)}

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average toward the generator: by large steps at first, lest it stay behind."""
        if self.average is None:
            return
        self.steps += 1
        share = max(1 - self.config.decay, 9 / (9 + int(self.steps)))
        state = self.generator.state_dict()
        for name, mean in self.average.state_dict().items():
            if mean.is_floating_point():
                mean.lerp_(state[name], share)
            else:
                mean.copy_(state[name])


class Generator(nn.Module):
    """A U-Net from luma to chroma: convolutional blocks, then as many transposed ones.

    The first block and the last keep the size, the others halve and double it. The transposed
    blocks see what the convolutional ones of their size gave.
    """

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        self.multiple = 2 ** (len(widths) - 1)
        first, last = block(1, widths[0]), rise(2 * widths[0], widths[0], stride=1)
        self.down = nn.ModuleList([first, *(block(a, b, stride=2) for a, b in pairwise(widths))])
        deepest, *others = pairwise(widths[::-1])
        self.up = nn.ModuleList([rise(*deepest), *(rise(2 * a, b) for a, b in others), last])
        self.chroma = nn.Conv2d(widths[0], 2, 1)

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100 of any size -> (N, 2, H, W) u*, v* / 100."""
        height, width = luma.shape[-2:]
        x = pad_to_multiple(luma, self.multiple) * 2 - 1
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
        x = skips.pop()
        for up in self.up[:-1]:
            x = torch.cat([up(x), skips.pop()], 1)
        uv: Tensor = self.chroma(self.up[-1](x))
        return uv[..., :height, :width]


class Discriminator(nn.Module):
    """Convolutional blocks, their mean over the picture, a fully connected layer.

    The mean makes it fit any size of picture; the fully connected layer being linear, the verdict
    is the mean of the verdicts on all places. The sigmoid is in the loss.

    With `spectral`, every weight is divided by its largest singular value, by one step of power
    iteration a pass (Miyato et al., "Spectral normalization for generative adversarial networks",
    2018), and batches are not normalized, for that would undo the bound.
    """

    def __init__(self, widths: list[int], *, spectral: bool) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            *(block(a, b, stride=2, normalize=not spectral) for a, b in pairwise([3, *widths]))
        )
        self.verdict = nn.Linear(widths[-1], 1)
        if spectral:
            layers = [m for m in self.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
            for layer in layers:
                spectral_norm(layer)

    def forward(self, luma: Tensor, uv: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100, (N, 2, H, W) u*, v* / 100 -> (N, 1), above 0 for true."""
        seen = self.blocks(torch.cat([luma * 2 - 1, uv], 1))
        verdict: Tensor = self.verdict(seen.mean((2, 3)))
        return verdict


def doubled(first: int, depth: int, widest: int) -> list[int]:
    """Channels of `depth` blocks."""
    return [min(first * 2**level, widest) for level in range(depth)]


def block(inputs: int, outputs: int, stride: int = 1, *, normalize: bool = True) -> nn.Sequential:
    """Convolution, batch normalization, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=not normalize),
        nn.BatchNorm2d(outputs) if normalize else nn.Identity(),
        nn.ReLU(),
    )


def rise(inputs: int, outputs: int, stride: int = 2) -> nn.Sequential:
    """Transposed convolution, batch normalization, ReLU: `stride` times the size."""
    # A kernel of twice the stride reaches every pixel equally often, and so leaves no checks.
    kernel = 4 if stride == 2 else 3
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, kernel, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def compare(batch: Batch, uv: Tensor) -> dict[str, float]:
    """Return colourfulness as a share of the truth's, and PSNR, of chroma (N, 2, H, W)."""
    light, chroma = (x.float().cpu().numpy() for x in (100 * batch.luma[:, 0], uv))
    made = kernels.merge_chroma(light, chroma, dtype=np.uint8)
    true = batch.rgb.permute(0, 2, 3, 1).cpu().numpy()
    vivid, truly = (float(np.mean([colourfulness(one) for one in many])) for many in (made, true))
    near = float(np.mean([psnr(*pair) for pair in zip(made, true, strict=True)]))
    return {"colourfulness": vivid / max(truly, 1e-6), "psnr": near}
