"""k-means with the methods and attributes of scikit-learn's estimators, without scikit-learn."""

from __future__ import annotations

import sys
import warnings
from inspect import signature
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from luvcolor.estimator_input import check_names, feature_names, seed_of, table_of, weights_of
from luvcolor.estimator_sums import distances, inertia, merged, middle_of, rest_of
from luvcolor_kernels import kmeans, nearest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    RandomState = int | np.random.RandomState | np.random.Generator | None

__all__ = ["KMeans"]

# Up to this many samples are sorted before clustering: about a millisecond.
_SORTED = 1 << 12


class KMeans:
    """Cluster samples around their means: scikit-learn's interface, luvcolor's kernels.

    Fits scikit-learn's pipelines, searches and ``clone``, and needs no scikit-learn itself.

    Parameters
    ----------
    n_clusters
        How many clusters.
    init
        ``"k-means++"``, or the centres to start from, (n_clusters, n_features). Cluster i is
        then what became of centre i.
    n_init
        How many k-means++ starts to make; the best of them is carried through. ``"auto"`` is one.
    max_iter
        How often the centres are moved at most.
    tol
        Relative to the mean variance of the features, as in scikit-learn: the centres rest when
        none would move farther than ``sqrt(tol * variance / n_clusters)``. scikit-learn, which
        adds up the squared movements of all centres, would have stopped there too.
    random_state
        Of the k-means++ start. Equal numbers give equal results, on any number of threads. A
        RandomState or a Generator is drawn from once for each fit. With None, starts differ.

    Attributes
    ----------
    cluster_centers_ : (n_clusters, n_features) float64
        The means of the clusters.
    labels_ : (n_samples,) int32
        The index of the nearest centre of every sample: what ``predict`` says of them.
    inertia_ : float
        The sum of squared distances of the samples to their centres, times their weights.
    n_iter_ : int
        How often the samples were assigned before the centres rested.
    n_features_in_ : int
        How many features there were in ``fit``.
    feature_names_in_ : (n_features,) object
        Their names, if ``fit`` was given a table whose columns all have names.

    Notes
    -----
    Distances are computed in float32 and, where that leaves two centres in doubt, in float64:
    labels are exact for the float32 points. Samples that are float32 are taken as they are, all
    others relative to the middle of the range of each feature, so that an offset costs no digits:
    centres are those of float64 to about 1e-7 of the range.

    Weights count like repetitions. For up to 4096 samples exactly so: they are sorted and equal
    ones merged at first, and neither order nor repetition changes the result. Of more samples,
    the draws of a k-means++ start depend on the order.

    Where fewer samples than ``n_clusters`` differ, they are the centres; the rest of the centres
    repeat one of them, get no samples, and a warning says so.

    Examples
    --------
    >>> import numpy as np
    >>> from luvcolor.estimator import KMeans
    >>> X = np.array([[0.0, 1.0], [0.0, 3.0], [9.0, 1.0], [9.0, 3.0]])
    >>> found = KMeans(2, init=X[::2]).fit(X, sample_weight=[1, 1, 1, 3])
    >>> found.cluster_centers_.tolist(), found.labels_.tolist(), found.inertia_
    ([[0.0, 2.0], [9.0, 2.5]], [0, 0, 1, 1], 5.0)
    >>> found.predict([[5.0, 0.0]]).tolist(), found.transform([[9.0, 2.0]]).tolist()
    ([1], [[9.0, 0.5]])
    """

    cluster_centers_: Floats
    labels_: NDArray[np.int32]
    inertia_: float
    n_iter_: int
    n_features_in_: int
    feature_names_in_: NDArray[Any]
    # What is taken off the samples before they become float32.
    _shift: Floats

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Literal["k-means++"] | ArrayLike = "k-means++",
        n_init: int | Literal["auto"] = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        random_state: RandomState = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name; ``deep`` makes no difference."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name."""
        known = self.get_params()
        for name in params:
            if name not in known:
                raise ValueError(
                    f"expected a parameter of {type(self).__name__} ({', '.join(known)}), "
                    f"found {name!r}"
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        shown = {name: repr(value) for name, value in self.get_params().items()}
        for name, parameter in signature(type(self)).parameters.items():
            if shown[name] == repr(parameter.default):
                del shown[name]
        return f"{type(self).__name__}({', '.join(f'{n}={v}' for n, v in shown.items())})"

    def fit(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Find the centres of the samples (n_samples, n_features); ``y`` is not used."""
        values = table_of(X)
        weights = weights_of(sample_weight, len(values))
        self._check_settings(len(values))
        self._remember_features(X, values)
        self._shift = middle_of(values, weights)
        points = self._points(values)
        centers, self.inertia_, self.n_iter_ = self._cluster(points, weights)
        self.cluster_centers_ = centers + self._shift
        self.labels_ = self._label(points)
        return self

    def predict(self, X: Any) -> NDArray[np.int32]:
        """Return the index of the nearest centre of every sample."""
        return self._label(self._points(self._known(X, "predict")))

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the distances of every sample from all centres, (n_samples, n_clusters).

        float32 if the samples are, else float64.
        """
        return distances(self._known(X, "transform"), self.cluster_centers_)

    def score(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the negative inertia of the samples: the higher, the nearer to the centres."""
        values = self._known(X, "score")
        labels = self._label(self._points(values))
        weights = weights_of(sample_weight, len(values))
        return -inertia(values, weights, self.cluster_centers_, labels)

    def fit_predict(
        self, X: Any, y: object = None, sample_weight: ArrayLike | None = None
    ) -> NDArray[np.int32]:
        """Find the centres, and return the labels."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def fit_transform(
        self, X: Any, y: object = None, sample_weight: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Find the centres, and return the distances from them."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return names for the columns that ``transform`` returns: kmeans0, kmeans1 and so on."""
        self._check_fitted("get_feature_names_out")
        if input_features is not None:
            self._check_input_features(np.asarray(input_features, object))
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{i}" for i in range(len(self.cluster_centers_))], object)

    def __sklearn_tags__(self) -> Any:
        # Only scikit-learn asks, so it is there.
        from sklearn.utils import Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="clusterer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float64", "float32"]),
            classifier_tags=None,
            regressor_tags=None,
        )

    def _cluster(
        self, points: NDArray[np.float32], weights: Floats | None
    ) -> tuple[Floats, float, int]:
        """Return the centres, the inertia and how often the points were assigned."""
        start = self._start(points.shape[1])
        seed = seed_of(self.random_state)
        if len(points) <= _SORTED:
            points, weights = merged(points, weights)
        total = len(points) if weights is None else float(weights.sum())
        try:
            found = kmeans(
                points,
                int(self.n_clusters),
                weights=weights,
                # a space of other dimensions: the points are no colours to put in order
                space="luv" if points.shape[1] == 2 else "uv",
                init=start,
                n_init=1 if self.n_init == "auto" else int(self.n_init),
                max_iter=int(self.max_iter),
                tol=rest_of(points, weights, self.tol / self.n_clusters),
                seed=seed,
            )
        except ValueError:
            distinct, _ = merged(points, weights)
            if len(distinct) >= self.n_clusters:
                raise
            return self._too_few(distinct), 0.0, 1
        return found.centers, found.inertia * total, min(found.n_iter + 1, self.max_iter)

    def _too_few(self, distinct: NDArray[np.float32]) -> Floats:
        """Warn, and return all different points and as many repetitions as are missing."""
        found = len(distinct)
        warnings.warn(
            f"expected at least {self.n_clusters} different samples for n_clusters="
            f"{self.n_clusters}, found {found}: {self.n_clusters - found} centres repeat another "
            f"and get no samples; ask for n_clusters={found}",
            _scikit_learn("ConvergenceWarning", UserWarning),
            stacklevel=4,
        )
        order = [*range(found), *[0] * (self.n_clusters - found)]
        return distinct[order].astype(np.float64)

    def _start(self, features: int) -> Any:
        """Return how the kernel is to start: centres among the shifted points, or a method."""
        if isinstance(self.init, str):
            if self.init != "k-means++":
                raise ValueError(f"init is 'k-means++' or an array of centres, found {self.init!r}")
            return self.init
        centers = np.asarray(self.init, np.float64)
        if centers.shape != (self.n_clusters, features) or not np.isfinite(centers).all():
            raise ValueError(
                f"init is 'k-means++' or finite centres of shape ({self.n_clusters}, {features}), "
                f"found an array of shape {centers.shape}; give one row for each cluster"
            )
        return centers - self._shift

    def _label(self, points: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return the nearest centre of shifted points."""
        return nearest(points, self.cluster_centers_ - self._shift).astype(np.int32, copy=False)

    def _points(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return samples as the kernels take them; no copy of float32."""
        if values.dtype == np.float32 and not self._shift.any():
            return values
        points = np.empty(values.shape, np.float32)
        # computed in float64 and rounded once, without an intermediate array
        np.subtract(values, self._shift, out=points, casting="same_kind")
        return points

    def _check_settings(self, samples: int) -> None:
        for name in ("n_clusters", "n_init", "max_iter"):
            count = getattr(self, name)
            if name == "n_init" and isinstance(count, str) and count == "auto":
                continue
            if not isinstance(count, Integral) or count < 1:
                raise ValueError(f"{name} is a whole number of at least 1, found {count!r}")
        tol: Any = self.tol
        if not isinstance(tol, Real) or not 0 <= float(tol) < np.inf:
            raise ValueError(f"tol is a number of at least 0, found {tol!r}")
        if samples < self.n_clusters:
            raise ValueError(
                f"n_samples={samples} should be >= n_clusters={self.n_clusters}; give more "
                "samples or ask for fewer clusters"
            )

    def _check_fitted(self, method: str) -> None:
        if not hasattr(self, "cluster_centers_"):
            raise _scikit_learn("NotFittedError", AttributeError)(
                f"this {type(self).__name__} is not fitted yet; call fit before {method}"
            )

    def _remember_features(self, X: Any, values: NDArray[Any]) -> None:
        names = feature_names(X)
        self.__dict__.pop("feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names
        self.n_features_in_ = values.shape[1]

    def _known(self, X: Any, method: str) -> NDArray[Any]:
        """Return samples of the features that were in ``fit``."""
        self._check_fitted(method)
        check_names(getattr(self, "feature_names_in_", None), feature_names(X), type(self))
        values = table_of(X)
        if values.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {values.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input; give those that it was fitted with"
            )
        return values

    def _check_input_features(self, names: NDArray[Any]) -> None:
        known = getattr(self, "feature_names_in_", None)
        if known is not None and not np.array_equal(known, names):
            raise ValueError(
                f"input_features is not equal to feature_names_in_: expected {known.tolist()}, "
                f"found {names.tolist()}; leave it out"
            )
        if names.shape != (self.n_features_in_,):
            raise ValueError(
                "input_features should have length equal to the number of features, "
                f"{self.n_features_in_}, found shape {names.shape}; leave it out"
            )


def _scikit_learn(name: str, instead: Any) -> Any:
    """Return one of scikit-learn's errors: who can catch it has imported it."""
    return getattr(sys.modules.get("sklearn.exceptions"), name, instead)
