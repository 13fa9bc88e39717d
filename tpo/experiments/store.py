"""The output folder of a run: `result.json`, and figures beside it."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tpo.errors import OutputError
from tpo.experiments.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tpo.experiments.spec import RunSpec

RESULT = "result.json"
PROBE = ".probe"
REMEDY = "Choose another --output or pass --overwrite."


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
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / PROBE, "")
        (folder / PROBE).unlink()
    if overwrite or not (folder / RESULT).exists():
        return None
    stored = load(folder)
    if stored.arms and stored.spec != spec:
        message = f"the output folder must be empty or hold this very run; got {str(folder)!r}, which holds another run"
        raise OutputError(f"{message} ({_difference(stored.spec, spec)}). {REMEDY}")
    return stored if stored.completed else None


def save(folder: Path, result: Result) -> None:
    """Write `result` to `folder`, whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    with writing(folder):
        _replace(folder / RESULT, json.dumps(result.to_json(), allow_nan=False) + "\n")


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
        raise OutputError(f"{message} ({type(error).__name__}: {error}). {REMEDY}") from error


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The scope in which `folder` is written.

    Raises:
        OutputError: The operating system refuses.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"the output folder must be writable; got {str(folder)!r} ({reason})."
        raise OutputError(f"{message} Choose another one: --output.") from error


def _replace(path: Path, text: str) -> None:
    """Put `text` in place of whatever `path` holds in one go: readers see the old or the new, never half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _difference(stored: RunSpec, wanted: RunSpec) -> str:
    """The first thing in which two specs differ."""
    old, new = _flat(stored.to_json()), _flat(wanted.to_json())
    name = next(name for name in {**old, **new} if old.get(name) != new.get(name))
    return f"its {name} is {old.get(name)!r}, not {new.get(name)!r}"


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested dictionaries as one with dotted names."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
