"""The output folder of a run: `result.json`, and figures beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tpo.errors import OutputError
from tpo.experiments.analysis.result import Result
from tpo.experiments.spec.cell import RESULTS_VERSION
from tpo.experiments.spec.overrides import UNSET, flat
from tpo.experiments.storage import output

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.experiments.spec.run_spec import RunSpec

RESULT = "result.json"
REMEDY = "Choose another --output or pass --overwrite."
AGAIN = "Delete it, or run the task again with --overwrite."


def prepare_output(folder: Path, spec: RunSpec, *, overwrite: bool) -> Result | None:
    """Make sure, before anything is trained, that the results of `spec` can be written to `folder`.

    Args:
        folder: Created if need be.
        spec: What is about to run.
        overwrite: Whether whatever the folder holds may be replaced.

    Returns:
        The stored result if this very run has been completed already, `None` if it is to be run.

    Raises:
        OutputError: The folder cannot be written, or holds something else.
    """
    output.probe(folder)
    if overwrite or not (folder / RESULT).exists():
        return None
    stored = load(folder)
    if stored.arms and stored.spec != spec:
        message = f"the output folder must be empty or hold this very run; got {str(folder)!r}, which holds another run"
        raise OutputError(f"{message} ({_difference(stored.spec, spec)}). {REMEDY}")
    if stored.arms and stored.numbers != RESULTS_VERSION:
        message = f"the output folder must be empty or hold results of this version; got {str(folder)!r}, which holds"
        raise OutputError(f"{message} this run as another version of tpo computed it. {REMEDY}")
    return stored if stored.completed else None


def load_if_whole(folder: Path) -> Result | None:
    """The result stored in `folder`; `None` if there is none that can be understood."""
    try:
        return load(folder)
    except OutputError:
        return None


def save(folder: Path, result: Result) -> None:
    """Write `result` to `folder`, whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    output.write(folder / RESULT, (json.dumps(result.to_json(), allow_nan=False) + "\n").encode())


def load(folder: Path) -> Result:
    """The result stored in `folder`.

    Raises:
        OutputError: There is none, or it cannot be understood.
    """
    path = folder / RESULT
    try:
        return Result.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        message = f"{str(path)!r} must be a result of tpo; got a damaged or foreign file"
        raise OutputError(f"{message} ({type(error).__name__}: {error}). {AGAIN}") from error


def _difference(stored: RunSpec, wanted: RunSpec) -> str:
    """The first thing in which two specs differ."""
    if set(stored.arms) != set(wanted.arms):
        return f"its arms are {', '.join(stored.arms)}, not {', '.join(wanted.arms)}"
    old, new = flat(stored.to_json()), flat(wanted.to_json())
    name = next(name for name in {**old, **new} if old.get(name, UNSET) != new.get(name, UNSET))
    was, wants = (repr(spec[name]) if name in spec else UNSET for spec in (old, new))
    return f"its {name} is {was}, not {wants}"
