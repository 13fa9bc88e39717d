"""Recording the uses of a namespace, in source code and at run time."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import array_api_compat.numpy as reference
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class Called(NamedTuple):
    """Uses of a namespace: the keywords passed to each function, by its name, and the dtypes."""

    functions: dict[str, set[str]]
    dtypes: set[str]


def called_in(files: Iterable[Path]) -> Called:
    """Find the uses of `xp`, or of the result of `namespace()`, in source files."""
    functions, dtypes = defaultdict(set), set()
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        calls = {node.func: node for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in _of_namespaces(tree):
            if is_dtype(getattr(reference, node.attr)):
                dtypes.add(node.attr)
            else:
                functions[node.attr] |= {keyword.arg for keyword in calls[node].keywords} if node in calls else set()
    return Called(dict(functions), dtypes)


def _of_namespaces(tree: ast.AST) -> Iterator[ast.Attribute]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            whole = node.value
            named = isinstance(whole, ast.Name) and whole.id == "xp"
            asked = isinstance(whole, ast.Call) and getattr(whole.func, "attr", "") == "namespace"
            if named or asked:
                yield node


def is_dtype(found: object) -> bool:
    """Whether something in a namespace of NumPy is a dtype."""
    return isinstance(found, type) and issubclass(found, np.generic)


class Recording:
    """A namespace that records its uses."""

    def __init__(self, namespace) -> None:
        self._namespace, self.called = namespace, Called(defaultdict(set), set())

    def __getattr__(self, name):
        found = getattr(self._namespace, name)
        if is_dtype(found):
            self.called.dtypes.add(name)
            return found

        def noted(*arrays, **keywords):
            self.called.functions[name].update(keywords)
            return found(*arrays, **keywords)

        return noted
