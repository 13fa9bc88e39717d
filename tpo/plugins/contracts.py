"""Calling the code of plug-ins: whatever it raises, or gives of another type, becomes an error that names it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tpo.errors import PluginError, TPOError
from tpo.plugins.checks import in_words, misfit, said

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


@dataclass(frozen=True)
class Contract:
    """A requirement on an object of a plug-in, checked where it is called.

    Attributes:
        kind: What it is registered as, such as `check`.
        name: Its name.
        must: What it must do, as the end of a sentence.
        remedy: What to do if it does not, in a sentence.
    """

    kind: str
    name: str
    must: str
    remedy: str = "Fix or uninstall its plug-in."

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Turn whatever the plug-in's code raises in this scope, `SystemExit` too, into a `PluginError`.

        Raises:
            PluginError: Something was raised. Errors of `tpo`, those of the operating system, such as a full disk, and
                Ctrl-C are left as they are.
        """
        try:
            yield
        except (TPOError, KeyboardInterrupt):
            raise
        except BaseException as error:  # whatever a stranger's code raises
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise self.refusal(in_words(error)) from error

    def checked(self, value: Any, kind: type[T]) -> T:
        """Return `value`, an object of the dataclass `kind` whose fields are of the declared types.

        Raises:
            PluginError: It is something else.
        """
        if not isinstance(value, kind):
            raise self.refusal(said(value))
        if (field := misfit(value, kind)) is not None:
            found = said(getattr(value, field.name, None))
            raise self.refusal(f"a {kind.__name__} whose `{field.name}` is {found}, not {field.type}")
        return value

    def refusal(self, came: str | None) -> PluginError:
        """Create the error for what came instead."""
        return PluginError(f"the {self.kind} {self.name!r} must {self.must}; got {came}. {self.remedy}")
