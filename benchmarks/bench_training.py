"""Training through luvcolor beside a plain torch loop of the same model, with torch's own loading.

Run by hand, as it needs a dataset: ``python -m benchmarks.bench_training DATASET``. Both start
from the same weights and take batches of the same size with the same crops, optimizers, rates,
clipping, precision and threads, in one process. After every epoch of luvcolor's, each peer does
one; the first counts as a warm-up. Measured are pictures a second from the beginning of an epoch
to the end of its last step; validation and writing do not count. A ratio above 1 says that luvcolor
is faster; it is the median of those of the epochs, for a time of another minute says nothing.

The peer holds all pictures in memory, which is to its advantage: luvcolor reads them from disk.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from benchmarks.torch_formulas import rgb_to_luv
from luvcolor.configuration import from_mapping, parse_settings
from luvcolor.dataset import Dataset
from luvcolor.errors import UsageError
from luvcolor.learning.beginning import begin
from luvcolor.learning.schedules import SCHEDULES
from luvcolor.model import Batch, Colorizer
from luvcolor.registry import registry
from luvcolor.training import TrainingOptions, train

LOADERS = {"loading in the same process": 0, "one process loads": 1}
"""The peers, and how many processes of torch's load for them."""


class Pictures(TorchDataset[Tensor]):
    """Pictures in memory, cropped and flipped at random as they are taken."""

    def __init__(self, dataset: Dataset, crop: int) -> None:
        pictures = np.stack(list(dataset.pictures("train")))
        self.pictures = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()
        self.side = min(crop or dataset.size, dataset.size)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Tensor:
        room = self.pictures.shape[-1] - self.side + 1
        y, x, flip = (int(torch.randint(bound, ())) for bound in (room, room, 2))
        picture = self.pictures[index, :, y : y + self.side, x : x + self.side]
        return picture.flip(-1) if flip else picture


def to_batch(pictures: Sequence[Tensor]) -> Batch:
    """Put pictures together and convert them to LUV, all at once."""
    rgb = torch.stack(list(pictures))
    luv = rgb_to_luv(rgb)
    return Batch(luv[:, :1] / 100, luv[:, 1:], rgb)


@dataclass
class Plain:
    """A plain torch loop."""

    model: Colorizer
    loader: DataLoader[Tensor]
    options: TrainingOptions
    device: str
    speeds: list[float] = field(default_factory=list)
    loss: float = float("nan")

    def __post_init__(self) -> None:
        self.model.to(self.device).train()
        self.optimizers = self.model.optimizers()
        self.schedulers = [
            torch.optim.lr_scheduler.LambdaLR(optimizer, self._factor)
            for optimizer in self.optimizers.values()
        ]

    def epoch(self) -> None:
        """Learn every picture once."""
        begun, pictures, losses = time.perf_counter(), 0, []
        for batch in self.loader:
            batch = Batch(*(tensor.to(self.device) for tensor in batch))
            steps = [self._step(*pair) for pair in self.model.losses(batch)]
            losses.append(torch.stack(steps).sum())
            for scheduler in self.schedulers:
                scheduler.step()
            pictures += len(batch.luma)
        self.loss = float(torch.stack(losses).mean())
        self.speeds.append(pictures / (time.perf_counter() - begun))

    def _step(self, name: str, loss: Tensor) -> Tensor:
        optimizer = self.optimizers[name]
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        torch.nn.utils.clip_grad_norm_(weights, self.options.clip)
        optimizer.step()
        return loss.detach()

    def _factor(self, step: int) -> float:
        progress = step / (self.options.epochs * len(self.loader))
        return SCHEDULES[self.options.schedule](min(1.0, progress))


def compare(
    name: str, config: Any, dataset: Dataset, options: TrainingOptions
) -> Iterator[dict[str, Any]]:
    """Yield luvcolor's row and one for each peer."""
    make = registry().model_class(name)
    peers = {peer: _plain(make(config), dataset, options, n) for peer, n in LOADERS.items()}

    def turn(line: str) -> None:
        """Let every peer do an epoch after luvcolor's."""
        for plain in peers.values():
            plain.epoch()

    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "model.safetensors")
        train(name, make(config), dataset, output, options, sheets=0, say=turn)
        with (output.with_suffix(".run") / "metrics.csv").open() as file:
            rows = list(csv.DictReader(file))
    ours = [float(row["pictures_per_second"]) for row in rows]
    loss = sum(float(value) for key, value in rows[-1].items() if key.startswith("train_"))
    yield _row(name, "luvcolor", ours, ours, loss) | {"waited": float(rows[-1]["waited"])}
    for peer, plain in peers.items():
        yield _row(name, f"torch, {peer}", plain.speeds, ours, plain.loss)


def _plain(model: Colorizer, dataset: Dataset, options: TrainingOptions, workers: int) -> Plain:
    begin(model, dataset, options, palette=None, start=None, say=print)
    loader = DataLoader(
        Pictures(dataset, options.crop),
        options.batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        collate_fn=to_batch,
    )
    return Plain(model, loader, options, options.device)


def _row(
    name: str, who: str, speeds: list[float], ours: list[float], loss: float
) -> dict[str, Any]:
    """Sum up what was measured; the first epoch is a warm-up."""
    ratios = [mine / theirs for mine, theirs in zip(ours, speeds, strict=True)][1:]
    low, middle, high = np.percentile(ratios, (25, 50, 75))
    return {
        "model": name,
        "who": who,
        "pictures a second": float(np.median(speeds[1:])),
        "luvcolor's speed over this": float(middle),
        "IQR": float(high - low),
        "waited": None,
        "last loss": loss,
    }


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def main(words: Sequence[str] | None = None, say: Callable[[str], None] = print) -> None:
    asked = _arguments(words)
    dataset = _first(Dataset.open(asked.dataset), asked.pictures)
    options = TrainingOptions(
        epochs=1 + asked.rounds,
        batch_size=asked.batch_size,
        crop=asked.crop,
        precision="32-true",
        device=asked.device,
    )
    say(
        f"{dataset.count('train')} pictures of {dataset.size} pixels, batches of "
        f"{options.batch_size}, crop {options.crop or 'none'}, {options.precision}, "
        f"{options.device}, {torch.get_num_threads()} threads, torch {torch.__version__}, medians "
        f"of {asked.rounds} epochs.\n"
    )
    titles: list[str] = []
    for name in asked.models or sorted(registry().models):
        config_class = registry().model_class(name).Config
        config = from_mapping(config_class, parse_settings(asked.set))
        try:
            for row in compare(name, config, dataset, options):
                if not titles:
                    titles = list(row)
                    say(f"| {' | '.join(titles)} |\n|---|---" + "|---:" * (len(titles) - 2) + "|")
                say(f"| {' | '.join(map(_cell, row.values()))} |")
        except UsageError as error:
            say(f"| {name} | left out: {error} |" + " |" * 5)


def _first(dataset: Dataset, count: int) -> Dataset:
    """Return the dataset with so many training pictures, all where 0, in chunks as they were."""
    if not count:
        return dataset
    import zarr

    array = dataset.arrays["train"]
    shorter = zarr.array(array[:count], chunks=array.chunks)
    return replace(dataset, arrays={**dataset.arrays, "train": shorter})


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("-m", "--models", nargs="*", help="all that learn, unless some are named")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="of the models")
    parser.add_argument("--rounds", type=int, default=5, help="epochs after the first")
    parser.add_argument("--pictures", type=int, default=0, help="of the dataset; 0 for all")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--crop", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
