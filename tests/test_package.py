"""The package as a whole: public names, light imports, arrows that must not be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import luvcolor

HEAVY = {"torch", "lightning", "numba", "zarr", "luvcolor_unet", "luvcolor_lite", "PIL", "rich"}
PUBLIC = [
    "Batch", "Card", "Chroma", "ColorizeOptions", "Colorizer", "CommandSpec", "Dataset", "Engine",
    "Evaluation", "Frame", "Hints", "KMeans", "LuvcolorError", "ModelSpec", "Palette",
    "PaletteHead", "PrepareOptions", "TrainingOptions", "colorize", "evaluate", "fit_palette",
    "hookimpl", "prepare", "train",
]  # fmt: skip
SOURCE = Path(luvcolor.__file__).parent


def loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys; sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_public_names_are_pinned() -> None:
    assert luvcolor.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_loads_and_is_documented(name: str) -> None:
    assert getattr(luvcolor, name).__doc__


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = luvcolor.nothing


def test_importing_luvcolor_loads_nothing_heavy() -> None:
    assert not loaded_by("import luvcolor") & (HEAVY | {"numpy"})


def test_colouring_loads_nothing_heavy_before_it_knows_what_runs() -> None:
    modules = "luvcolor.colorization, luvcolor.colorization.stability, luvcolor.cli.colorize"
    found = loaded_by(f"import {modules}")
    assert not found & (HEAVY | {"matplotlib", "onnxruntime"})


@pytest.mark.parametrize("args", [["--help"], ["colorize", "--help"], ["plugins"]])
def test_help_and_plugin_list_load_nothing_heavy(args: list[str]) -> None:
    code = (
        "from luvcolor.cli import main\n"
        f"try: main({args!r})\n"
        "except SystemExit as end: assert not end.code"
    )
    assert not loaded_by(code) & HEAVY


def test_library_modules_do_not_know_the_command_line() -> None:
    for path in SOURCE.glob("**/*.py"):
        if "cli" not in path.parts and path.name != "__main__.py":
            assert not any(name.startswith("luvcolor.cli") for name in imports(path)), path


def test_only_strings_name_the_built_in_models() -> None:
    for path in SOURCE.glob("**/*.py"):
        for name in imports(path):
            assert not name.startswith("luvcolor_") or name.startswith("luvcolor_kernels"), path


def test_kernels_know_nothing_of_luvcolor_torch_or_click() -> None:
    import luvcolor_kernels

    for path in Path(luvcolor_kernels.__file__).parent.glob("**/*.py"):
        roots = {name.partition(".")[0] for name in imports(path)}
        assert not roots & {"luvcolor", "torch", "click"}, path
