"""Under what an evaluation was made, and whether two of them may be compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luvcolor.errors import UsageError
from luvcolor.evaluation.luma_lookup import LumaLookup
from luvcolor.metrics import METRICS_VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FORMAT", "Origin", "Seen", "read_result", "refuse_other_protocol"]

FORMAT = 1
"""Of the JSON; goes up when a reader of earlier ones would misunderstand it."""

ITS_OWN_SIZE = "none: each picture at its own size"

_SAME = {
    "metrics": "version of the metrics",
    "dataset": "dataset",
    "split": "split",
    "resampling": "resampling",
    "pictures": "number of pictures",
    "sizes": "sizes of the pictures",
    "fingerprint": "fingerprint of the pictures",
    "reveal": "number of revealed pixels",
    "reference": "reference picture",
}
"""What has to agree between two results, and how to say it. The models need not: they compete."""


@dataclass(frozen=True)
class Origin:
    """Where the pictures come from.

    Attributes
    ----------
    dataset
        The fingerprint of a dataset; None for pictures from anywhere else.
    split
        Which part of the dataset.
    lookup
        The luma lookup that its training pictures taught.
    reveal
        How many pixels of each picture models are told; None for none.
    reference
        The fingerprint of the picture that models may take colours from; None for none.

    Examples
    --------
    >>> Origin("718db5ac5051dd2a", "test").protocol()["split"]
    'test'
    """

    dataset: str | None = None
    split: str | None = None
    lookup: LumaLookup | None = None
    reveal: int | None = None
    reference: str | None = None

    def protocol(self) -> dict[str, Any]:
        """Return what is known of the protocol before any picture is measured."""
        return {
            "metrics": METRICS_VERSION,
            "dataset": self.dataset,
            "split": self.split,
            "luma_lookup": None if self.lookup is None else self.lookup.pictures,
            "resampling": ITS_OWN_SIZE,
            "reveal": self.reveal,
            "reference": self.reference,
        }


class Seen:
    """The pictures that were measured, told apart from others by count, sizes and fingerprint."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = hashlib.sha256()
        self._sizes: list[tuple[int, int]] = []

    def add(self, pixels: NDArray[np.generic]) -> None:
        """Note the pixels of one picture, (H, W, 3) of any depth."""
        self.count += 1
        self._digest.update(repr(pixels.shape).encode() + pixels.tobytes())
        height, width = pixels.shape[:2]
        ordered = sorted(
            [*self._sizes, (height, width)], key=lambda size: (size[0] * size[1], size)
        )
        self._sizes = [ordered[0], ordered[-1]]

    def protocol(self) -> dict[str, Any]:
        """Return what the pictures say of the protocol.

        The sizes are those of the smallest and the largest picture, width before height; the
        fingerprint begins the SHA-256 of shapes and pixels in the order measured.

        Examples
        --------
        >>> import numpy as np
        >>> seen = Seen()
        >>> seen.add(np.zeros((2, 3, 3), np.uint8))
        >>> seen.protocol()
        {'pictures': 1, 'sizes': ['3x2', '3x2'], 'fingerprint': '912c1186b206cf99'}
        """
        return {
            "pictures": self.count,
            "sizes": [f"{width}x{height}" for height, width in self._sizes],
            "fingerprint": self._digest.hexdigest()[:16],
        }


def read_result(path: Path) -> dict[str, Any]:
    """Return what an earlier `luvcolor evaluate -o` wrote.

    Raises
    ------
    UsageError
        When the file is missing or is no such result.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "result.json")
    ...     _ = path.write_text('{"format": 1, "protocol": {"pictures": 9}, "summary": {}}')
    ...     read_result(path)["protocol"]
    {'pictures': 9}
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: expected an earlier result, found no such file") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: expected the JSON of an earlier result: {error}") from None
    kind = found.get("format") if isinstance(found, dict) else None
    if kind != FORMAT:
        raise UsageError(
            f"{path}: expected a result of format {FORMAT}, found {kind}; measure anew with "
            "`luvcolor evaluate -o`"
        )
    for part in ("protocol", "summary"):
        if not isinstance(found.get(part), dict):
            raise UsageError(f"{path}: expected a result with a {part}, found none")
    return dict(found)


def refuse_other_protocol(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise UsageError where two protocols differ in what makes results comparable.

    What `now` does not say yet, before anything is measured, is left out.

    Examples
    --------
    >>> refuse_other_protocol({"split": "val", "pictures": 9}, {"split": "test"})
    Traceback (most recent call last):
    ...
    luvcolor.errors.UsageError: expected an earlier result of the same protocol, found another \
split (earlier val, now test); measure both models on the same pictures with this luvcolor
    """
    others = [
        f"another {words} (earlier {_said(earlier.get(key))}, now {_said(now[key])})"
        for key, words in _SAME.items()
        if key in now and earlier.get(key) != now[key]
    ]
    if others:
        raise UsageError(
            f"expected an earlier result of the same protocol, found {', '.join(others)}; "
            "measure both models on the same pictures with this luvcolor"
        )


def _said(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(dict.fromkeys(map(str, value)))
    return "none" if value is None else str(value)
