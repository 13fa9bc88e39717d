"""Importing `tpo` and listing plug-ins imports no array library."""

import subprocess
import sys

import pytest

HEAVY = (
    *("numpy", "torch", "jax", "jaxlib", "optax", "matplotlib", "rich", "click", "array_api_compat"),
    *("pytest", "hypothesis"),
)
STATEMENTS = {
    "import tpo": HEAVY,
    "import tpo; dir(tpo)": HEAVY,
    "import tpo; tpo.BackendInfo, tpo.TPOError, tpo.hookimpl": HEAVY,
    "from tpo.plugins import host; assert host().backends() and not host().broken": HEAVY,
    "from tpo.plugins import host; assert host().algorithms() and host().tasks()": HEAVY,
    "from tpo import plugins; [plugins.missing(info) for info in plugins.host().backends().values()]": HEAVY,
    "import tpo.testing; dir(tpo.testing)": HEAVY,
    "from tpo.testing import check_loss": ("torch", "jax", "jaxlib", "optax", "pytest", "hypothesis"),
    "import tpo.cli": ("torch", "jax", "jaxlib", "optax", "matplotlib"),
    "import numpy, tpo; tpo.standardize(numpy.ones((2, 3)))": ("torch", "jax", "jaxlib", "optax"),
}


@pytest.mark.parametrize(("statement", "unwanted"), STATEMENTS.items())
def test_a_statement_loads_no_heavy_library(statement, unwanted):
    check = f"import sys; print(*sorted(set({unwanted!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", f"{statement}\n{check}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
