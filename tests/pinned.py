"""The versions that the sessions of trainers install."""

from pathlib import Path

ADAPTERS = Path(__file__).parents[1] / "adapters"


def pinned(adapter):
    """The version of each package that `constraints.txt` of an adapter pins exactly."""
    lines = (ADAPTERS / adapter / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))
