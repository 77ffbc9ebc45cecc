"""Models that keep the contract, and others that each break one rule of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from luvcolor.errors import UsageError
from luvcolor.model import Batch, Chroma, Colorizer, Hints


@dataclass(frozen=True)
class TintConfig:
    levels: int = 8
    rate: float = 0.1


class Tint(Colorizer):
    """One learned colour for each lightness."""

    Config: ClassVar[type[Any]] = TintConfig

    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.table = nn.Embedding(8, 2)

    def forward(self, luma: Tensor) -> Tensor:
        uv: Tensor = self.table((luma[:, 0] * 7).round().long()).movedim(-1, 1)
        return uv * 100

    def predict(
        self,
        luma: Tensor,
        *,
        hints: Hints | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Chroma:
        uv: Tensor = self(luma)
        if generator is not None:
            uv = uv + torch.rand((), generator=generator)
        return Chroma(uv, torch.ones_like(luma))

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        yield "main", F.mse_loss(self(batch.luma) / 100, batch.uv / 100)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"main": torch.optim.Adam(self.parameters(), lr=getattr(self.config, "rate", 0.1))}


class Wash(Colorizer):
    """Needs no weights: the mean of the colours that are given, a little of the reference."""

    Config: ClassVar[type[Any]] = TintConfig
    uses: ClassVar[Any] = ("colours", "reference")

    def predict(self, luma: Tensor, *, hints: Hints | None = None, **_: Any) -> Chroma:
        if hints is None or hints.reference is None:
            raise UsageError("give --hint and --reference")
        given = hints.uv.sum((2, 3), keepdim=True) / hints.mask.sum((2, 3), keepdim=True).clamp(1)
        other = hints.reference[:, 1:].mean((2, 3), keepdim=True)
        left = hints.uv[..., :1, :1]
        return Chroma((given + other / 9 + left).expand(-1, -1, *luma.shape[-2:]) * luma)


class Gray(Colorizer):
    """Needs no weights and no hints."""

    Config = TintConfig

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(torch.cat([luma, luma], 1))


# What predict takes and answers


class NoGenerator(Tint):
    def predict(self, luma: Tensor, *, hints: Any = None, temperature: Any = None) -> Chroma:  # type: ignore[override]
        return Chroma(self(luma))


class NeedsLabels(Tint):
    def predict(self, luma: Tensor, labels: Tensor, **_: Any) -> Chroma:  # type: ignore[override]
        return Chroma(self(luma))


class BareTensor(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Any:
        return self(luma)


class Halved(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        small = F.avg_pool2d(luma, 2, ceil_mode=True)
        return Chroma(F.interpolate(self(small), scale_factor=2))


class OneChannel(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma)[:, :1])


class NoTensor(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma).numpy())


class Reflecting(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(F.pad(luma, (1, 1, 1, 1), mode="reflect"))[..., 1:-1, 1:-1])


class Integers(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma).long())


class TooSure(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma), luma + 1)


class SureOfBoth(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma), luma.expand(-1, 2, -1, -1))


class Batchwise(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma) - 100 * luma.mean())


class DrawsAnyhow(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma) + torch.rand(1))


class DrawsElsewhere(Tint):
    def predict(self, luma: Tensor, *, generator: Any = None, **_: Any) -> Chroma:
        return Chroma(self(luma) + (torch.rand(1) if generator else 0))


class Logarithmic(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma) + luma.log())


class DividesByTemperature(Tint):
    def predict(self, luma: Tensor, *, temperature: Any = None, **_: Any) -> Chroma:
        return Chroma(self(luma) / (1 if temperature is None else torch.tensor(temperature)))


class InPlace(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self(luma.mul_(0.5)))


class Counting(Tint):
    count: Tensor

    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.register_buffer("count", torch.zeros(1))

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        self.count += 1
        return Chroma(self(luma))


class StaysInTraining(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(self.train()(luma))


class Remembers(Tint):
    mean = 0.0

    def fit_to(self, dataset: Any, **_: Any) -> None:
        self.mean = 40.0

    def forward(self, luma: Tensor) -> Tensor:
        return super().forward(luma) + self.mean


# Hints


class UsesWord(Tint):
    uses: ClassVar[Any] = "colours"


class UsesUnknown(Tint):
    uses = ("strokes",)


class DemandsInWords(Tint):
    def predict(self, luma: Tensor, *, hints: Any = None, **_: Any) -> Chroma:
        raise UsageError("give --hint")


class DemandsByFailing(Wash):
    def predict(self, luma: Tensor, *, hints: Any = None, **_: Any) -> Chroma:
        return Chroma(hints.uv)


class Deaf(Gray):
    uses = ("colours",)


# Tensors and checkpoints


class PlainTensor(Tint):
    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.shift = torch.zeros(1)


class PlainList(Tint):
    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.shifts = [{"a": (torch.zeros(1),)}]


class ExtraState(Tint):
    def get_extra_state(self) -> Any:
        return {"settings": 1}

    def set_extra_state(self, state: Any) -> None: ...


class Growing(Tint):
    def fit_to(self, dataset: Any, **_: Any) -> None:
        self.table = nn.Embedding(16, 2)


# Config


@dataclass
class Thawed:
    levels: int = 8


@dataclass(frozen=True)
class Bare:
    levels: int


@dataclass(frozen=True)
class Unkept:
    colors: frozenset[str] = frozenset("a")


@dataclass(frozen=True, eq=False)
class Unequal:
    levels: int = 8


@dataclass(frozen=True)
class Choosy:
    levels: int = field(default=0)

    def __post_init__(self) -> None:
        if not self.levels:
            raise UsageError("levels are at least 1")


class ThawedConfig(Tint):
    Config = Thawed


class BareConfig(Tint):
    Config = Bare


class UnkeptConfig(Tint):
    Config = Unkept


class UnequalConfig(Tint):
    Config = Unequal


class ChoosyConfig(Tint):
    Config = Choosy


class DropsConfig(Tint):
    def __init__(self, config: Any = None) -> None:
        super().__init__(TintConfig(levels=99))


class TakesMore(Tint):
    def __init__(self, config: Any, size: int) -> None:
        super().__init__(config)


class NoColorizer:
    Config = TintConfig

    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        return Chroma(luma)


# Learning


class WrongName(Tint):
    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        yield from (("other", loss) for _, loss in super().losses(batch))


class VectorLoss(Tint):
    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        yield "main", (self(batch.luma) - batch.uv).square()


class Detached(Tint):
    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        yield from ((name, loss.detach()) for name, loss in super().losses(batch))


class Raising(Tint):
    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        if batch.luma.numel():
            raise KeyError("no such loss")
        yield from super().losses(batch)


class FailsToFit(Tint):
    def fit_to(self, dataset: Any, **_: Any) -> None:
        raise KeyError("no such picture")


class NoLossMetric(Tint):
    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        return {"right": torch.ones(())}


class FloatMetric(Tint):
    def metrics(self, batch: Batch) -> Any:
        return {"loss": 1.0}


class NeedsGradients(Tint):
    def metrics(self, batch: Batch) -> dict[str, Tensor]:
        loss = self(batch.luma).sum()
        loss.backward()
        return {"loss": loss}


class Forgotten(Tint):
    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.extra = nn.Parameter(torch.ones(1))

    def forward(self, luma: Tensor) -> Tensor:
        return super().forward(luma) * self.extra

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"main": torch.optim.Adam(self.table.parameters())}


class Unused(Tint):
    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.extra = nn.Parameter(torch.ones(1))


class Stuck(Tint):
    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"main": torch.optim.SGD(self.parameters(), lr=1e-9)}


class OneSideOnly(Tint):
    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        batch.luma.view(-1, 32, 32)
        yield from super().losses(batch)


class NoNumber(Tint):
    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        whole = 1.0 if batch.luma.shape[-1] == 32 else float("nan")
        yield from ((name, loss * whole) for name, loss in super().losses(batch))


class FailsInLightning(Tint):
    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        if not self.training:
            raise ValueError("no validation here")
        yield from super().losses(batch)


class SquareOnly(Tint):
    def predict(self, luma: Tensor, **_: Any) -> Chroma:
        if luma.shape[-1] != luma.shape[-2]:
            raise ValueError("no such shape")
        return Chroma(self(luma))
