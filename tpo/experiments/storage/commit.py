"""The commit of tpo that is running."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import tpo
from tpo.plugins.installation import origin

PACKAGE = Path(tpo.__file__).parent


@functools.cache
def commit() -> str | None:
    """The hash of the commit, ` with changes` after it where files differ from it; `None` if nothing tells."""
    return of_checkout(PACKAGE) or of_installation("tpo")


def of_checkout(package: Path) -> str | None:
    """That of the repository in which `package` is tracked: a package can also lie in another project's repository."""
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    head, changes = _git(package, "rev-parse", "HEAD"), _git(package, "status", "--porcelain", "--untracked-files=no")
    if head is None or changes == "":
        return head
    return f"{head}, changes unknown" if changes is None else f"{head} with changes"


def of_installation(name: str) -> str | None:
    """The commit that pip installed the distribution `name` from, if it was a repository's address."""
    found: str | None = (origin(name) or {}).get("vcs_info", {}).get("commit_id")
    return found


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says in `folder`; `None` if it is missing or refuses."""
    command = ["git", "--no-optional-locks", *arguments]
    try:
        run = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=10)  # noqa: S603 - git as it is found
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip()
