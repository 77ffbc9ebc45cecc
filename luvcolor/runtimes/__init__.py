"""What runs a model's network: torch, ONNX Runtime or OpenVINO, behind one small contract.

Each runtime is a module of its own, imported when it is used: importing torch alone takes longer
than ONNX Runtime takes for a whole picture.
"""

from __future__ import annotations

from importlib import import_module, util
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from luvcolor.errors import LuvcolorError, OutOfMemoryError, UsageError
from luvcolor.runtimes.memory import is_out_of_memory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from luvcolor.checkpoint import Card
    from luvcolor.hints import HintPlanes
    from luvcolor.weightless import WeightlessModel

__all__ = [
    "GRAPH_SUFFIX",
    "RUNTIMES",
    "Prediction",
    "Predictor",
    "check_runtime",
    "choose",
    "open_predictor",
    "prefer_torch",
]

AUTO = "auto"
RUNTIMES = (AUTO, "torch", "onnx", "openvino")
GRAPH_SUFFIX = ".onnx"


class Prediction(NamedTuple):
    """What a model predicts for a batch of luma.

    Attributes
    ----------
    uv
        (N, 2, h, w) float32, u* and v*, of the size of the luma.
    confidence
        (N, 1, h, w) float32 in [0, 1], or None for a model that cannot tell.
    """

    uv: Any
    confidence: Any | None


class Predictor(Protocol):
    """A model's network, ready to predict."""

    @property
    def card(self) -> Card:
        """What its checkpoint says of itself."""
        ...

    @property
    def runtime(self) -> str:
        """Which of `RUNTIMES` runs it."""
        ...

    @property
    def device(self) -> str:
        """Where: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``."""
        ...

    @property
    def digest(self) -> str:
        """The first 12 hexadecimal digits of its checkpoint's SHA-256; empty without one."""
        ...

    @property
    def uses(self) -> tuple[str, ...]:
        """Which hints it makes use of; see `luvcolor.model.Colorizer.uses`."""
        ...

    @property
    def own_size(self) -> bool:
        """Whether it sees pictures at their own size, up to the one that its card says."""
        ...

    @property
    def palette(self) -> NDArray[np.float32] | None:
        """Chroma of its palette's colours, (k, 2) u*, v*; None for a model without a palette."""
        ...

    def repainted(self, chroma: NDArray[np.float32]) -> Predictor:
        """Return a copy in which the palette's colours have this chroma, (k, 2) u*, v*."""
        ...

    def __call__(
        self,
        luma: Any,
        *,
        temperature: float | None,
        seed: int | None,
        hints: HintPlanes | None = None,
    ) -> Prediction:
        """Predict chroma for luma of any size.

        Parameters
        ----------
        luma
            (N, 1, h, w) float32 of 0..1, in NumPy; for torch, a tensor on its device as well. What
            comes back is of the same kind.
        temperature
            Toward 0 the likeliest colour, 1 the mean of all plausible ones; None for the model's
            own choice.
        seed
            Draws one of the plausible colourings; None for the central one.
        hints
            What a person gave for the one picture in `luma`; the model gets what it uses of them.

        Raises
        ------
        UsageError
            When this model has no temperature, or nothing to draw from, and one was asked for.
        """
        ...


def open_predictor(
    checkpoint: Path | WeightlessModel, runtime: str = AUTO, device: str = AUTO
) -> Predictor:
    """Load a model into a runtime.

    Parameters
    ----------
    checkpoint
        A ``.safetensors`` file, or an ``.onnx`` file that `luvcolor export` wrote; or a model that
        needs neither.
    runtime
        One of `RUNTIMES`; ``"auto"`` as `choose` says.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"`` or one with an index.

    Raises
    ------
    CheckpointError
        When `checkpoint` is none, or not for this runtime.
    UsageError
        When the runtime is unknown or not installed, or the device is not there.
    OutOfMemoryError
        When the device has too little memory for the network alone.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor.checkpoint import find_checkpoint
    >>> predictor = open_predictor(find_checkpoint(None), device="cpu")
    >>> luma = np.full((1, 1, 32, 48), 0.5, np.float32)
    >>> predictor(luma, temperature=None, seed=None).uv.shape
    (1, 2, 32, 48)
    """
    check_runtime(runtime)
    name = choose(checkpoint, device) if runtime == AUTO else runtime
    if not isinstance(checkpoint, Path) and name != "torch":
        raise UsageError(f"{checkpoint} needs no weights and so has no graph; use --runtime torch")
    module = import_module(f"{__name__}.{name}_runtime")
    try:
        opened: Predictor = module.load(checkpoint, device)
    except LuvcolorError:
        raise
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemoryError(
            f"{checkpoint}: expected memory on {device} for its network, found too little; "
            "end other programs, or use --device cpu"
        ) from error
    return opened


def check_runtime(name: str) -> None:
    """Raise UsageError unless `name` is one of `RUNTIMES`."""
    if name not in RUNTIMES:
        raise UsageError(f"the runtime is one of {', '.join(RUNTIMES)}; found {name!r}")


def choose(checkpoint: Path | WeightlessModel, device: str = AUTO) -> str:
    """Return the runtime that starts fastest for a model.

    ONNX Runtime for an ``.onnx`` file, and on the CPU for a checkpoint beside which there is a
    graph of its weights; torch for everything else, and wherever there may be a GPU.
    """
    if not isinstance(checkpoint, Path):
        return "torch"
    if checkpoint.suffix == GRAPH_SUFFIX:
        return "onnx"
    graph = checkpoint.with_suffix(GRAPH_SUFFIX)
    if device not in {AUTO, "cpu"} or not graph.exists() or not util.find_spec("onnxruntime"):
        return "torch"
    from luvcolor.devices import may_have_gpu
    from luvcolor.runtimes.graph_file import belongs

    usable = belongs(graph, checkpoint) and (device == "cpu" or not may_have_gpu())
    return "onnx" if usable else "torch"


def prefer_torch(checkpoint: Path | WeightlessModel, runtime: str) -> str:
    """Return torch for ``"auto"``, but for an exported graph, which torch cannot run.

    Examples
    --------
    >>> prefer_torch(Path("mine.safetensors"), "auto"), prefer_torch(Path("mine.onnx"), "auto")
    ('torch', 'auto')
    """
    is_graph = isinstance(checkpoint, Path) and checkpoint.suffix == GRAPH_SUFFIX
    return "torch" if runtime == AUTO and not is_graph else runtime
