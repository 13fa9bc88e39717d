"""Finding the commit of the running `tpo`."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path
from typing import Any

import tpo
from tpo.plugins.installation import origin

PACKAGE = Path(tpo.__file__).parent


@functools.cache
def commit() -> str | None:
    """Find the hash of the commit, with the suffix ` with changes` if files differ; `None` if it is unknown."""
    return of_checkout(PACKAGE) or of_installation("tpo")


def of_checkout(package: Path) -> str | None:
    """Find the commit of the repository that tracks `package`, which may also lie untracked in another project."""
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    head, changes = _git(package, "rev-parse", "HEAD"), _git(package, "status", "--porcelain", "--untracked-files=no")
    if head is None or changes == "":
        return head
    return f"{head}, changes unknown" if changes is None else f"{head} with changes"


def of_installation(name: str) -> str | None:
    """Find the commit from which pip installed the distribution `name`, if it came from a repository's address."""
    found: str | None = (origin(name) or {}).get("vcs_info", {}).get("commit_id")
    return found


def _git(folder: Path, *arguments: str) -> str | None:
    """Run git in `folder` and return its output; `None` if it is missing or fails."""
    command = ["git", "--no-optional-locks", *arguments]
    # Names of files need not be texts in the encoding of the locale.
    words: dict[str, Any] = {"encoding": "utf-8", "errors": "replace"}
    try:
        run = subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=10, **words)  # noqa: S603 - git as it is found
    except (OSError, subprocess.SubprocessError):
        return None
    return str(run.stdout).strip()
