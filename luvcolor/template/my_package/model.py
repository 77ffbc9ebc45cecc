from collections.abc import Iterator
from dataclasses import dataclass

from luvcolor import Batch, Chroma, Colorizer
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class MyModelConfig:
    width: int = 32
    """Channels of each layer."""


class MyModel(Colorizer):
    """Three convolutions, each of which sees further than the one before."""

    Config = MyModelConfig

    def __init__(self, config: MyModelConfig | None = None) -> None:
        super().__init__(config)
        layers: list[nn.Module] = []
        channels = 1
        for step in (1, 2, 4):
            layers += [nn.Conv2d(channels, self.config.width, 5, padding="same", dilation=step)]
            layers += [nn.ReLU()]
            channels = self.config.width
        self.layers = nn.Sequential(*layers, nn.Conv2d(channels, 2, 1))

    def predict(self, luma: Tensor, **_: object) -> Chroma:
        """L / 100 in, (N, 1, H, W); u* and v* out, (N, 2, H, W)."""
        uv: Tensor = self.layers(luma - 0.5).float()
        return Chroma(uv * 100)

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        yield "main", F.mse_loss(self.predict(batch.luma).uv / 100, batch.uv / 100)
