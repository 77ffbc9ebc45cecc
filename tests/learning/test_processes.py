"""Processes that learn together, as torchrun starts them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from luvcolor.dataset import Dataset
from luvcolor.errors import DatasetError
from luvcolor.learning import processes
from luvcolor.training import train
from tests.learning.fakes import SHORT, Pair, fakes, left, one_thread, rows, run_of

__all__ = ["fakes", "one_thread"]

TOGETHER = """
import json, os, sys
sys.path[:0] = {path!r}
sys.path.append({root!r})  # of these tests; behind luvcolor as it is installed
from dataclasses import replace
from pathlib import Path
import torch
from safetensors.torch import save_file
from luvcolor import checkpoint
from luvcolor.dataset import Dataset
from luvcolor.training import train
from tests.learning.fakes import SHORT, Pair, known_models

torch.set_num_threads(1)
checkpoint.registry = known_models()
output, lines, model = Path({output!r}), [], Pair()
options = replace(SHORT, batch_size=4, epochs=3, crop=24)
train("pair", model, Dataset.open({dataset!r}), output, options, say=lines.append)
rank = os.environ["RANK"]
told = {{"written": output.exists(), "lines": lines}}
save_file(model.state_dict(), output.with_name(rank + ".weights"))
output.with_name(rank + ".json").write_text(json.dumps(told))
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start_two(code: str) -> None:
    """Run a program in two processes with the environment that torchrun gives."""
    common = {
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "TORCHELASTIC_RUN_ID": "test",
        "OMP_NUM_THREADS": "1",
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, **common, "RANK": rank, "LOCAL_RANK": rank, "GROUP_RANK": "0"},
            stderr=subprocess.PIPE,
        )
        for rank in "01"
    ]
    try:
        for process in started:
            _, error = process.communicate(timeout=300)
            assert process.returncode == 0, error.decode()
    finally:
        for process in started:
            process.kill()
            assert process.stderr is not None
            process.stderr.close()
            process.wait()


@pytest.mark.slow
@pytest.mark.skipif(
    not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
    reason="torch was built without gloo",
)
def test_two_processes_learn_what_one_does_with_batches_twice_as_large(
    dataset: Dataset, tmp_path: Path
) -> None:
    two, one = tmp_path / "two.safetensors", tmp_path / "one.safetensors"
    path = [entry for entry in sys.path if entry]
    root = str(Path(__file__).parents[2])
    start_two(TOGETHER.format(path=path, root=root, dataset=str(dataset.path), output=str(two)))
    told: list[dict[str, Any]] = [
        json.loads((tmp_path / f"{rank}.json").read_text()) for rank in "01"
    ]
    assert [each["written"] for each in told] == [True, True]
    assert len(told[0]["lines"]) == 3
    assert told[1]["lines"] == []

    model = Pair()
    train("pair", model, dataset, one, replace(SHORT, batch_size=8, epochs=3, crop=24))
    first, second = (load_file(tmp_path / f"{rank}.weights") for rank in "01")
    for name, expected in model.state_dict().items():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], expected, atol=1e-5, rtol=1e-4)
    assert left(two) == left(one)
    for ours, theirs in zip(rows(two), rows(one), strict=True):
        for column in ("train_discriminator", "train_generator"):
            assert float(ours[column]) == pytest.approx(float(theirs[column]), abs=1e-5)
    assert sorted(p.name for p in run_of(two).iterdir() if p.suffix == ".ckpt") == []


def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE", "RANK"):
        monkeypatch.delenv(name, raising=False)
    assert (processes.world(), processes.here(), processes.rank()) == (1, 1, 0)


def test_a_split_with_fewer_pictures_than_processes_is_refused(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(dataset, arrays={**dataset.arrays, "val": dataset.arrays["val"][:2]})
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(DatasetError, match="a val picture for each of 3 processes, found 2"):
        processes.refuse_too_few(few)
    monkeypatch.setenv("WORLD_SIZE", "2")
    processes.refuse_too_few(few)
