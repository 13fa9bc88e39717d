"""Only public names of the array libraries are used; the exceptions are listed here."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("tpo", "adapters", "tasks", "tests", "examples", "benchmarks")
LIBRARIES = ("jax", "jaxlib", "optax", "torch", "mlx", "numpy", "array_api_compat", "array_api_strict")
EXCEPTIONS = {
    # No public module registers a pytree of PyTorch (2.13, 2.14).
    "torch.utils._pytree": {"adapters/tpo_torch/integration.py", "tests/adapters/test_pytrees.py"},
    # Tensors without memory that are not on the device "meta", which a test makes.
    "torch._subclasses": {"tests/adapters/test_torch_detour.py"},
    # Muon that is not ours, to compare ours with.
    "optax.contrib": {"tests/adapters/references.py"},
}


def private(name):
    """The part of a dotted name that is not public, from the library on; empty if all of it is."""
    parts = name.split(".")
    if parts[0] not in LIBRARIES:
        return ""
    for index, part in enumerate(parts):
        if part in {"experimental", "contrib"} or (part.startswith("_") and not part.startswith("__")):
            return ".".join(parts[: index + 1])
    return ""


def dotted(node):
    """`a.b.c` of an attribute of an attribute of a name; empty for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    outer = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{outer}.{node.attr}" if outer else ""


def private_names(source):
    """List the private names of libraries that a module imports or uses."""
    tree, aliases, names = ast.parse(source), {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            aliases |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        first, _, rest = dotted(node).partition(".")
        names.add(f"{aliases.get(first, first)}.{rest}")
    return {private(name) for name in names} - {""}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import torch\ntorch._foreach_mul(a, b)", {"torch._foreach_mul"}),
        ("from jax.experimental import shard_alike", {"jax.experimental"}),
        (
            "from jax.experimental.compilation_cache import compilation_cache\ncompilation_cache",
            {"jax.experimental"},
        ),
        ("import numpy as np\nnp._core.multiarray", {"numpy._core"}),
        ("import optax\noptax.contrib.muon", {"optax.contrib"}),
        ("import jax.numpy as jnp\njnp.zeros(3).__array__\nself._jax", set()),
    ],
)
def test_private_names_are_found(source, found):
    assert private_names(source) == found


def test_only_the_exceptions_are_not_public():
    found = {}
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            for name in private_names(file.read_text()):
                found.setdefault(name, set()).add(file.relative_to(ROOT).as_posix())
    assert found == EXCEPTIONS
