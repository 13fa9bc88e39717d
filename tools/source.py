"""The modules of the source and their import graph."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

ROOT = Path(__file__).parents[1]
SOURCES = ("tpo", "adapters", "tasks", "trackers")
"""Folders of the source. Older clones, which `tools.shape --root` measures too, have `trackers` beside the others."""


@dataclass(frozen=True)
class Import:
    """An import of `imported`, a module or `module.name`, in `importer`, a module of the source.

    Attributes:
        inside: Whether the import is inside a function.
        for_types: Whether the import is only for type checkers.
    """

    importer: str
    imported: str
    inside: bool
    for_types: bool

    @property
    def late(self) -> bool:
        """Whether the import does not run when `importer` is imported."""
        return self.inside or self.for_types

    def __str__(self) -> str:
        """Format as both names."""
        return f"{self.importer} imports {self.imported}"


def modules_below(top: Path) -> dict[str, Path]:
    """Map the modules below the folder `top` by dotted name, as if its parent were on the path."""
    files = sorted(top.rglob("*.py"))
    return {".".join(f.relative_to(top.parent).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


def modules(root: Path) -> dict[str, Path]:
    """Map the modules of the source of a clone by dotted name."""
    packages = [package for source in SOURCES for package in _packages(root / source)]
    return {name: file for package in packages for name, file in modules_below(package).items()}


def _packages(source: Path) -> list[Path]:
    return [source] if (source / "__init__.py").exists() else sorted(p.parent for p in source.glob("*/__init__.py"))


def imports_of(module: str, file: Path) -> list[Import]:
    """List the imports of a module, including those behind TYPE_CHECKING and inside functions."""
    return list(_imports(module, ast.parse(file.read_text()), inside=False, for_types=False))


def _imports(module: str, node: ast.AST, *, inside: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(module, alias.name, inside, for_types) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module} must import by absolute names"  # noqa: S101 - else the graph is wrong
            names = [f"{child.module}.{alias.name}" for alias in child.names]
            yield from (Import(module, name, inside, for_types) for name in names)
        in_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        checking = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        yield from _imports(module, child, inside=inside or in_function, for_types=for_types or checking)


def import_graph(known: Mapping[str, Path], *, types: bool) -> dict[str, set[str]]:
    """Build the import graph of the modules in `known`, including imports inside functions; for types if `types`."""
    return {
        module: {_module(one.imported, known) for one in imports_of(module, file) if types or not one.for_types}
        - {module, None}
        for module, file in known.items()
    }


def _module(imported: str, known: Collection[str]) -> str | None:
    parent = imported.rpartition(".")[0]
    return imported if imported in known else parent if parent in known else None


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Find the strongly connected components of the graph, each after the components that it imports (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in sorted(graph.get(module, ())):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            at = stack.index(module)
            found.append(stack[at:])
            del stack[at:]

    for module in sorted(graph):
        if module not in index:
            visit(module)
    return found


def import_depth(graph: Mapping[str, set[str]]) -> int:
    """Count the modules on the longest chain of imports at run time; the modules of a cycle count as one."""
    groups = circles(graph)
    group_of = {module: number for number, group in enumerate(groups) for module in group}
    depth: dict[int, int] = {}
    for number, group in enumerate(groups):  # what a group imports stands before it
        below = {group_of[other] for module in group for other in graph.get(module, ())} - {number}
        depth[number] = 1 + max((depth[other] for other in below), default=0)
    return max(depth.values())
