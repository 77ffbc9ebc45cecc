"""The convolutions of VGG16 on luma, for models that build on them, and the way back up.

Source: Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition",
2015. Its weights do not come with luvcolor; a file of them can be given.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from luvcolor.errors import CheckpointError, UsageError
from luvcolor.model import Colorizer

if TYPE_CHECKING:
    from luvcolor.dataset import Dataset
    from luvcolor.palette import Palette

__all__ = ["LAYERS", "VGG16", "WIDTH", "Ascent", "VGGColorizer", "check_width", "convolution"]

WIDTH = 64
"""Channels of VGG16's first block."""
LAYERS, TIMES = (2, 2, 3, 3, 3), (1, 2, 4, 8, 8)
"""Convolutions of each block, and its channels as a multiple of the first one's."""
NUMBERS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
"""Of the convolutions in torchvision's names, which count activations and pools too."""
MEAN, DEVIATION = 0.449, 0.226
"""Of ImageNet's sRGB values in 0..1, averaged over the channels: what VGG16 expects as 0 and 1."""


class VGG16(nn.Module):
    """The blocks of VGG16 on luma; the fully connected layers are left out.

    Parameters
    ----------
    width
        Channels of the first block; 64 in VGG16.
    blocks
        How many blocks, at most 5; each but the first halves the picture before it looks.
    normalize
        Normalize batches after every convolution. To learn from scratch it must; weights that
        came without do without.

    Examples
    --------
    >>> fine, coarse = VGG16(4, blocks=2)(torch.zeros(1, 1, 8, 8))
    >>> [tuple(layer.shape) for layer in coarse]
    [(1, 8, 4, 4), (1, 8, 4, 4)]
    """

    def __init__(self, width: int = WIDTH, *, blocks: int = 5, normalize: bool = True) -> None:
        super().__init__()
        self.widths = [width * times for times in TIMES[:blocks]]
        self.blocks = nn.ModuleList(
            Block(inputs, outputs, layers, normalize=normalize)
            for layers, (inputs, outputs) in zip(LAYERS, pairwise([1, *self.widths]), strict=False)
        )

    def forward(self, luma: Tensor) -> list[list[Tensor]]:
        """(N, 1, H, W) L / 100, sides multiples of 2 ** (blocks - 1) -> every layer, by block."""
        x = (luma - MEAN) / DEVIATION
        seen: list[list[Tensor]] = []
        for block in self.blocks:
            seen.append(block(F.max_pool2d(x, 2) if seen else x))
            x = seen[-1][-1]
        return seen

    def load(self, path: Path) -> None:
        """Fill a body that does not normalize with the weights of a file.

        The filters of red, green and blue are summed to see luma.

        Parameters
        ----------
        path
            A ``.safetensors`` file, or a state dictionary that torch saved, with torchvision's
            names: ``features.0.weight`` and so on. What else it holds is left.

        Raises
        ------
        CheckpointError
            When the file is missing, cannot be read, or its weights are not VGG16's.
        """
        weights = read_weights(path)
        with torch.no_grad():
            for number, conv in self._numbered():
                self._fill(conv.weight, weights, f"features.{number}.weight", path)
                self._fill(conv.bias, weights, f"features.{number}.bias", path)

    def _numbered(self) -> Iterator[tuple[int, nn.Conv2d]]:
        """Return the convolutions, each after torchvision's number of it."""
        convolutions = [layer for layer in self.modules() if isinstance(layer, nn.Conv2d)]
        return zip(NUMBERS, convolutions, strict=False)

    def _fill(
        self, parameter: Tensor | None, weights: dict[str, Tensor], name: str, path: Path
    ) -> None:
        assert parameter is not None
        found = weights.get(name)
        if found is not None and name == "features.0.weight" and found.ndim == 4:
            found = found.sum(1, keepdim=True)
        if found is None or found.shape != parameter.shape:
            told = "none" if found is None else f"one of shape {tuple(found.shape)}"
            raise CheckpointError(
                f"{path}: expected VGG16's weight {name} of shape {tuple(parameter.shape)}, found "
                f"{told}; give the weights of torchvision's vgg16 (without batch normalization)"
            )
        parameter.copy_(found)


