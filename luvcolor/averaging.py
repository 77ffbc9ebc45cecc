"""The mean of the weights of several checkpoints: often better on new pictures than each of them.

Weights that were trained further from the same start lie in one basin, and their mean in its
middle (Wortsman et al. 2022, "Model soups").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luvcolor.checkpoint import Card, load, save, short_hash
from luvcolor.configuration import from_mapping, to_mapping
from luvcolor.errors import CheckpointError

if TYPE_CHECKING:
    from luvcolor.model import Colorizer

__all__ = ["average"]


def average(
    checkpoints: Sequence[Path],
    output: Path,
    *,
    settings: dict[str, Any] | None = None,
    card: dict[str, Any] | None = None,
    half: bool = False,
    force: bool = False,
) -> Path:
    """Write the mean of some checkpoints' weights under the card of the first.

    Parameters
    ----------
    checkpoints
        Of one model, alike in shape; one alone is written as it is.
    output
        The checkpoint to write.
    settings
        Hyperparameters that are to be others, such as the temperature.
    card
        Fields of the card that are to be others, such as ``sizes`` or ``licence``.
    half
        Store the weights in 16 bits.
    force
        Replace `output`.

    Raises
    ------
    CheckpointError
        When one is no checkpoint, of another model, or has other weights than the first.
    UsageError
        When the model has no such setting.
    OutputError
        When `output` exists.

    Examples
    --------
    >>> import tempfile
    >>> from luvcolor.checkpoint import find_checkpoint, read_card
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = average([find_checkpoint(None)], Path(folder) / "mine.safetensors",
    ...                    card={"sizes": [64]}, half=True)
    ...     read_card(path).sizes
    [64]
    """
    model, first = load(checkpoints[0])
    for number, path in enumerate(checkpoints[1:], 2):
        _blend(model, first, path, 1 / number)
    config = from_mapping(type(model.config), to_mapping(model.config) | (settings or {}))
    model.config = config
    described = replace(first, config=to_mapping(config))
    if len(checkpoints) > 1:  # what one reached, the mean did not
        averaged = {"averaged": [short_hash(path) for path in checkpoints]}
        described = replace(described, training=first.training | averaged, metrics={})
    save(output, model, replace(described, **(card or {})), half=half, force=force)
    return output


def _blend(model: Colorizer, first: Card, path: Path, share: float) -> None:
    """Move the weights of `model` by a share of the way toward those in `path`."""
    other, card = load(path)
    theirs, ours = other.state_dict(), model.state_dict()
    shapes = [{name: tensor.shape for name, tensor in one.items()} for one in (ours, theirs)]
    if card.model != first.model or shapes[0] != shapes[1]:
        raise CheckpointError(
            f"{path}: expected weights of the model {first.model!r} in the shapes of the first "
            f"checkpoint, found those of {card.model!r} in {_difference(*shapes)}"
        )
    model.load_state_dict(
        {
            name: tensor.lerp(theirs[name], share) if tensor.is_floating_point() else tensor
            for name, tensor in ours.items()
        }
    )


def _difference(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    differing = sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name))
    return f"others ({', '.join(differing[:3])})" if differing else "the same shapes"
