"""Running the rows of this environment: `python -m tools.conformance.row NAME --folder FOLDER`.

With `--adapter BACKEND` instead of a name: the rows of somebody's adapter, which is installed here.

Each mode runs in a process of its own, two at a time, and writes what it found to `FOLDER/rows/`.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.conformance import inputs, measure
from tools.conformance.measure import QUANTITIES
from tools.conformance.rows import BY_NAME, NEWEST, Environment, Mode, Row, beside
from tpo.plugins import registry
from tpo.testing.golden import corpus
from tpo.testing.laws.subjects import widest_dtype

if TYPE_CHECKING:
    from tools.conformance.measure import Run

WORKERS = 2
CRASHED = "it crashed"
PACKAGES = ("numpy", "array-api-compat", "array-api-strict", "jax", "jaxlib", "optax", "torch", "mlx")
CORE = Path(__file__).parents[2] / "tpo" / "core"


def code_digest() -> str:
    """SHA-256 of the source that computes the results."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(CORE.rglob("*.py")))).hexdigest()


def versions() -> dict[str, str]:
    """Versions of the relevant packages that are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def missing(environment: Environment) -> str:
    """The reason why the environment is not the declared one; empty if it is."""
    if not platform.python_version().startswith(f"{environment.python}."):
        return f"Python {environment.python} is missing"
    if not environment.packages:
        return _not_registered(environment.backend)
    installed = versions().get(environment.backend)
    wanted = environment.version
    if installed is None or (wanted != NEWEST and installed.partition("+")[0] != wanted):
        return f"no wheel of {' or '.join(environment.packages)} could be installed on Python {environment.python}"
    return ""


def _not_registered(backend: str) -> str:
    """The reason why a backend is not registered; empty if it is."""
    info = registry.host().backends().get(backend)
    if info is None:
        return f"no installed package registers a backend called {backend!r}"
    return f"{' and '.join(registry.missing(info))} is missing" if registry.missing(info) else ""


def dtypes_of(mode: Mode) -> tuple[str, ...]:
    """The dtypes that a mode computes."""
    return mode.dtypes or tuple(sorted({"float32", widest_dtype(registry.backend(mode.backend))}))


def runner(mode: Mode, name: str) -> Run:
    """Import the runner called `name`, and bind it to the mode's backend, if any."""
    function = pkgutil.resolve_name(name)
    return functools.partial(function, mode.backend) if mode.backend else function


def record(row: Row, folder: Path) -> dict:
    """Run one row on the corpus in `folder`."""
    groups = corpus.load(inputs.corpus_file(folder))
    digest = corpus.digest(groups)
    truth = inputs.load_truth(inputs.truth_file(folder, digest), list(groups))
    run_exact, run_fast = (runner(row.mode, name) for name in (row.mode.exact, row.mode.fast or row.mode.exact))
    found = {"row": row.name, "inputs": digest, "code": code_digest(), "dtypes": {}}
    began = time.perf_counter()
    for dtype in dtypes_of(row.mode):
        part = measure.part(groups, dtype)
        results = measure.all_blocks(run_exact, measure.exact, part, row.mode.sizes)
        fast = measure.all_blocks(run_fast, measure.fast, part, row.mode.sizes)
        found["dtypes"][dtype] = {
            "groups": measure.count(part),
            "digests": save_raw(results, folder),
            "worst": {q: measure.worst(part, results, truth, i)._asdict() for i, q in enumerate(QUANTITIES)},
            "fast": {q: measure.error_of_fast(fast, truth, i) for i, q in enumerate(QUANTITIES[1:])},
            "changed": measure.changed(run_exact, part, results, row.mode.invariances),
        }
    seconds = round(time.perf_counter() - began, 1)
    return found | {"seconds": seconds, "python": platform.python_version(), "versions": versions()}


def save_raw(results: dict, folder: Path) -> dict[str, dict[str, str]]:
    """Write each array to a file named by its digest, shared by rows that agree; return the digests."""
    (folder / "raw").mkdir(exist_ok=True)
    found: dict[str, dict[str, str]] = {quantity: {} for quantity in QUANTITIES}
    for (_, size), arrays in results.items():
        for quantity, array in zip(QUANTITIES, arrays, strict=True):
            digest = corpus.digest_of(array)
            found[quantity][str(size)] = digest
            file = raw_file(folder, digest)
            if not file.exists():
                partial = file.with_suffix(f".{os.getpid()}.npy")
                np.save(partial, array + 0.0)
                partial.replace(file)
    return found


def raw_file(folder: Path, digest: str) -> Path:
    """The file of the results with this digest."""
    return folder / "raw" / f"{digest}.npy"


def write(row: Row, found: dict, folder: Path) -> None:
    """Write the record of a row."""
    (folder / "rows").mkdir(parents=True, exist_ok=True)
    (folder / "rows" / f"{row.file}.json").write_text(json.dumps(found, indent=1) + "\n")


def summary(found: dict) -> str:
    """Format one line of progress."""
    if "not run" in found:
        return f"{found['row']}: not run: {found['not run']}"
    groups = sum(part["groups"] for part in found["dtypes"].values())
    ulp = max(worst["ulp"] for part in found["dtypes"].values() for worst in part["worst"].values())
    return f"{found['row']}: {groups} groups, at most {ulp:.3f} ULP, {found['seconds']:.0f} s"


def run_mode(row: Row, folder: Path) -> dict:
    """Run a row in this process and write it."""
    reason = missing(row.environment)
    found = {"row": row.name, "not run": reason} if reason else record(row, folder)
    write(row, found, folder)
    print(summary(found), flush=True)  # noqa: T201
    return found


def start(row: Row, folder: Path, adapter: str) -> int:
    """Run a row in its own process; return the exit code."""
    write(row, {"row": row.name, "not run": CRASHED}, folder)
    module = [sys.executable, "-m", "tools.conformance.row"]
    command = [*module, row.environment.name, "--mode", row.mode.name, "--folder", str(folder), "--adapter", adapter]
    variables = {"OMP_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu"} | dict(row.mode.variables)
    return subprocess.run(command, env=os.environ | variables, check=False).returncode


def main() -> int:
    """Run the rows from the command line; return 0 if all ran."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="of an environment; default: those of the adapter")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--adapter", metavar="BACKEND", default="", help="a backend that another package registers")
    parser.add_argument("--mode")
    options = parser.parse_args()
    known = BY_NAME | {environment.name: environment for environment in beside(options.adapter)}
    wanted = [known[options.name]] if options.name else beside(options.adapter)
    rows = [row for environment in wanted for row in environment.rows]
    chosen = [row for row in rows if row.mode.name == options.mode]
    if chosen:
        found = run_mode(chosen[0], options.folder)
        # A given adapter must run, whereas some versions of libraries have no wheel for this Python.
        return int(bool(options.adapter) and "not run" in found)
    with ThreadPoolExecutor(WORKERS) as pool:
        return max(pool.map(lambda row: abs(start(row, options.folder, options.adapter)), rows))


if __name__ == "__main__":
    sys.exit(main())
