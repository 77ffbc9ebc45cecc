"""The peers that the benchmarks write themselves compute what the reference computes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

pytest.importorskip("benchmarks.common", reason="the benchmarks do not come with the package")

from benchmarks import (
    common,
    gpu_elementwise,
    gpu_inputs,
    gpu_peers,
    gpu_sanitize,
    measuring,
    torch_formulas,
)
from luvcolor_kernels import luminance, reference

Array = npt.NDArray[Any]
RGB = np.random.default_rng(0).integers(0, 256, (2, 31, 47, 3), np.uint8)
EXACT = reference.rgb_to_luv(RGB)
LAYOUTS = tuple(gpu_inputs.AXES)


def laid_out(pictures: Array, layout: str) -> Any:
    array = np.ascontiguousarray(gpu_inputs.laid_out(pictures, layout))
    return torch.from_numpy(array)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_torch_converts_there_and_back(layout: str) -> None:
    there = gpu_peers.plain_torch("rgb_to_luv", compiled=False)
    luv = there(laid_out(RGB, layout), "float32", layout)()
    np.testing.assert_allclose(gpu_inputs.to_numpy(luv, layout), EXACT, atol=5e-4)
    back = gpu_peers.plain_torch("luv_to_rgb", compiled=False)(luv, "float32", layout)()
    np.testing.assert_array_equal(gpu_inputs.to_numpy(back, layout), RGB)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_kornia_converts_there_and_back(layout: str) -> None:
    pytest.importorskip("kornia")
    luv = gpu_peers.kornia("rgb_to_luv", compiled=False)(laid_out(RGB, layout), "float32", layout)()
    np.testing.assert_allclose(gpu_inputs.to_numpy(luv, layout), EXACT, atol=5e-3)
    back = gpu_peers.kornia("luv_to_rgb", compiled=False)(luv, "float32", layout)()
    np.testing.assert_array_equal(gpu_inputs.to_numpy(back, layout), RGB)


def test_torch_computes_lightness_and_what_a_model_sees() -> None:
    planar = laid_out(RGB, "planar")
    light = torch_formulas.luminance(planar)
    np.testing.assert_allclose(light, reference.luminance(RGB), atol=1e-4)
    # Only where the sides divide is torch's pooling the mean over areas.
    seen = torch_formulas.luma_to_input(planar[..., :30, :46], (10, 23))
    expected = reference.luma_to_input(RGB[:, :30, :46], (10, 23))
    np.testing.assert_allclose(seen, expected, atol=1e-5)


def test_torch_merges_what_needs_no_clipping() -> None:
    light = luminance(RGB // 4 + 90)
    uv = np.random.default_rng(1).normal(0, 2, (2, 2, 6, 9)).astype(np.float32)
    guide = reference.area(light, 6, 9).astype(np.float32)
    given = [torch.from_numpy(array) for array in (light, uv, guide[:, None])]
    merged = torch_formulas.merge_chroma(*given[:2]).permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(merged, reference.merge_chroma(light, uv), atol=1)
    followed = torch_formulas.chroma_to_rgb(*given).permute(0, 2, 3, 1).numpy()
    expected = reference.chroma_to_rgb(light, uv, guide=guide)
    np.testing.assert_allclose(followed, expected, atol=1)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str, Array], Array]:
    """The elementwise kernels as C++, a loop around each."""
    compiler = shutil.which("g++") or shutil.which("c++")
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    lines = ["#include <cmath>", "typedef unsigned char uint8; typedef float float32;"]
    for name, (source, target, _) in gpu_elementwise.BODIES.items():
        for layout in LAYOUTS:
            head = f"const {source}* given, long long plane, {target}* made, long long n"
            loop = f"for (long long i = 0; i < n; i++) {{ {gpu_elementwise.body(name, layout)} }}"
            lines.append(f'extern "C" void {name}_{layout}({head}) {{ {loop} }}')
    folder = tmp_path_factory.mktemp("elementwise")
    (folder / "kernels.cpp").write_text("\n".join(lines))
    library = folder / "kernels.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "kernels.cpp", "-o", str(library)]
    subprocess.run(command, cwd=folder, check=True)
    return _runner(library)


def _runner(library: Path) -> Callable[[str, str, Array], Array]:
    functions = ctypes.CDLL(str(library))

    def run(name: str, layout: str, array: Array) -> Array:
        made = np.empty(array.shape, gpu_elementwise.BODIES[name][1])
        pixels = array.size // 3
        getattr(functions, f"{name}_{layout}")(
            array.ctypes.data_as(ctypes.c_void_p), ctypes.c_longlong(pixels // len(array)),
            made.ctypes.data_as(ctypes.c_void_p), ctypes.c_longlong(pixels),
        )  # fmt: skip
        return made

    return run


@pytest.mark.parametrize("layout", LAYOUTS)
def test_elementwise_kernels_convert_in_one_and_in_two(
    compiled: Callable[[str, str, Array], Array], layout: str
) -> None:
    rgb = laid_out(RGB, layout).numpy()
    exact = gpu_inputs.laid_out(EXACT, layout)
    once = compiled("rgb_to_luv", layout, rgb)
    twice = compiled("xyz_to_luv", layout, compiled("rgb_to_xyz", layout, rgb))
    np.testing.assert_allclose(once, exact, atol=5e-4)
    np.testing.assert_allclose(twice, exact, atol=5e-4)
    np.testing.assert_array_equal(compiled("luv_to_rgb", layout, once), rgb)
    back = compiled("xyz_to_rgb", layout, compiled("luv_to_xyz", layout, twice))
    np.testing.assert_array_equal(back, rgb)


def test_what_torch_cannot_compile_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "LEFT_OUT", [])

    def call() -> None:
        raise RuntimeError("no compiler\nand many more lines")

    with pytest.raises(pytest.skip.Exception, match=r"RuntimeError: no compiler$"):
        gpu_peers.first_result("case", "torch, compiled", call)
    with pytest.raises(RuntimeError):
        gpu_peers.first_result("case", "torch", call)


def test_bytes_that_must_move() -> None:
    assert gpu_inputs.moved_by_conversion(1, "float32") == 15
    assert gpu_inputs.moved_by_conversion(1, "float16") == 9
    assert gpu_inputs.moved_by_luminance(10) == 70
    assert gpu_inputs.moved_by_merging(100, 8) == 732
    assert gpu_inputs.moved_by_input("4K", "float16") == 2160 * 3840 * 3 + 224 * 224 * 2
    batch = gpu_inputs.moved_by_input("64 x 224 x 224", "float32")
    assert batch == 64 * (224 * 224 * 3 + 112 * 112 * 4)


def test_every_size_is_measured_on_a_gpu_too() -> None:
    assert sorted(gpu_inputs.GPU_SIZES) == sorted(common.SIZES)


def test_a_huge_picture_is_the_smaller_one_and_its_mirror_images() -> None:
    tile = RGB[0]
    wide = common._mirrored(tile, 40, 100)
    assert wide.shape == (40, 100, 3)
    np.testing.assert_array_equal(wide[:31, :47], tile)
    np.testing.assert_array_equal(wide[:31, 47:94], tile[:, ::-1])
    np.testing.assert_array_equal(wide[31:, :47], tile[::-1][:9])


def test_small_chroma_is_of_a_models_size() -> None:
    assert common.small_chroma(EXACT.astype(np.float32)).shape == (2, 2, 16, 24)
    assert common.seen_size((2160, 3840)) == (224, 224)
    assert common.seen_size((8, 224, 224)) == (112, 112)


def test_what_is_sanitized_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    on_cpu: Any = ModuleType("cupy")
    on_cpu.asarray = np.asarray
    monkeypatch.setitem(sys.modules, "cupy", on_cpu)
    calls: list[Any] = list(gpu_sanitize.calls("cpu", "uint8", "float32"))
    assert all(call().size for call in calls)
    assert {call.func.__name__ for call in calls} >= {"chroma_to_rgb", "luma_to_input"}
