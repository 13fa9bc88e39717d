"""The public names of `tpo`, read from its stub."""

import ast

from tools.source import ROOT


def public_names():
    """The module that each public name comes from, by name."""
    stub = ast.parse((ROOT / "tpo" / "__init__.pyi").read_text())
    found = {}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom):
            origin = ".".join(filter(None, ("tpo", node.module)))
            found |= {alias.name: origin if node.module else f"tpo.{alias.name}" for alias in node.names}
    return found
