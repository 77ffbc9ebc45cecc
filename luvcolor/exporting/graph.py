"""Writes a checkpoint's network as an ONNX file that ONNX Runtime and OpenVINO read.

The network alone is exported: around it the runtimes pad, decode and enlarge in NumPy. Weights stay
as the checkpoint stores them, and are widened in the graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from json import dumps
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.checkpoint import CARD_KEY, load, short_hash
from luvcolor.classify import PaletteHead
from luvcolor.errors import UsageError
from luvcolor.io.atomic import atomic_path
from luvcolor.runtimes.graph_file import GRAPH_KEY, Graph

if TYPE_CHECKING:
    from pathlib import Path

    from luvcolor.model import Colorizer
    from luvcolor.runtimes import Predictor

__all__ = ["Parity", "export", "measure_parity"]

SIZES = ((1, 1), (37, 70), (96, 128))
"""Height and width of what a graph is compared on with its model; some are multiples of nothing."""
SEED = 5
TOLERANCE = 0.02
"""Units of u*, v* by which a graph may differ from its model: twenty times what rounding makes."""


@dataclass(frozen=True)
class Parity:
    """How far a graph is from its model.

    Attributes
    ----------
    mean, largest
        Absolute difference in units of u*, v*.
    confidence
        The largest difference in confidence.
    """

    mean: float
    largest: float
    confidence: float


def export(checkpoint: Path, output: Path, *, beside: bool = False, force: bool = False) -> Parity:
    """Write the graph of a checkpoint, and compare the two.

    Parameters
    ----------
    checkpoint
        A ``.safetensors`` file.
    output
        The ``.onnx`` file to write.
    beside
        Leave the weights in the checkpoint, which `output` is to lie beside.
    force
        Replace `output` where it exists.

    Returns
    -------
    Parity
        Measured in ONNX Runtime against torch, on luma of three sizes.

    Raises
    ------
    CheckpointError
        When `checkpoint` is none.
    UsageError
        When the packages for it are not installed, or the model cannot be exported.
    OutputError
        When `output` exists, or cannot be written.
    """
    from luvcolor.runtimes.onnx_runtime import load as load_graph
    from luvcolor.runtimes.torch_runtime import TorchPredictor

    trace, attach = _tools()
    if beside and output.resolve().parent != checkpoint.resolve().parent:
        raise UsageError(
            f"a graph beside its checkpoint lies in {checkpoint.parent}, not in {output.parent}"
        )
    with atomic_path(output, force) as temporary:
        model, card = load(checkpoint)
        traced = trace(model, card.model)
        attach(traced.proto, checkpoint, beside=beside)
        described = _described(model, traced.multiple, checkpoint, beside)
        entries = {CARD_KEY: dumps(asdict(card)), GRAPH_KEY: described.to_json()}
        for key, value in entries.items():
            traced.proto.metadata_props.add(key=key, value=value)
        temporary.write_bytes(traced.proto.SerializeToString(deterministic=True))
        graph = load_graph(temporary, "cpu")
        parity = measure_parity(TorchPredictor(model, card), graph)
        if not parity.largest <= TOLERANCE:
            raise UsageError(
                f"the model {card.model!r} cannot be exported: its graph differs by "
                f"{parity.largest:.3g} u*, v* from what it predicts, {TOLERANCE} are allowed; its "
                "predict() may do more than forward(); use --runtime torch"
            )
    return parity


def measure_parity(one: Predictor, other: Predictor) -> Parity:
    """Compare two runtimes of one model on luma of several sizes.

    Where both have a temperature, at the model's own, at a low one, and with a seed.
    """
    rng = np.random.default_rng(0)
    apart, unsure = [np.zeros(1)], [0.0]
    for size in SIZES:
        luma = rng.random((2, 1, *size), np.float32)
        for asked in _questions((one, other), luma):
            (uv, sure), (uv2, sure2) = one(luma, **asked), other(luma, **asked)
            apart.append(np.abs(uv - uv2).ravel())
            if sure is not None and sure2 is not None:
                unsure.append(float(np.abs(sure - sure2).max()))
    every = np.concatenate(apart)
    return Parity(float(every.mean()), float(every.max()), max(unsure))


def _questions(predictors: Iterable[Predictor], luma: Any) -> list[dict[str, Any]]:
    """Return what all can answer: a graph of chroma alone has no temperature to be asked for."""
    plain: dict[str, Any] = {"temperature": None, "seed": None}
    if any(predictor(luma, **plain).confidence is None for predictor in predictors):
        return [plain]
    return [plain, plain | {"temperature": 0.3}, plain | {"seed": SEED}]


def _described(model: Colorizer, multiple: int, checkpoint: Path, beside: bool) -> Graph:
    head = getattr(model, "palette", None)
    classifies = isinstance(head, PaletteHead)
    temperature = getattr(model.config, "temperature", None) if classifies else None
    if classifies and temperature is None:
        raise UsageError(
            "a model with a palette can be exported where its Config has a temperature; found "
            f"none in {type(model.config).__name__}"
        )
    return Graph(
        output="logits" if classifies else "uv",
        multiple=multiple,
        temperature=temperature,
        chroma=head.chroma.tolist() if isinstance(head, PaletteHead) else [],
        checkpoint=short_hash(checkpoint),
        beside=checkpoint.name if beside else "",
    )


def _tools() -> tuple[Any, Any]:
    try:
        from luvcolor.exporting.tracing import trace
        from luvcolor.exporting.weights import attach

        import onnxruntime  # noqa: F401  # isort: skip
    except ImportError as error:
        raise UsageError(
            f"exporting needs a package that is not installed ({error.name}); "
            "pip install 'luvcolor[export]'"
        ) from error
    return trace, attach
