"""The errors that `tpo` raises deliberately.

Each derives from `TPOError` and from the matching built-in error, so callers can catch either. A message says what
must hold, what was given, and what to do.
"""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

T = TypeVar("T")

MOST_LISTED = 60
"""The largest number of known names that an error lists."""

NEAREST = 5
"""The number of nearest names that an error lists of more."""

FRAMES = 3
"""The number of innermost calls of an exception that are named."""


class TPOError(Exception):
    """Base class of the errors raised by `tpo`."""


class InvalidArgumentError(TPOError, ValueError):
    """An argument with an unsuitable value, shape or dtype."""


class InvalidTypeError(TPOError, TypeError):
    """An argument of the wrong kind, such as a list where an array is needed."""


class UnknownNameError(TPOError, LookupError):
    """A name that is not registered."""


class NotInstalledError(TPOError, ImportError):
    """A registered object whose library is not installed."""


class PluginError(TPOError, RuntimeError):
    """A plug-in that breaks the contract of `tpo.plugins.hookspecs`."""


class OutputError(TPOError, OSError):
    """A folder or file that results cannot be written to or read from."""


class DataError(TPOError, OSError):
    """Data that cannot be fetched, or is damaged."""


class DegenerateGroupsWarning(UserWarning):
    """A warning of groups without a learning signal, because the old policy is concentrated on one candidate."""


def unknown_name(kind: str, name: object, known: Iterable[str], note: str = "") -> UnknownNameError:
    """Create the error for a name that is not among `known`, suggesting the nearest known name."""
    names = sorted(known)
    message = f"the name must be a registered {kind}; got {name!r}.{suggestion(name, names)}"
    return UnknownNameError(f"{message} Registered: {_listed(name, names)}.{note}")


def _listed(name: object, known: Sequence[str]) -> str:
    """List the `known` names, or of many those nearest to `name`."""
    if len(known) > MOST_LISTED:
        nearest = difflib.get_close_matches(str(name), known, NEAREST, cutoff=0)
        return f"{len(known)} names, which its documentation lists; the nearest are {', '.join(nearest)}"
    return ("; " if any("," in one for one in known) else ", ").join(known) or "none"


def suggestion(name: object, known: Iterable[str]) -> str:
    """A sentence that suggests the name of `known` nearest to `name`, ignoring case; empty if none is near."""
    text, plain = str(name).casefold(), {one.casefold(): one for one in known}
    # Swapped letters are likelier than replaced ones: 'gpro' means grpo, though gvpo is as similar.
    nearest = sorted(difflib.get_close_matches(text, plain), key=lambda near: sorted(near) != sorted(text))
    return f" Did you mean {plain[nearest[0]]!r}?" if nearest else ""


def look_up(kind: str, name: str, known: Mapping[str, T]) -> T:
    """Look up `name` in `known`.

    Raises:
        UnknownNameError: It is not there, or no text; the nearest name is suggested.
    """
    if not _is_text(name) or name not in known:
        raise unknown_name(kind, name, known)
    return known[name]


def _is_text(name: object) -> bool:
    return isinstance(name, str)


@contextmanager
def naming(place: str) -> Iterator[None]:
    """Put `place`, such as a file, before the messages of errors in a scope."""
    try:
        yield
    except TPOError as error:
        raise type(error)(f"{place}: {error}") from error


def reason_of(error: object) -> str:
    """The reason of an error in words: the operating system's, its own text, or at least the name of its class."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def root_of(error: BaseException) -> BaseException:
    """Follow the causes of `error` to the first exception."""
    seen: set[int] = set()
    while (before := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
        seen.add(id(error))
        if id(before) in seen:
            break
        error = before
    return error


def calls_of(error: BaseException) -> str:
    """List the innermost calls, with file and line, in which the root of `error` was raised."""
    # Imported here: it is rarely needed, and takes a tenth of the time of `import tpo`.
    import traceback  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    calls = reversed(traceback.extract_tb(root_of(error).__traceback__)[-FRAMES:])
    found = (f"{call.name} ({Path(call.filename).name}, line {call.lineno})" for call in calls)
    return ", called by ".join(found) or "native code"
