"""The rows of the matrix as data: the environments of `environments.toml`, and the modes of each."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tpo.testing.golden.corpus import DTYPES, SIZES

FILE = Path(__file__).with_name("environments.toml")
NEWEST = "newest"
RUNNERS = "tools.conformance.runners"
SOME = (1, 3, 8, 17, 64, 129)
FEW = (8, 129)
"""Sizes for modes that take long to compile: other groups are padded with masked slots to the next."""


@dataclass(frozen=True)
class Mode:
    """A way to run a library.

    Attributes:
        name: The name in the table.
        exact: `module:function` that runs the exact tier: `run(function, arrays) -> arrays`.
        fast: The same for the fast tier; the default is `exact`.
        backend: The registered name of the backend, passed as first argument to runners for any adapter.
        dtypes: The dtypes that are computed; empty for all that the backend has.
        sizes: Sizes to which groups are padded; with all sizes nothing is padded.
        invariances: Sizes, among `sizes`, at which invariances are checked.
        variables: Environment variables of the process.
    """

    name: str
    exact: str
    fast: str = ""
    backend: str = ""
    dtypes: tuple[str, ...] = DTYPES
    sizes: tuple[int, ...] = SIZES
    invariances: tuple[int, ...] = (8,)
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Environment:
    """A Python version with its packages.

    Attributes:
        backend: The library.
        version: A number, or `newest`; for a given package, the version that is installed with it.
        python: The version of Python, `3.x`.
        packages: Requirements in addition to the project's own; empty for a given package.
        modes: The modes to run.
    """

    backend: str
    version: str
    python: str
    packages: tuple[str, ...]
    modes: tuple[Mode, ...]

    @property
    def name(self) -> str:
        """The name of the environment: library, version and Python."""
        return f"{self.backend}-{self.version}-{self.python}"

    @property
    def rows(self) -> list[Row]:
        """Create a row per mode."""
        return [Row(self, mode) for mode in self.modes]


class Row(NamedTuple):
    """An environment and one of its modes."""

    environment: Environment
    mode: Mode

    @property
    def name(self) -> str:
        """The name of the row: environment and mode."""
        return f"{self.environment.name} {self.mode.name}"

    @property
    def file(self) -> str:
        """The name in a form that is valid for a file."""
        return self.name.replace(",", "").replace(" ", "-")


class Elsewhere(NamedTuple):
    """A row that did not run, with the reason."""

    name: str
    reason: str


def eager(backend: str, dtypes: tuple[str, ...] = ()) -> Mode:
    """A mode that runs operation by operation through the adapter."""
    return Mode("eager", f"{RUNNERS}.adapter:eager", backend=backend, dtypes=dtypes)


def compiled(backend: str) -> Mode:
    """A mode that runs functions compiled by the adapter."""
    return Mode("compiled", f"{RUNNERS}.adapter:compiled", backend=backend, dtypes=(), sizes=FEW, invariances=())


def jax(name: str, run: str, sizes: tuple[int, ...] = FEW, invariances: tuple[int, ...] = (8,)) -> Mode:
    """A mode of JAX with float64."""
    on = (("JAX_ENABLE_X64", "1"),)
    return Mode(name, f"{RUNNERS}.{run}", sizes=sizes, invariances=invariances, variables=on)


def jax_in_single(name: str, run: str) -> Mode:
    """A mode of JAX without float64, its default."""
    off = (("JAX_ENABLE_X64", "0"),)
    dtypes = ("float32",)
    return Mode(f"{name}, float64 off", f"{RUNNERS}.{run}", "", "", dtypes, FEW, (), off)


MODES = {
    "numpy": (eager("numpy"),),
    "array-api-strict": (Mode("eager", f"{RUNNERS}.strict:eager"),),
    "jax": (
        jax("jit", "jax:jit", SOME),
        # Every shape compiles five times here; the other modes check the invariances.
        jax("eager", "jax:eager", invariances=()),
        jax("by operation", "jax:by_operation"),
        jax("vmap", "jax:vmap"),
        jax_in_single("eager", "jax:eager"),
        jax_in_single("jit", "jax:jit"),
        jax_in_single("vmap", "jax:vmap"),
    ),
    "torch": (
        eager("torch"),
        Mode("vmap", f"{RUNNERS}.torch:vmap"),
        Mode(
            "compile",
            f"{RUNNERS}.torch:carried",
            f"{RUNNERS}.torch:compiled",
            sizes=FEW,
            invariances=(),
            # PyTorch warns when it traces through `functools.cache`.
            variables=(("PYTHONWARNINGS", "ignore::UserWarning"),),
        ),
    ),
    "mlx": (eager("mlx"),),
}
"""Modes by library."""

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def beside(backend: str, python: str = HERE) -> list[Environment]:
    """The environments of a third party's adapter, and of the NumPy that is installed with it."""
    return [
        Environment("numpy", f"beside-{backend}", python, (), (eager("numpy"),)),
        Environment(backend, "given", python, (), (eager(backend), compiled(backend))),
    ]


DECLARED = tomllib.loads(FILE.read_text())
ENVIRONMENTS = [
    Environment(found["backend"], found["version"], python, tuple(found["packages"]), MODES[found["backend"]])
    for found in DECLARED["libraries"]
    for python in found["pythons"]
]
BY_NAME = {environment.name: environment for environment in ENVIRONMENTS}
ROWS = [row for environment in ENVIRONMENTS for row in environment.rows]
ELSEWHERE = [Elsewhere(**found) for found in DECLARED["elsewhere"]]
