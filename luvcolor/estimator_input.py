"""What KMeans is given, checked in the words that scikit-learn uses."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Squares of larger numbers, summed over some thousand features, leave the range of float32.
_LARGEST = 1e17
_SEEDS = 1 << 31


def table_of(X: Any) -> NDArray[Any]:
    """Return samples as a table of finite real numbers, not copied if they are in an array."""
    if hasattr(X, "toarray"):
        raise TypeError(
            "Sparse data was passed for X, but dense data is required; use X.toarray() if it fits "
            "into memory"
        )
    values = np.asarray(X)
    if values.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: expected real numbers, found {values.dtype}")
    if values.dtype.kind == "O":
        values = values.astype(np.float64)
    if values.dtype.kind not in "biuf":
        raise ValueError(f"expected numbers in X, found {values.dtype}; convert it to float")
    if values.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {values.ndim}D array instead, of shape {values.shape}. "
            "Reshape your data using X.reshape(-1, 1) if it has a single feature or "
            "X.reshape(1, -1) if it contains a single sample."
        )
    for count, name in zip(values.shape, ("sample", "feature"), strict=True):
        if count < 1:
            raise ValueError(
                f"Found array with {count} {name}(s) (shape={values.shape}) while a minimum of 1 "
                "is required."
            )
    _check_range(values)
    return values


def _check_range(values: NDArray[Any]) -> None:
    low, high = float(values.min()), float(values.max())
    if np.isnan(low):
        raise ValueError("Input X contains NaN; drop or fill those samples first")
    if not -_LARGEST <= low <= high <= _LARGEST:
        raise ValueError(
            f"Input X contains infinity or a value beyond {_LARGEST:g}, found {low:g} to {high:g}; "
            "scale it first"
        )


def weights_of(sample_weight: ArrayLike | None, samples: int) -> NDArray[np.float64] | None:
    """Return one weight for each sample, or None for all alike."""
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, np.float64)
    if weights.shape != (samples,):
        raise ValueError(
            f"sample_weight is one number for each of {samples} samples, found shape "
            f"{weights.shape}"
        )
    if not (np.isfinite(weights).all() and weights.min() >= 0):
        raise ValueError("sample_weight must be finite and not negative; clip it first")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights


def seed_of(random_state: Any) -> int:
    """Return a number for the kernel's start."""
    if random_state is None:
        random_state = np.random.default_rng()
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(_SEEDS))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(_SEEDS))
    if not isinstance(random_state, Integral) or random_state < 0:
        raise ValueError(
            "random_state is a whole number of at least 0, a numpy.random Generator or "
            f"RandomState, or None, found {random_state!r}"
        )
    return int(random_state)


def feature_names(X: Any) -> NDArray[Any] | None:
    """Return the names of a table's columns, if all are text."""
    names = list(getattr(X, "columns", ()))
    named = names and all(isinstance(name, str) for name in names)
    return np.array(names, object) if named else None


def check_names(known: NDArray[Any] | None, given: NDArray[Any] | None, kind: type) -> None:
    """Compare the features' names with those of ``fit``, in scikit-learn's words."""
    if known is None and given is not None:
        warnings.warn(
            f"X has feature names, but {kind.__name__} was fitted without feature names",
            stacklevel=4,
        )
    if known is None:
        return
    if given is None:
        warnings.warn(
            f"X does not have valid feature names, but {kind.__name__} was fitted with feature "
            "names",
            stacklevel=4,
        )
        return
    if np.array_equal(known, given):
        return
    lines = ["The feature names should match those that were passed during fit."]
    for title, names in {
        "Feature names unseen at fit time:": set(given) - set(known),
        "Feature names seen at fit time, yet now missing:": set(known) - set(given),
    }.items():
        lines += [title, *(f"- {name}" for name in sorted(names)[:5])] if names else []
    if len(lines) == 1:
        lines.append("Feature names must be in the same order as they were in fit.")
    raise ValueError("\n".join(lines) + "\n")
