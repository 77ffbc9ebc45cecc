"""pixel.cuh does what pixel.py does, formula by formula, with the same constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from luvcolor_kernels import cuda_source, pixel, reference
from luvcolor_kernels.gpu import Argument
from luvcolor_kernels.libraries import Place
from tests.kernels.cuda.emulation import NUMPY, EmulatedEngine
from tests.kernels.cuda.memory import empty, placed

pytestmark = pytest.mark.proof

Array = npt.NDArray[Any]

RANDOM = np.random.default_rng(0)
UNIT = np.concatenate([np.geomspace(1e-6, 1.0, 400), [0.04045, 0.0031308, 216 / 24389]])
SIGNED = np.linspace(-0.5, 3.0, 400)
LIGHT = np.concatenate([np.linspace(-5, 110, 400), [8.0, 0.0, 100.0]])
COLORS = RANDOM.random((400, 3))
LUV = RANDOM.normal(size=(400, 3)) * [20, 60, 60] + [50, 0, 0]
IN_GAMUT = reference.rgb_to_luv(COLORS)

RELATIVE = 1e-6
"""Both round to float32 some ten times, at 6e-8 each."""

SCALARS: dict[str, tuple[Array, float]] = {
    "cube_root": (UNIT, 0.0),
    "decode": (SIGNED, 1e-7),
    "encode": (SIGNED, 2e-7),
    "lightness": (np.concatenate([UNIT, SIGNED]), 2e-5),
    "relative_luminance": (LIGHT, 1e-7),
}
"""Arguments of the formulae of one number, and how far apart results near 0 may be."""

COLOURS: dict[str, tuple[Array, float]] = {
    "linear_to_luv": (COLORS, 2e-4),
    "luv_to_linear": (IN_GAMUT, 3e-6),
    "merge_to_linear": (LUV, 3e-6),
}
"""The same for those of three numbers, which add and subtract."""


def run(body: str, rows: Array, results: int) -> Array:
    """Return ``results`` numbers for each row of numbers x, computed by CUDA source into y."""
    variant: dict[str, str | int] = {"LIGHT": "float32", "UV": "float32"}
    headers = cuda_source.source("local_slope", variant).partition("KERNEL void __launch")[0]
    kernel = (
        "KERNEL void __launch_bounds__(256)\n"
        "probe(const float* __restrict__ in, float* __restrict__ out, int64 rows) {\n"
        "  int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x;\n"
        "  if (i >= rows) return;\n"
        f"  const float* x = in + {rows.shape[1]} * i;\n"
        f"  float* y = out + {results} * i;\n"
        f"  {body}\n"
        "  (void)x;\n}\n"
    )
    engine = EmulatedEngine(source=lambda name, variant: headers + kernel)
    source = placed(rows.astype(np.float32))
    found = empty((len(rows), results), "float32")
    arguments: list[Argument] = [NUMPY.view(source), NUMPY.view(found), np.int64(len(rows))]
    engine.run("probe", {}, (-(-len(rows) // 256), 1), (256, 1), arguments, Place(0, 0))
    return found


def plain(formula: Callable[..., Any], rows: Array) -> Array:
    """Return what the formula gives in plain Python for each row."""
    return np.array([formula(*row) for row in rows.astype(np.float32)], np.float64)


def test_every_formula_has_a_twin_that_is_compared() -> None:
    compared = {*SCALARS, *COLOURS, "linear_to_lightness"}
    assert compared == {formula.__name__ for formula in pixel.FORMULAE}


@pytest.mark.parametrize("name", SCALARS)
def test_formulae_of_one_number_agree(name: str) -> None:
    values, atol = SCALARS[name]
    found = run(f"y[0] = {name}(x[0]);", values[:, None], 1)[:, 0]
    expected = plain(getattr(pixel, name), values[:, None])
    np.testing.assert_allclose(found, expected, rtol=RELATIVE, atol=atol)


@pytest.mark.parametrize("name", COLOURS)
def test_formulae_of_colors_agree(name: str) -> None:
    rows, atol = COLOURS[name]
    body = f"Color c = {name}(x[0], x[1], x[2]); y[0] = c.x; y[1] = c.y; y[2] = c.z;"
    expected = plain(getattr(pixel, name), rows)
    np.testing.assert_allclose(run(body, rows, 3), expected, rtol=RELATIVE, atol=atol)


def test_lightness_of_colors_agrees() -> None:
    found = run("y[0] = linear_to_lightness(x[0], x[1], x[2]);", COLORS, 1)[:, 0]
    expected = plain(pixel.linear_to_lightness, COLORS)
    np.testing.assert_allclose(found, expected, rtol=RELATIVE, atol=2e-5)


def test_every_constant_reaches_the_source_bit_for_bit() -> None:
    constants = {n: v for n, v in vars(pixel).items() if isinstance(v, np.float32)}
    assert len(constants) > 40
    body = " ".join(f"y[{i}] = {name};" for i, name in enumerate(constants))
    found = run(body, np.zeros((1, 1)), len(constants))[0]
    expected = np.array(list(constants.values()), np.float32)
    np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))


def test_the_tables_are_the_reference_rounded_to_float32() -> None:
    linear = reference.decode(np.arange(256, dtype=np.uint8))
    found = run("y[0] = LINEAR_TABLE[i]; y[1] = LIGHTNESS_TABLE[i];", np.zeros((256, 1)), 2)
    expected = np.stack([linear, reference.lightness(linear)], -1).astype(np.float32)
    np.testing.assert_array_equal(found, expected)


def test_halves_are_those_of_numpy() -> None:
    bits = np.arange(1 << 16, dtype=np.float32)[:, None]
    found = run("y[0] = to_float(float16{(uint16)x[0]});", bits, 1)[:, 0]
    np.testing.assert_array_equal(found, bits[:, 0].astype(np.uint16).view(np.float16))
    values = np.concatenate([RANDOM.normal(0, 100, 5000), np.geomspace(1e-9, 7e4, 5000), [65520]])
    found = run("float16 h; from_float(x[0], h); y[0] = h.bits;", values[:, None], 1)[:, 0]
    with np.errstate(over="ignore"):
        expected = values.astype(np.float32).astype(np.float16).view(np.uint16)
    np.testing.assert_array_equal(found, expected)
