"""The store of warm starts: parameters after supervision, in the user's cache folder, by all that determines them."""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tpo.errors import OutputError
from tpo.experiments.spec.schema import RESULTS_VERSION
from tpo.experiments.storage import machine, npz
from tpo.experiments.storage.provenance import versions_of
from tpo.files import remove_partial
from tpo.folders import Use, cache_folder, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from tpo.experiments.spec.cell import Cell

VARIABLE = "TPO_WARM_STARTS"
"""Environment variable for another folder."""

USE = Use("warm-start", f"the environment variable {VARIABLE}")
PARAMETERS = "parameters.npz"

Parameters = dict[str, Any]
"""NumPy arrays by name, without the seeds axis."""


def key_of(cell: Cell, task: Any, backend: Any, seed: int) -> str:
    """Hash everything that determines the warm start of a seed, but not the arm: all arms share it.

    That is the task with its options, the seed, the backend, device and dtype, the versions of Python and the
    libraries, the processor, and the source code of `tpo`, of the task and of the adapter.
    """
    described = {
        "numbers": RESULTS_VERSION,
        "task": [cell.task, asdict(task)],
        "seed": seed,
        "backend": [cell.backend, cell.device, cell.dtype],
        "versions": versions_of(cell),
        "processor": machine.processor(),
        "code": digest_of_code(*sorted({"tpo", *(type(one).__module__.partition(".")[0] for one in (task, backend))})),
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()[:20]


@functools.cache
def digest_of_code(*packages: str) -> str:
    """Hash the source files of imported packages, by their names and contents."""
    found = hashlib.sha256()
    for package in packages:
        origin = Path(getattr(sys.modules[package], "__file__", None) or "")
        files = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
        for file in filter(Path.is_file, files):
            found.update(f"{package}/{file.relative_to(origin.parent).as_posix()}".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def kept(
    key: str,
    like: Mapping[str, np.ndarray[Any, Any]],
    compute: Callable[[], Mapping[str, np.ndarray[Any, Any]]],
    on_wait: Callable[[], None],
) -> Mapping[str, np.ndarray[Any, Any]]:
    """Load the warm start called `key`, or compute and keep it.

    If another process computes it now, its result is waited for and loaded. A file that is damaged, or that holds
    other arrays, is replaced.

    Args:
        key: From `key_of`.
        like: Arrays with the names, shapes and dtypes of the parameters.
        compute: Computes the parameters.
        on_wait: Called now and then while another process computes them; what it raises ends the waiting.

    Raises:
        OutputError: The folder cannot be written.
    """
    folder = cache_folder(VARIABLE, "warm-starts") / key
    path = folder / PARAMETERS
    if (found := _load(path, like)) is not None:
        return found
    with locked(folder, USE, on_wait=on_wait):
        remove_partial(folder)
        if (found := _load(path, like)) is not None:
            return found
        computed = compute()
        npz.write(path, {}, computed, use=USE)
        return computed


def _load(path: Path, like: Mapping[str, np.ndarray[Any, Any]]) -> Parameters | None:
    """Load parameters; `None` if there is no file, or one with anything else."""
    try:
        _, arrays = npz.read(path)
    except OutputError:
        return None
    expected = {name: (values.shape, values.dtype.name) for name, values in like.items()}
    found = {name: (values.shape, values.dtype.name) for name, values in arrays.items()}
    return arrays if found == expected else None
