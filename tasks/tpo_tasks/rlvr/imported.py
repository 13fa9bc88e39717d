"""Importing the libraries of the extra `rlvr` on first use."""

from __future__ import annotations

import importlib
from typing import Any

from tpo import NotInstalledError


def imported(module: str, library: str, purpose: str, otherwise: str = "") -> Any:
    """Import a module.

    Args:
        module: Its name.
        library: What is installed.
        purpose: What it is needed for, for the message.
        otherwise: What can be done without it, for the message.

    Raises:
        NotInstalledError: It is missing.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"{library} must be installed to {purpose}; got no such module."
        raise NotInstalledError(f'{message} Install it: pip install "tpo[rlvr]".{otherwise}') from error
