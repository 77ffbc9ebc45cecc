"""Checkpoints: weights and a JSON card in one safetensors file. Loading one runs no code of it."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luvcolor import __version__
from luvcolor.configuration import from_mapping, to_mapping
from luvcolor.errors import CheckpointError, UsageError
from luvcolor.io.atomic import atomic_write
from luvcolor.registry import model_at_work, registry
from luvcolor.runtimes import GRAPH_SUFFIX
from luvcolor.runtimes.graph_file import read_metadata

if TYPE_CHECKING:
    from luvcolor.model import Colorizer

__all__ = ["Card", "fill", "find_checkpoint", "load", "read_card", "save", "shipped", "short_hash"]

SUFFIX = ".safetensors"
DEFAULT = "default"
CARD_KEY = "luvcolor"


@dataclass(frozen=True)
class Card:
    """What a checkpoint says of itself.

    Attributes
    ----------
    model
        The registered name of the model.
    config
        Its hyperparameters.
    size
        The short side, in pixels, at which it likes to see a picture.
    data
        What it was trained on: names, counts, fingerprint, mean chroma.
    training
        How: epochs, batch size, seed, precision and so on.
    metrics
        What it reached, and on what.
    licence
        The SPDX expression of the weights.
    notes
        Limits a user should know, in sentences.
    palette
        The space and centres of its colours, for models that classify over some.
    sizes
        Short sides at which it sees a picture by default, to be fused; empty for `size` alone.
    version
        The luvcolor that wrote it.
    """

    model: str
    config: dict[str, Any]
    size: int
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    licence: str = ""
    notes: str = ""
    palette: dict[str, Any] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    version: str = __version__


def save(
    path: Path, model: Colorizer, card: Card, *, half: bool = False, force: bool = False
) -> None:
    """Write weights and card whole or not at all; `half` stores floats in 16 bits.

    Raises
    ------
    OutputError
        When `path` exists and `force` is not given.
    """
    import torch
    from safetensors.torch import save as serialized

    def stored(tensor: torch.Tensor) -> torch.Tensor:
        small = tensor.half() if half and tensor.is_floating_point() else tensor
        # Cloned, for safetensors refuses weights that share their memory.
        return small.detach().cpu().contiguous().clone()

    weights = {name: stored(tensor) for name, tensor in model.state_dict().items()}
    metadata = {CARD_KEY: json.dumps(asdict(card))}
    atomic_write(path, serialized(weights, metadata), force=force)


def read_card(path: Path) -> Card:
    """Read the card alone; the weights stay on disk.

    Raises
    ------
    CheckpointError
        When the file is missing, is neither a safetensors nor an ONNX file, or carries no luvcolor
        card.
    """
    text = _card_text(path)
    if text is None:
        raise CheckpointError(
            f"{path}: expected a luvcolor card among the weights, found none; "
            "only checkpoints that `luvcolor train` wrote can be used"
        )
    return _card(path, text)


def _card_text(path: Path) -> str | None:
    if path.suffix == GRAPH_SUFFIX:
        return read_metadata(path).get(CARD_KEY)
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as opened:
            text: str | None = (opened.metadata() or {}).get(CARD_KEY)
            return text
    except FileNotFoundError:
        raise CheckpointError(f"{path}: there is no such file") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{path}: expected a checkpoint that `luvcolor train` wrote, "
            f"found a file that is none ({error})"
        ) from None


def load(path: Path, *, device: str = "cpu") -> tuple[Colorizer, Card]:
    """Build the model that the card names and fill it with the weights, ready to predict.

    Raises
    ------
    CheckpointError
        When the file is no checkpoint or its weights do not fit the model.
    UsageError
        When no installed plugin brings the model.
    """
    from safetensors.torch import load_file

    card = read_card(path)
    if path.suffix == GRAPH_SUFFIX:
        raise CheckpointError(
            f"{path}: expected a checkpoint ({SUFFIX}) for torch, found an exported graph; give "
            "the checkpoint it was made from, or use --runtime onnx"
        )
    model_class = registry().model_class(card.model)
    with _fitting(path, card):
        config = from_mapping(model_class.Config, card.config)
        with model_at_work(card.model, "to start"):
            model: Colorizer = model_class(config)
        model.load_state_dict({name: _widened(part) for name, part in load_file(path).items()})
    return model.to(device).eval(), card


@contextmanager
def _fitting(path: Path, card: Card) -> Iterator[None]:
    """Say of a checkpoint whose settings or weights a model refuses that they do not fit."""
    try:
        yield
    except (RuntimeError, TypeError, ValueError, UsageError) as error:
        reason = textwrap.shorten(str(error), 300)
        raise CheckpointError(
            f"{path}: its weights do not fit this version of the model {card.model!r}: {reason}"
        ) from error


def fill(model: Colorizer, path: Path) -> list[str]:
    """Fill a model that is to learn further with the weights of a checkpoint.

    Returns
    -------
    list of str
        The names of the weights that `path` does not have, which are left as they were.

    Raises
    ------
    CheckpointError
        When the file is no checkpoint, or has weights that the model has not, or of other shapes.
    """
    from safetensors.torch import load_file

    read_card(path)
    weights = {name: _widened(tensor) for name, tensor in load_file(path).items()}
    try:
        unmatched = model.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        reason = textwrap.shorten(str(error), 300)
        raise CheckpointError(f"{path}: expected weights that fit the model: {reason}") from error
    if unmatched.unexpected_keys:
        raise CheckpointError(
            f"{path}: expected weights of this model, found others: "
            f"{textwrap.shorten(', '.join(unmatched.unexpected_keys), 200)}"
        )
    return list(unmatched.missing_keys)


def shipped() -> dict[str, Path]:
    """Return the checkpoints that come with luvcolor, by name."""
    folder = Path(str(resources.files("luvcolor") / "weights"))
    return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def find_checkpoint(name: str | None) -> Path:
    """Return the file meant by `name`: a path, the name of a shipped checkpoint, or None.

    Raises
    ------
    UsageError
        When it is neither; the message says what is known.
    CheckpointError
        When it looks like a path and no file is there.
    """
    known = shipped()
    if name is None:
        name = DEFAULT
    if name in known:
        return known[name]
    path = Path(name)
    if path.is_file():
        return path
    if path.suffix in {SUFFIX, GRAPH_SUFFIX} or path.parent != Path():
        raise CheckpointError(
            f"{path}: expected a checkpoint, found no such file; check the name, or use a shipped "
            f"one: {', '.join(known) or 'none'}"
        )
    fitting = [stem for stem, file in known.items() if read_card(file).model == name]
    if fitting:
        return known[fitting[0]]
    if not registry().model(name).learns:
        raise UsageError(
            f"the model {name!r} needs no weights, and so there is no checkpoint of it; "
            f"`luvcolor colorize -m {name}` uses it as it is"
        )
    raise UsageError(
        f"the model {name!r} ships no weights; train some with "
        f"`luvcolor train DATASET -m {name} -o {name}{SUFFIX}` and give that file, "
        f"or use a shipped checkpoint: {', '.join(known) or 'none'}"
    )


def short_hash(path: Path) -> str:
    """Return the first 12 hexadecimal digits of the file's SHA-256."""
    state = path.stat()
    return _short_hash(path, state.st_mtime_ns, state.st_size)


def card_of(model: Colorizer, name: str, size: int, **rest: Any) -> Card:
    """Return the card of a model in memory."""
    return Card(model=name, config=to_mapping(model.config), size=size, **rest)


@lru_cache(16)
def _short_hash(path: Path, changed: int, size: int) -> str:
    """Hash a file once, as long as it stays as it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _card(path: Path, text: str) -> Card:
    try:
        raw = json.loads(text)
        known = {f.name for f in fields(Card)}
        card = Card(**{key: value for key, value in raw.items() if key in known})
        kinds = {"model": str, "config": dict, "size": int, "data": dict, "sizes": list}
        for name, kind in kinds.items():
            if not isinstance(value := getattr(card, name), kind):
                raise TypeError(f"{name} is a {kind.__name__}, found {value!r}")
        if not all(isinstance(size, int) for size in card.sizes):
            raise TypeError(f"sizes are whole numbers, found {card.sizes!r}")
        return card
    except (ValueError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path}: its card cannot be read: {error}") from None


def _widened(tensor: Any) -> Any:
    return tensor.float() if tensor.is_floating_point() else tensor
