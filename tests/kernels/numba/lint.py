"""Finds in the source of numba's kernels what the simulator does not: races and barriers."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

BARRIERS = ("cuda.syncthreads", "barrier")


def faults(source: str) -> list[str]:
    """Return what is wrong, each with its line."""
    tree = ast.parse(source)
    return sorted({*_additions(tree), *_arrays_on_one_line(tree), *_lonely_barriers(tree)})


def _additions(tree: ast.AST) -> Iterator[str]:
    """Find additions to an element of an array: threads that do so at once lose some."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
            yield f"line {node.lineno}: not atomic"
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            target = ast.unparse(node.targets[0])
            if any(ast.unparse(part) == target for part in ast.walk(node.value)):
                yield f"line {node.lineno}: not atomic"


def _arrays_on_one_line(tree: ast.AST) -> Iterator[str]:
    """Find what the simulator takes for one array."""
    lines = Counter(node.lineno for node in _calls(tree, "cuda.shared.array"))
    for line, count in lines.items():
        if count > 1:
            yield f"line {line}: two shared arrays"


def _lonely_barriers(tree: ast.AST) -> Iterator[str]:
    """Find barriers that some threads of a block may not come to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp):
            for call in _calls(node, *BARRIERS):
                yield f"line {call.lineno}: barrier under a condition"
        if isinstance(node, ast.FunctionDef):
            own = list(_own(node))
            returns = [part.lineno for part in own if isinstance(part, ast.Return)]
            for call in (call for part in own for call in _calls(part, *BARRIERS)):
                if returns and min(returns) < call.lineno:
                    yield f"line {call.lineno}: barrier after a return"


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Go through the statements of a function, but not those of functions within."""
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _calls(tree: ast.AST, *names: str) -> list[ast.Call]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [node for node in nodes if ast.unparse(node.func) in names]
