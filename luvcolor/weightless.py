"""Models that need no weights, and how a name becomes one of them or a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luvcolor.checkpoint import Card, card_of, find_checkpoint
from luvcolor.configuration import from_mapping
from luvcolor.errors import UsageError
from luvcolor.registry import model_at_work, registry

if TYPE_CHECKING:
    from luvcolor.model import Colorizer

__all__ = ["WeightlessModel", "find_model"]


@dataclass(frozen=True)
class WeightlessModel:
    """A model that needs no weights, and so no checkpoint.

    Attributes
    ----------
    name
        The registered name of the model.
    settings
        Hyperparameters; those not named keep their defaults.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"the model {self.name!r}"

    def build(self) -> tuple[Colorizer, Card]:
        """Build the model, ready to predict, and the card that a checkpoint of it would have.

        Raises
        ------
        UsageError
            When a setting is unknown or of another type.
        PluginError
            When the plugin's own code fails.
        """
        model_class = registry().model_class(self.name)
        with model_at_work(self.name, "to start"):
            model: Colorizer = model_class(from_mapping(model_class.Config, self.settings))
        about = {"about": dict(model.about)} if model.about else {}
        return model.eval(), card_of(model, self.name, model.largest, data=about)


def find_model(
    name: str | None, settings: Mapping[str, Any] | None = None
) -> Path | WeightlessModel:
    """Return what is meant by `name`: a checkpoint, or a model that needs none.

    Parameters
    ----------
    name
        As `find_checkpoint` takes it, or the name of a model that needs no weights.
    settings
        Hyperparameters of a model that needs no weights.

    Raises
    ------
    UsageError
        When it is neither, or there are settings for a checkpoint.
    CheckpointError
        When it looks like a path and no file is there.

    Examples
    --------
    >>> find_model(None).name
    'default.safetensors'
    """
    spec = registry().models.get(name or "")
    if spec and not spec.learns and not Path(spec.name).is_file():
        return WeightlessModel(spec.name, settings or {})
    path = find_checkpoint(name)
    if settings:
        raise UsageError(
            f"settings such as {next(iter(settings))!r} are for models that need no weights; "
            f"{path.name} keeps those that it was trained with"
        )
    return path
