"""What an adapter's namespace must have: functions of the Array API with the keywords they are given, and dtypes.

`namespace.toml` is the list.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Needed(NamedTuple):
    """What must be there.

    Attributes:
        functions: The keywords that each is given, by its name.
        dtypes: By name.
    """

    functions: Mapping[str, list[str]]
    dtypes: list[str]


def needed(by: str) -> Needed:
    """What the namespace of a backend must have: `by` the `core`, or by `training` besides."""
    return Needed(**tomllib.loads(files("tpo.testing.suites").joinpath("namespace.toml").read_text())[by])
