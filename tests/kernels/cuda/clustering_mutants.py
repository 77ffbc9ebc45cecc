"""Bugs to plant in the kernels of clustering, each with the check that is to notice it."""

from __future__ import annotations

from collections.abc import Callable

from tests.kernels.cuda import test_emulated_clustering as clusters
from tests.kernels.cuda import test_emulated_huge_clouds as huge
from tests.kernels.cuda import test_emulated_labels as labels
from tests.kernels.cuda.replay import ADDRESSES, RACES
from tests.kernels.cuda.toolchain import EXACT, PESSIMISTIC, Build

Check = Callable[[], None]
Row = tuple[str, str, str, Check]

_BEFORE_TOTALS = "  __syncthreads();\n  for (int i = threadIdx.x; i < values && shared.copies"


def _layout() -> None:
    clusters.test_colors_are_counted_in_every_layout("interleaved")


def _one_center() -> None:
    clusters.test_the_colors_of_a_picture("rgb", 1)


def _points() -> None:
    clusters.test_points_of_any_dimension(3, False)


def _bounds() -> None:
    try:
        _points()
    except ValueError as error:  # shared memory is not a number at first
        raise AssertionError from error


def rows(sanitized: Callable[[Build, str], Check]) -> dict[str, Row]:
    """Return file, what is right, what is wrong, and the check; ``sanitized`` makes one."""
    return {
        "sums read before all are there": (
            "assign.cu",
            _BEFORE_TOTALS,
            _BEFORE_TOTALS.replace("  __syncthreads();\n", ""),
            sanitized(RACES, "kmeans, colors"),
        ),
        "a carry lost": ("wide.cuh", " + (sum < part ? 1u : 0u)", "", _one_center),
        "an addition that is not atomic": (
            "wide.cuh",
            "unsigned sum = atomicAdd(low, part) + part;",
            "unsigned sum = *low += part;",
            sanitized(RACES, "kmeans, colors"),
        ),
        "a point beyond the last": (
            "assign.cu",
            "int rest = count - i < EACH ? (int)(count - i) : EACH;",
            "int rest = EACH;",
            sanitized(ADDRESSES, "kmeans, chroma"),
        ),
        "sums of one centre given to another": (
            "assign.cu", "if (labels[n] != owner) {", "if (owner < 0) {", _points,
        ),
        "equal neighbours counted once": (
            "count_colors.cu", "(number == last ? times : 0)", "0", _layout,
        ),
        "a list out of order": (
            "list_present.cu",
            "    __syncthreads();\n    shared[t] += more;",
            "    shared[t] += more;",
            lambda: clusters.test_colors_are_listed_in_order("ascending"),
        ),
        "no doubt": (
            "scan.cuh",
            "(best.second[n] - best.low[n] > limit)",
            "(best.second[n] - best.low[n] > 0.0f)",
            lambda: labels.test_points_on_the_border_are_decided_in_float64(EXACT),
        ),
        "the second of other groups forgotten": (
            "scan.cuh",
            "best.second[n] = fminf(best.second[n], second[n]);",
            ";",
            lambda: labels.test_points_on_the_border_are_decided_in_float64(EXACT),
        ),
        "ties to the highest index": (
            "scan.cuh",
            "if (at < 0 || distance < low)",
            "if (at < 0 || distance <= low)",
            lambda: labels.test_ties_go_to_the_lowest_index(EXACT),
        ),
        "fewer centres than may be nearest": (
            "scan.cuh",
            "    best.low[n] += limit;\n",
            "",
            lambda: labels.test_points_on_the_border_are_decided_in_float64(EXACT),
        ),
        "a group that is not filled up": (
            "scan.cuh",
            "if (first + j >= centers.k) value = d > 0 ? 0 : HUGE;\n    else if",
            "if",
            sanitized(ADDRESSES, "kmeans, colors"),
        ),
        "a tile overwritten while it is read": (
            "scan.cuh",
            "    if (centers.k > TILE) {\n      __syncthreads();\n",
            "    if (centers.k > TILE) {\n",
            sanitized(RACES, "nearest, many"),
        ),
        "a product fused": (
            "exact.cuh",
            "return __fmul_rn(a.value, b.value);",
            "return a.value * b.value;",
            lambda: clusters.test_fused_products_and_wrong_functions_change_no_bit(PESSIMISTIC),
        ),
        "a color of 32 bits": (
            "count_colors.cu",
            "int64 first = 4 * ((int64)blockIdx.x",
            "int first = 4 * (blockIdx.x",
            huge.test_colors_beyond_two_billion_pixels_are_counted,
        ),
        "a plane of 32 bits": (
            "points.cuh",
            "load_four(planes + d * stride + i)",
            "load_four(planes + (int)(d * stride + i))",
            huge.test_sums_beyond_two_billion_points,
        ),
        "a weight before the part that was drawn": (
            "find_drawn.cu",
            "rest >= weights[at]",
            "rest > weights[at]",
            lambda: clusters.test_points_are_drawn_by_weight_as_on_the_cpu(3000),
        ),
        "a bit of squares lost": (
            "square_sum.cu", "((int64)1 << split) - 1", "((int64)1 << (split - 1)) - 1", _points,
        ),
        "bounds read before all are there": (
            "bound_points.cu",
            "  highs[threadIdx.x] = high;\n  __syncthreads();",
            "  highs[threadIdx.x] = high;",
            _bounds,
        ),
        "who is overtaken drops out": (
            "soft_assign.cu",
            "ahead = ahead || gap < gaps[t];",
            "ahead = gap < gaps[t];",
            lambda: labels.test_soft_assignments_are_those_of_the_cpu("uint8", 2, 313, 5, EXACT),
        ),
    }  # fmt: skip
