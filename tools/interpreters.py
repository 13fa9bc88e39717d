"""Which Python interpreters this machine has."""

from __future__ import annotations

import subprocess


def starts(command: str) -> bool:
    """Whether an interpreter, such as `python3.13`, is there and starts."""
    try:
        return subprocess.run([command, "-V"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
