"""luvcolor's KMeans estimator: scikit-learn's own checks, and scikit-learn's own results."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
import sklearn.cluster
from numpy.typing import NDArray
from sklearn.base import clone, is_clusterer
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from luvcolor.estimator import KMeans

DIMENSIONS = [1, 2, 3, 10]

with warnings.catch_warnings():
    # It says that KMeans does not inherit from BaseEstimator.
    warnings.simplefilter("ignore", UserWarning)
    # What parametrize_with_checks goes through; that one passes pytest 9 an iterator up to 1.7.
    EVERY_CHECK = [check for _, check in estimator_checks.estimator_checks_generator(KMeans())]


@pytest.mark.parametrize("check", EVERY_CHECK, ids=lambda check: check.func.__name__)
# Some checks have fewer different samples than the eight clusters of the default.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_estimator_passes_the_checks_of_scikit_learn(check: Any) -> None:
    check(KMeans())


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_clusterer_compute_labels_predict,
        estimator_checks.check_clustering,
        partial(estimator_checks.check_clustering, readonly_memmap=True),
        estimator_checks.check_get_feature_names_out_error,
        estimator_checks.check_transformer_get_feature_names_out,
    ],
)
def test_estimator_passes_checks_that_only_heirs_of_mixins_are_given(check: Any) -> None:
    check("KMeans", KMeans())


def blobs(dimensions: int, samples: int = 900, clusters: int = 5) -> NDArray[np.float64]:
    """Overlapping clouds, so that k-means takes several iterations."""
    rng = np.random.default_rng(dimensions)
    middles = rng.normal(0, 3, (clusters, dimensions))
    clouds: NDArray[np.float64] = middles[rng.integers(0, clusters, samples)]
    return clouds + rng.normal(0, 1.5, (samples, dimensions))


def theirs(X: NDArray[Any], start: NDArray[Any], weights: Any = None, **settings: Any) -> Any:
    estimator = sklearn.cluster.KMeans(len(start), init=start, n_init=1, **settings)
    # its threads wait for each other at every step: slow where others use the cores too
    with threadpool_limits(1):
        return estimator.fit(X, sample_weight=weights)


@pytest.mark.parametrize("dimensions", DIMENSIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("samples", [900, 6000])
def test_result_is_that_of_scikit_learn(dimensions: int, dtype: str, samples: int) -> None:
    X = blobs(dimensions, samples).astype(dtype)
    start = X[:5]
    ours = KMeans(5, init=start, tol=0).fit(X)
    expected = theirs(X, start, tol=0)
    np.testing.assert_array_equal(ours.labels_, expected.labels_)
    np.testing.assert_allclose(ours.cluster_centers_, expected.cluster_centers_, atol=2e-5)
    assert ours.inertia_ == pytest.approx(expected.inertia_, rel=1e-5)
    assert ours.n_iter_ == expected.n_iter_ > 3
    np.testing.assert_array_equal(ours.predict(X[::-1]), expected.predict(X[::-1]))
    np.testing.assert_allclose(ours.transform(X), expected.transform(X), atol=1e-4)
    assert ours.score(X[:99]) == pytest.approx(expected.score(X[:99]), rel=1e-5)


@pytest.mark.parametrize("dimensions", DIMENSIONS)
def test_weighted_result_is_that_of_scikit_learn(dimensions: int) -> None:
    X = blobs(dimensions)
    weights = np.random.default_rng(0).random(len(X)) * 9
    ours = KMeans(5, init=X[:5], tol=0).fit(X, sample_weight=weights)
    expected = theirs(X, X[:5], weights, tol=0)
    np.testing.assert_array_equal(ours.labels_, expected.labels_)
    np.testing.assert_allclose(ours.cluster_centers_, expected.cluster_centers_, atol=1e-5)
    assert ours.inertia_ == pytest.approx(expected.inertia_, rel=1e-5)
    assert ours.score(X, sample_weight=weights) == pytest.approx(-ours.inertia_, rel=1e-6)


@pytest.mark.parametrize("tol", [1e-4, 1e-2])
def test_tol_stops_no_earlier_than_that_of_scikit_learn(tol: float) -> None:
    X = blobs(3, 5000)
    ours = KMeans(5, init=X[:5], tol=tol).fit(X)
    expected = theirs(X, X[:5], tol=tol)
    to_the_end = KMeans(5, init=X[:5], tol=0).fit(X)
    assert expected.n_iter_ <= ours.n_iter_ < to_the_end.n_iter_
    assert ours.inertia_ <= expected.inertia_ * (1 + 1e-6)


def test_tol_does_not_depend_on_the_unit() -> None:
    X = blobs(2, 5000)
    small, large = (KMeans(5, init=x[:5], tol=1e-3).fit(x) for x in (X / 1024, X * 1024))
    assert small.n_iter_ == large.n_iter_
    np.testing.assert_array_equal(small.labels_, large.labels_)


def test_max_iter_limits_the_iterations() -> None:
    X = blobs(3)
    ours = KMeans(5, init=X[:5], max_iter=2, tol=0).fit(X)
    expected = theirs(X, X[:5], max_iter=2, tol=0)
    assert ours.n_iter_ == 2
    np.testing.assert_allclose(ours.cluster_centers_, expected.cluster_centers_, atol=1e-5)


@pytest.mark.parametrize("dimensions", DIMENSIONS)
def test_weights_count_like_repetitions_in_any_order(dimensions: int) -> None:
    rng = np.random.default_rng(1)
    X, times = blobs(dimensions, 700), rng.integers(0, 5, 700)
    repeated = rng.permutation(X.repeat(times, axis=0))
    weighted = KMeans(6, random_state=3).fit(X, sample_weight=times)
    plain = KMeans(6, random_state=3).fit(repeated)
    np.testing.assert_array_equal(weighted.cluster_centers_, plain.cluster_centers_)
    assert weighted.inertia_ == plain.inertia_
    np.testing.assert_array_equal(weighted.predict(repeated), plain.labels_)


def test_weights_count_like_repetitions_of_many_samples() -> None:
    rng = np.random.default_rng(1)
    X, times = blobs(3, 6000), rng.integers(0, 4, 6000)
    weighted = KMeans(5, init=X[:5]).fit(X, sample_weight=times)
    plain = KMeans(5, init=X[:5]).fit(X.repeat(times, axis=0))
    np.testing.assert_allclose(weighted.cluster_centers_, plain.cluster_centers_, atol=1e-9)
    assert weighted.n_iter_ == plain.n_iter_


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int16", "uint8", "bool"])
@pytest.mark.parametrize("clusters", [4, 300])
def test_labels_are_what_predict_says(dtype: str, clusters: int) -> None:
    values = blobs(12, 1000) * 4
    X = values > 0 if dtype == "bool" else values.astype(dtype)
    ours = KMeans(clusters, random_state=0).fit(X)
    assert ours.labels_.dtype == np.int32
    np.testing.assert_array_equal(ours.labels_, ours.predict(X))
    np.testing.assert_array_equal(ours.labels_, KMeans(clusters, random_state=0).fit_predict(X))


def test_bytes_are_numbers_not_colours() -> None:
    X = np.random.default_rng(0).integers(0, 256, (500, 3)).astype(np.uint8)
    ours = KMeans(4, init=X[:4], tol=0).fit(X)
    np.testing.assert_array_equal(ours.labels_, theirs(X.astype(float), X[:4] * 1.0).labels_)


def test_an_offset_costs_no_digits() -> None:
    X, offset = blobs(2), np.array([1e9, -3e11])
    near, far = (KMeans(5, init=x[:5], tol=0).fit(x) for x in (X, X + offset))
    np.testing.assert_array_equal(near.labels_, far.labels_)
    np.testing.assert_allclose(far.cluster_centers_ - offset, near.cluster_centers_, atol=1e-3)
    np.testing.assert_array_equal(far.predict(X[:50] + offset), near.labels_[:50])


def test_float32_samples_are_not_copied() -> None:
    X = blobs(3, 5000).astype(np.float32)
    X.flags.writeable = False
    ours = KMeans(3).fit(X)
    assert ours._points(X) is X


@pytest.mark.parametrize("order", ["C", "F"])
def test_any_memory_order_gives_the_same(order: Any) -> None:
    X = blobs(3, 1001)
    ours = KMeans(5, random_state=0).fit(np.asarray(X, order=order)[:, ::-1])
    expected = KMeans(5, random_state=0).fit(X[:, ::-1].copy())
    np.testing.assert_array_equal(ours.cluster_centers_, expected.cluster_centers_)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_distances_are_exact_and_of_the_type_of_the_samples(dtype: str) -> None:
    X = blobs(3, 40).astype(dtype)
    ours = KMeans(2, random_state=0)
    distances = ours.fit_transform(X)
    gaps = X[:, None].astype(np.float64) - ours.cluster_centers_
    np.testing.assert_allclose(distances, np.linalg.norm(gaps, axis=2), rtol=1e-6)
    assert distances.dtype == dtype


@pytest.mark.parametrize("samples", [9, 6000])
@pytest.mark.parametrize("weighted", [False, True])
def test_fewer_different_samples_than_clusters_are_the_centres(
    samples: int, weighted: bool
) -> None:
    X = np.array([[1.0, 2.0], [5.0, 5.0], [0.0, 7.0]])[np.arange(samples) % 3]
    weights = np.where(X[:, 0] == 5, 0, 2) if weighted else None
    found = 2 if weighted else 3
    with pytest.warns(ConvergenceWarning, match=f"4 different samples .* found {found}: .* ask"):
        ours = KMeans(4).fit(X, sample_weight=weights)
    assert ours.transform(X).shape == (samples, 4)
    assert len(np.unique(ours.labels_)) == found
    assert ours.inertia_ == 0
    if not weighted:
        np.testing.assert_array_equal(ours.cluster_centers_[ours.labels_], X)


def test_the_two_zeros_are_one_sample() -> None:
    with pytest.warns(ConvergenceWarning, match="found 2"):
        KMeans(3).fit(np.array([[0.0], [-0.0], [1.0]], np.float32))


def test_random_states_repeat() -> None:
    X = blobs(3)

    def centers(random_state: Any) -> bytes:
        return KMeans(9, random_state=random_state).fit(X).cluster_centers_.tobytes()

    assert centers(1) == centers(np.int64(1)) != centers(2)
    for make in (np.random.default_rng, np.random.RandomState):
        state = make(0)
        first = centers(state)
        assert first == centers(make(0)) != centers(state)
    assert len({centers(None) for _ in range(4)}) > 1


def test_more_starts_are_no_worse() -> None:
    X = blobs(2, 2000, clusters=25)
    once, often = (KMeans(25, n_init=n, random_state=0).fit(X).inertia_ for n in (1, 8))
    assert often < once


def test_pipeline_search_clone_and_pickle() -> None:
    X = blobs(3)
    pipeline = make_pipeline(StandardScaler(), KMeans(random_state=0))
    pipeline.set_params(kmeans__n_clusters=4).fit(X, kmeans__sample_weight=np.ones(len(X)))
    copy = clone(pipeline).fit(X)
    np.testing.assert_array_equal(pipeline.predict(X), copy.predict(X))
    assert is_clusterer(pipeline)
    assert "KMeans(n_clusters=4, random_state=0)" in repr(pipeline)
    assert list(pipeline.get_feature_names_out()) == [f"kmeans{i}" for i in range(4)]
    again = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(pipeline.transform(X), again.transform(X))
    search = GridSearchCV(KMeans(random_state=0), {"n_clusters": [2, 6]}, cv=3).fit(X)
    assert search.best_params_ == {"n_clusters": 6}


def test_parameters_are_read_written_and_shown() -> None:
    start = np.zeros((2, 1))
    ours = KMeans(2, init=start)
    assert ours.set_params(max_iter=5) is ours
    assert ours.get_params()["init"] is start
    assert repr(KMeans(3, tol=0)) == "KMeans(n_clusters=3, tol=0)"
    with pytest.raises(ValueError, match=r"parameter of KMeans \(n_clusters, .*found 'k'"):
        ours.set_params(max_iter=7, k=3)
    assert ours.max_iter == 5


class Table:
    """As much of a data frame as names of columns need."""

    def __init__(self, values: NDArray[Any], columns: list[Any]) -> None:
        self.values, self.columns = values, columns

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self.values, dtype)


def test_names_of_features_are_kept_and_compared() -> None:
    X = blobs(3)
    ours = KMeans(2).fit(Table(X, ["u", "v", "w"]))
    assert ours.feature_names_in_.tolist() == ["u", "v", "w"]
    assert ours.predict(Table(X, ["u", "v", "w"])).tolist() == ours.labels_.tolist()
    with pytest.raises(ValueError, match="in the same order as they were in fit"):
        ours.predict(Table(X, ["w", "v", "u"]))
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- x\n.*now missing:\n- w\n"):
        ours.transform(Table(X, ["u", "v", "x"]))
    with pytest.raises(ValueError, match="input_features is not equal to feature_names_in_"):
        ours.get_feature_names_out(["a", "b", "c"])
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        ours.score(X)
    for unnamed in (X, Table(X, [0, 1, 2])):
        assert not hasattr(ours.fit(unnamed), "feature_names_in_")
    with pytest.warns(UserWarning, match="X has feature names, but KMeans was fitted without"):
        ours.predict(Table(X, ["u", "v", "w"]))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_clusters": 0}, "n_clusters is a whole number of at least 1, found 0"),
        ({"n_clusters": 2.0}, r"n_clusters is a whole number of at least 1, found 2\.0"),
        ({"n_clusters": 51}, "n_samples=50 should be >= n_clusters=51; give more"),
        ({"n_init": "many"}, "n_init is a whole number of at least 1, found 'many'"),
        ({"max_iter": 0}, "max_iter is a whole number of at least 1, found 0"),
        ({"tol": -1}, "tol is a number of at least 0, found -1"),
        ({"tol": np.nan}, "tol is a number of at least 0, found nan"),
        ({"init": "random"}, r"init is 'k-means\+\+' or an array of centres, found 'random'"),
        ({"init": np.zeros((2, 3))}, r"shape \(8, 3\), found an array of shape \(2, 3\)"),
        ({"init": np.full((8, 3), np.nan)}, "finite centres"),
        ({"random_state": -1}, "random_state is a whole number of at least 0, .* found -1"),
        ({"random_state": "x"}, "random_state is a whole number of at least 0, .* found 'x'"),
    ],
)
def test_wrong_settings_are_refused_when_fitted(settings: dict[str, Any], message: str) -> None:
    estimator = KMeans(**settings)
    with pytest.raises(ValueError, match=message):
        estimator.fit(blobs(3, 50))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([["1", "2"]], "expected numbers in X, found <U1; convert it to float"),
        (np.zeros((2, 2, 2)), "Expected 2D array, got 3D array instead.*Reshape your data"),
        ([[1.0, np.nan]], "Input X contains NaN"),
        ([[1.0, -np.inf]], "infinity or a value beyond 1e[+]17, found -inf to 1; scale it"),
        ([[1.0, 1e30]], "infinity or a value beyond 1e[+]17, found 1 to 1e[+]30; scale it"),
    ],
)
def test_wrong_samples_are_refused(X: Any, message: str) -> None:
    for method in (KMeans(1).fit, KMeans(1).fit([[0.0, 0.0]]).predict):
        with pytest.raises(ValueError, match=message):
            method(X)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0], "one number for each of 9 samples, found shape"),
        ([-1.0] + [1.0] * 8, "finite and not negative"),
        ([np.nan] + [1.0] * 8, "finite and not negative"),
        ([0.0] * 9, "at least one non-zero"),
    ],
)
def test_wrong_weights_are_refused(weights: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KMeans(2).fit(blobs(2, 9), sample_weight=weights)


def test_methods_ask_for_fit_first() -> None:
    for method in (KMeans().predict, KMeans().transform, KMeans().score):
        with pytest.raises(NotFittedError, match="this KMeans is not fitted yet; call fit before"):
            method([[1.0]])


def test_works_without_scikit_learn() -> None:
    code = """
import sys, warnings
sys.modules["sklearn"] = None  # every import of it fails
from luvcolor.estimator import KMeans
X = [[0.0], [1.0], [8.0], [9.0]]
try:
    KMeans().predict(X)
except AttributeError as error:
    assert "not fitted" in str(error)
found = KMeans(2, random_state=0).fit(X)
assert sorted(found.cluster_centers_.ravel().tolist()) == [0.5, 8.5]
assert found.transform(X).shape == (4, 2) and found.score(X) == -1.0
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    KMeans(2).fit([[1.0], [1.0]])
assert caught[0].category is UserWarning
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_estimator_does_not_import_scikit_learn() -> None:
    code = (
        "import sys, luvcolor.estimator\n"
        "luvcolor.estimator.KMeans(1).fit([[1.0]]).predict([[2.0]])\n"
        "assert not {'sklearn', 'torch'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
