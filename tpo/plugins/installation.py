"""Finding out how `tpo` was installed, to suggest install commands that work here."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import tpo
from tpo.errors import NotInstalledError

SOURCE = Path(tpo.__file__).parents[1]
"""The root of the clone, if `tpo` is imported from one."""

REQUIREMENT = re.compile(r'"tpo\[(?P<extras>[\w,-]+)\]"')
READ_BY_SHELLS = re.compile(r'["$`\\!]')
"""Characters that a shell interprets even between double quotes."""


def origin(name: str) -> dict[str, Any] | None:
    """Read the PEP 610 record of the origin of a distribution: empty for an index, `None` if not installed."""
    try:
        text = distribution(name).read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    found: dict[str, Any] = json.loads(text or "{}")
    return found


def doable(command: str) -> str:
    """Make an install command work in any folder: if `tpo` was installed from a clone, put its path for `"tpo[...]"`.

    Otherwise the name is enough: pip keeps the installed `tpo`, whether it came from a file or a repository's address.
    """
    folder, editable = clone(origin("tpo"))
    if folder is None:
        return command
    option = "-e " if editable else ""
    return REQUIREMENT.sub(lambda match: option + _quoted(f"{folder}[{match['extras']}]"), command)


def import_extra(module: str, library: str, purpose: str, *, install: str, otherwise: str = "") -> Any:
    """Import a module of a library that an extra installs.

    Args:
        module: The name of the module.
        library: The name of the library, for the error.
        purpose: What the library is needed for, in words that follow "to", for the error.
        install: The command that installs it. `"tpo[...]"` in it becomes the path of a clone, where there is one.
        otherwise: What can be done without it, for the error.

    Returns:
        The module.

    Raises:
        NotInstalledError: It is missing.

    Example:
        >>> import tpo
        >>> install = 'pip install "my-plugin[extra]"'
        >>> tpo.import_extra("json", "json", "read files", install=install).__name__
        'json'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"{library} must be installed to {purpose}; got no such module."
        raise NotInstalledError(f"{message} Install it: {doable(install)}.{otherwise}") from error


def clone(origin: dict[str, Any] | None) -> tuple[Path | None, bool]:
    """Find the folder that `tpo` was installed from, and whether the installation is editable; `None` without one.

    Args:
        origin: A record of PEP 610; `None` if `tpo` is not installed but imported from a folder on the path.
    """
    if origin is None:
        return (SOURCE if (SOURCE / "pyproject.toml").exists() else None), True
    if "dir_info" not in origin:
        return None, False
    folder = Path(url2pathname(urlsplit(origin["url"]).path))
    return (folder if folder.exists() else None), origin["dir_info"].get("editable", False)


def _quoted(text: str) -> str:
    return shlex.quote(text) if READ_BY_SHELLS.search(text) else f'"{text}"'
