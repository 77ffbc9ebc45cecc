"""luvcolor gives grayscale pictures their colour back, in CIELUV.

Public names load when they are first used, so that ``import luvcolor`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luvcolor.checkpoint import Card
    from luvcolor.classify import PaletteHead
    from luvcolor.colorization import ColorizeOptions, Engine, colorize
    from luvcolor.dataset import Dataset
    from luvcolor.errors import LuvcolorError
    from luvcolor.estimator import KMeans
    from luvcolor.evaluation import Evaluation, evaluate
    from luvcolor.frame import Frame
    from luvcolor.hookspecs import CommandSpec, ModelSpec, hookimpl
    from luvcolor.model import Batch, Chroma, Colorizer, Hints
    from luvcolor.palette import Palette, fit_palette
    from luvcolor.preparation import PrepareOptions, prepare
    from luvcolor.training import TrainingOptions, train

__version__ = "0.1.0"

_HOMES = {
    "Batch": "model",
    "Card": "checkpoint",
    "Chroma": "model",
    "ColorizeOptions": "colorization",
    "Colorizer": "model",
    "CommandSpec": "hookspecs",
    "Dataset": "dataset",
    "Engine": "colorization",
    "Evaluation": "evaluation",
    "Frame": "frame",
    "Hints": "model",
    "KMeans": "estimator",
    "LuvcolorError": "errors",
    "ModelSpec": "hookspecs",
    "Palette": "palette",
    "PaletteHead": "classify",
    "PrepareOptions": "preparation",
    "TrainingOptions": "training",
    "colorize": "colorization",
    "evaluate": "evaluation",
    "fit_palette": "palette",
    "hookimpl": "hookspecs",
    "prepare": "preparation",
    "train": "training",
}

__all__ = [
    "Batch",
    "Card",
    "Chroma",
    "ColorizeOptions",
    "Colorizer",
    "CommandSpec",
    "Dataset",
    "Engine",
    "Evaluation",
    "Frame",
    "Hints",
    "KMeans",
    "LuvcolorError",
    "ModelSpec",
    "Palette",
    "PaletteHead",
    "PrepareOptions",
    "TrainingOptions",
    "colorize",
    "evaluate",
    "fit_palette",
    "hookimpl",
    "prepare",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"luvcolor.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'luvcolor' has no attribute {name!r}")
