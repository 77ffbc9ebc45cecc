"""Runs an exported graph: what ONNX Runtime and OpenVINO share."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.checkpoint import read_card, short_hash
from luvcolor.errors import CheckpointError, UsageError
from luvcolor.runtimes import GRAPH_SUFFIX, Prediction
from luvcolor.runtimes.decoding import decode, enlarge
from luvcolor.runtimes.graph_file import Graph, read_graph, weights_of
from luvcolor.runtimes.memory import is_out_of_memory

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from luvcolor.checkpoint import Card
    from luvcolor.hints import HintPlanes

__all__ = ["GraphPredictor", "Run", "find_graph", "open_graph"]

Run = Callable[["NDArray[np.float32]"], "NDArray[np.float32]"]
"""Luma (N, 1, H, W), its sides multiples of what the graph says, to what the graph answers."""


class GraphPredictor:
    """A graph in one of the runtimes, around it padding, decoding and enlarging.

    See `luvcolor.runtimes.Predictor`.

    Parameters
    ----------
    run
        Runs the graph.
    graph
        How it is to be used.
    card, runtime, device, digest
        Those of `Predictor`.
    """

    def __init__(
        self, run: Run, graph: Graph, card: Card, *, runtime: str, device: str, digest: str
    ) -> None:
        self.run, self.graph, self.card = run, graph, card
        self.runtime, self.device, self.digest = runtime, device, digest
        self._chroma = np.array(graph.chroma, np.float32).reshape(-1, 2)

    uses: tuple[str, ...] = ()
    own_size = False

    def __call__(
        self,
        luma: Any,
        *,
        temperature: float | None,
        seed: int | None,
        hints: HintPlanes | None = None,
    ) -> Prediction:
        """Predict chroma for luma, NumPy in and out; a graph makes no use of hints."""
        height, width = luma.shape[-2:]
        padded = _padded(luma, self.graph.multiple)
        planes = self._planes(self.run(padded), temperature, seed)

        def returned(x: NDArray[np.float32]) -> NDArray[np.float32]:
            full = enlarge(x, (padded.shape[-2], padded.shape[-1]))
            return np.ascontiguousarray(full[..., :height, :width])

        return Prediction(*(None if x is None else returned(x) for x in planes))

    @property
    def palette(self) -> NDArray[np.float32] | None:
        """The chroma of the palette's colours, where the graph answers with logits over one."""
        return self._chroma if len(self._chroma) else None

    def repainted(self, chroma: NDArray[np.float32]) -> GraphPredictor:
        """Return a copy with other chroma for its palette's colours."""
        other = copy.copy(self)
        other._chroma = np.ascontiguousarray(chroma, np.float32)
        return other

    def _planes(
        self, answer: NDArray[np.float32], temperature: float | None, seed: int | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Return chroma and confidence at the size of the graph's answer."""
        if self.graph.temperature is None:
            self._refuse(temperature=temperature, seed=seed)
            return answer, None
        chosen = self.graph.temperature if temperature is None else temperature
        return decode(answer, self._chroma, temperature=chosen, seed=seed)

    def _refuse(self, **asked: float | None) -> None:
        given = [name for name, value in asked.items() if value is not None]
        if given:
            raise UsageError(
                f"the model {self.card.model!r} predicts one chroma a pixel and no choice of "
                f"colours, so that it has no {' and no '.join(given)}; leave that out"
            )


def find_graph(checkpoint: Path, runtime: str) -> Path:
    """Return the graph to run for a checkpoint: itself, or the one beside it.

    Raises
    ------
    CheckpointError
        When there is none, or it was made from other weights.
    """
    if checkpoint.suffix == GRAPH_SUFFIX:
        return checkpoint
    graph = checkpoint.with_suffix(GRAPH_SUFFIX)
    remedy = f"`luvcolor export {checkpoint} --beside` makes it"
    if not graph.exists():
        raise CheckpointError(
            f"{checkpoint}: the runtime {runtime!r} expected a graph in {graph}, found no such "
            f"file; {remedy}, or use --runtime torch"
        )
    if (made := read_graph(graph).checkpoint) != (found := short_hash(checkpoint)):
        raise CheckpointError(
            f"{graph}: expected the graph of {checkpoint.name} ({found}), found that of a "
            f"checkpoint {made}; {remedy} anew with --force, or use --runtime torch"
        )
    return graph


def open_graph(
    checkpoint: Path, runtime: str, device: str, start: Callable[[Path], Run]
) -> GraphPredictor:
    """Find the graph of a checkpoint and start it.

    Parameters
    ----------
    checkpoint
        A checkpoint with a graph beside it, or an exported file.
    runtime, device
        Those of `Predictor`.
    start
        Takes the graph's file; returns what runs it.

    Raises
    ------
    CheckpointError
        When there is no graph, or the runtime cannot read it.
    """
    path = find_graph(checkpoint, runtime)
    graph = read_graph(path)
    weights = weights_of(path, graph)
    card = read_card(path)
    try:
        run = start(path)
    except Exception as error:
        if is_out_of_memory(error):
            raise
        reason = " ".join(str(error).split())[:300]
        raise CheckpointError(
            f"{path}: expected a graph that {runtime} can run, found one that it cannot: {reason}; "
            "export the checkpoint again"
        ) from error
    digest = short_hash(weights) if weights == checkpoint else graph.checkpoint
    return GraphPredictor(run, graph, card, runtime=runtime, device=device, digest=digest)


def _padded(luma: NDArray[np.float32], multiple: int) -> NDArray[np.float32]:
    """Pad at the right and bottom to multiples, repeating the edge, as `pad_to_multiple` does."""
    height, width = luma.shape[-2:]
    around = ((0, 0), (0, 0), (0, -height % multiple), (0, -width % multiple))
    return np.ascontiguousarray(np.pad(luma, around, mode="edge"), np.float32)
