"""Pictures, datasets and checkpoints that tests share."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from luvcolor.dataset import Dataset
from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from luvcolor.preparation import PrepareOptions, prepare


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU where there is none."""
    waiting = [item for item in items if item.get_closest_marker("gpu")]
    if not waiting:
        return
    import torch

    if not torch.cuda.is_available():
        for item in waiting:
            item.add_marker(pytest.mark.skip(reason="no CUDA device here"))


def noisy(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """A picture of smooth colours with some noise, (height, width, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(height, width, 2)
    phases = rng.random((3, 2)) * 6
    waves = [np.sin(a + 7 * x) * np.cos(b + 5 * y) for a, b in phases]
    noise = rng.normal(0, 6, (height, width, 3))
    return (128 + 90 * np.stack(waves, -1) + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture
def photograph() -> Frame:
    """A small picture in colour."""
    return Frame(noisy(48, 64), name="photograph.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve small pictures in a folder, PNG and JPEG."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(12):
        suffix = "jpg" if number % 3 == 0 else "png"
        format_ = "jpeg" if suffix == "jpg" else "png"
        data = encode(Frame(noisy(40 + number, 50, number)), format_)
        (folder / f"{number:02}.{suffix}").write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Forty pictures of 32 pixels in three splits."""
    root = tmp_path_factory.mktemp("dataset")
    for number in range(40):
        data = encode(Frame(noisy(36, 40, number)), "png")
        (root / f"{number:02}.png").write_bytes(data)
    options = PrepareOptions(size=32, val=0.2, test=0.2)
    return prepare([str(root)], root / "photos.zarr", options, failed=no_failure, workers=1)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread: models this small only wait for the others."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True)
class Exported:
    """A small checkpoint, its graph with weights, and a folder with a graph beside it."""

    checkpoint: Path
    alone: Path
    beside: Path


def export_small(model: str, folder: Path, config: dict[str, int]) -> Exported:
    """Export a model that has learned nothing, but whose palette is of many colours."""
    import torch

    from luvcolor.checkpoint import card_of, save
    from luvcolor.configuration import from_mapping
    from luvcolor.exporting import export
    from luvcolor.exporting.tracing import trace
    from luvcolor.registry import registry

    torch.manual_seed(0)
    model_class = registry().model_class(model)
    made = model_class(from_mapping(model_class.Config, config)).eval()
    if hasattr(made, "palette"):
        made.palette.chroma.normal_(0, 40)
    checkpoint, alone = folder / f"{model}.safetensors", folder / "alone" / f"{model}.onnx"
    card = card_of(made, model, 32, data={"mean_uv": [5.0, 9.0]}, notes="Only grass.")
    save(checkpoint, made, card, half=True)
    beside = checkpoint.with_suffix(".onnx")
    traced = trace(made, model)
    with pytest.MonkeyPatch.context() as patch:
        # Tracing takes seconds.
        patch.setattr("luvcolor.exporting.tracing.trace", lambda *_: deepcopy(traced))
        for path in (alone, beside):
            assert export(checkpoint, path, beside=path == beside).largest < 1e-3
    return Exported(checkpoint, alone, beside)


@pytest.fixture(scope="session")
def unet_graph(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A model with a palette, exported."""
    config = {"width": 4, "depth": 2, "colors": 6}
    return export_small("unet", tmp_path_factory.mktemp("unet"), config)


@pytest.fixture(scope="session")
def regression_graph(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A model without a palette, exported."""
    return export_small("regression", tmp_path_factory.mktemp("reg"), {"width": 2, "depth": 1})


def no_failure(name: str, error: Exception) -> None:
    """Fail the test: nothing was to go wrong."""
    raise AssertionError(f"{name}: {error}")
