"""Pictures, datasets and checkpoints that tests share."""

from __future__ import annotations

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


def no_failure(name: str, error: Exception) -> None:
    """Fail the test: nothing was to go wrong."""
    raise AssertionError(f"{name}: {error}")
