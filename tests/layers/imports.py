"""The imports of the repository's modules, read from their syntax trees."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Import:
    """`importer`, a module of ours, imports `imported`, a module of anyone or `module.name`.

    Attributes:
        late: Whether it happens only when a function is called, or when types are checked.
    """

    importer: str
    imported: str
    late: bool

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported}"


def modules(folder: str) -> dict[str, Path]:
    """The modules below a folder of the repository by dotted name, as if the folder's parent were on the path."""
    top = ROOT / folder
    files = sorted(top.rglob("*.py"))
    return {".".join(f.relative_to(top.parent).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


def imports_of(module: str, file: Path) -> list[Import]:
    """Every import of a module; those behind TYPE_CHECKING and inside functions too."""
    return list(_imports(module, ast.parse(file.read_text()), late=False))


def _imports(module: str, node: ast.AST, *, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(module, alias.name, late) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module} must import by absolute names"
            yield from (Import(module, f"{child.module}.{alias.name}", late) for alias in child.names)
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        for_types = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        yield from _imports(module, child, late=late or inside or for_types)


def public_names() -> dict[str, str]:
    """The public names of `tpo`, and the module that each comes from, as its stub has it."""
    stub = ast.parse((ROOT / "tpo" / "__init__.pyi").read_text())
    found = {}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom):
            origin = ".".join(filter(None, ("tpo", node.module)))
            found |= {alias.name: origin if node.module else f"tpo.{alias.name}" for alias in node.names}
    return found
