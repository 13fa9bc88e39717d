"""Finding the loss and the backends of `tpo check-loss` by name."""

from __future__ import annotations

import pkgutil
from typing import Any

from tpo.errors import InvalidArgumentError
from tpo.plugins import registry


def default_backends() -> list[str]:
    """List the installed backends that differentiate, and NumPy, which checks values."""
    return [*registry.installed_trainable(), "numpy"]


def find_loss(target: str) -> Any:
    """Import the function named by `module:function`.

    Raises:
        InvalidArgumentError: It has another form, or names nothing that loads.
    """
    if not target.partition(":")[2]:
        message = f"the loss must be named as module:function; got {target!r}. For example my_losses:group_loss."
        raise InvalidArgumentError(message)
    try:
        return pkgutil.resolve_name(target)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a stranger's import raises, `SystemExit` too
        message = f"the loss must be something that can be imported; got {target!r} ({type(error).__name__}: {error})."
        raise InvalidArgumentError(
            f"{message} Run tpo check-loss in the folder of the module, or install the module."
        ) from error