class Block(nn.Module):
    """Convolutions of one size; returns what each of them gives."""

    def __init__(self, inputs: int, outputs: int, layers: int, *, normalize: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            convolution(outputs if layer else inputs, outputs, normalize=normalize)
            for layer in range(layers)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """(N, inputs, H, W) -> one (N, outputs, H, W) a layer."""
        seen = []
        for layer in self.layers:
            x = layer(x)
            seen.append(x)
        return seen


class Ascent(nn.Module):
    """From the coarsest features up: convolve, enlarge, add the normalized features above.

    The residual encoder of Dahl, "Automatic colorization", 2016, which needs far less memory than
    hypercolumns do.

    Parameters
    ----------
    widths
        Channels of the features, from fine to coarse; each half the size of the one before.

    Examples
    --------
    >>> Ascent([2, 4])([torch.zeros(1, 2, 8, 8), torch.zeros(1, 4, 4, 4)]).shape
    torch.Size([1, 2, 8, 8])
    """

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths)
        self.rises = nn.ModuleList(convolution(wide, narrow) for narrow, wide in pairwise(widths))

    def forward(self, features: list[Tensor]) -> Tensor:
        """[(N, widths[0], H, W), (N, widths[1], H/2, W/2), ...] -> (N, widths[0], H, W)."""
        finer = [norm(x) for norm, x in zip(self.norms, features, strict=True)]
        x: Tensor = finer.pop()
        for rise in reversed(self.rises):
            x = F.interpolate(rise(x), scale_factor=2, mode="bilinear") + finer.pop()
        return x


class VGGColorizer(Colorizer):
    """Base of models over the convolutions of VGG16.

    Subclasses set `body`, and have `weights` (a file, or empty to learn from scratch),
    `learning_rate` and `body_rate` (of weights that were given, as a share of it) among their
    settings.
    """

    body: VGG16

    def fit_to(self, dataset: Dataset, *, palette: Palette | None, seed: int) -> None:
        """Load VGG16's weights, where a file is given."""
        if self.config.weights:
            self.body.load(Path(self.config.weights))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return AdamW, slower for the body where its weights were given."""
        rate, share = self.config.learning_rate, self.config.body_rate
        body = list(self.body.parameters())
        inside = {id(parameter) for parameter in body}
        rest = [parameter for parameter in self.parameters() if id(parameter) not in inside]
        slow = {"params": body, "lr": rate * share if self.config.weights else rate}
        groups: list[dict[str, Any]] = [{"params": rest}, slow]
        return {"main": torch.optim.AdamW(groups, lr=rate, weight_decay=1e-2)}


def convolution(inputs: int, outputs: int, *, normalize: bool = True) -> nn.Sequential:
    """Convolution, batch normalization where asked for, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=not normalize),
        nn.BatchNorm2d(outputs) if normalize else nn.Identity(),
        nn.ReLU(),
    )


def check_width(width: int, weights: str) -> None:
    """Refuse another width than VGG16's where its weights are given.

    Raises
    ------
    UsageError
        It says which width to set.
    """
    if width < 1:
        raise UsageError(f"width is at least 1; found {width}")
    if weights and width != WIDTH:
        raise UsageError(
            f"the weights of VGG16 are {WIDTH} channels wide, found width={width}; set "
            f"width={WIDTH}, or leave weights out to learn from scratch"
        )


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read weights by name, running no code of the file."""
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        return {name: value for name, value in weights.items() if isinstance(value, Tensor)}
    except FileNotFoundError:
        raise CheckpointError(
            f"{path}: expected a file of VGG16's weights, found none; check the name"
        ) from None
    except Exception as error:  # of many kinds: zip, pickle, safetensors
        raise CheckpointError(
            f"{path}: expected a .safetensors file or a state dictionary that torch saved, found a "
            f"file that is neither ({type(error).__name__})"
        ) from error
