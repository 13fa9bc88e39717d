"""What the parts of an experiment agree on: the record of its results, and what its runs are called."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]
"""What an experiment came to, as JSON has it."""


def run_label(panel: str, arm: str) -> str:
    """What an arm of a panel is called in words."""
    return f"{panel}: {arm}"
