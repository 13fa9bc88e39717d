"""Requirements on an adapter's namespace: functions of the Array API with their keywords, and dtypes.

`namespace.toml` is the list.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Needed(NamedTuple):
    """The functions and dtypes that a namespace must have.

    Attributes:
        functions: The keywords passed to each function, by its name.
        dtypes: Names of dtypes.
    """

    functions: Mapping[str, list[str]]
    dtypes: list[str]


def needed(by: str) -> Needed:
    """Read the requirements of the `core`, or the additional requirements of `training`."""
    text = files("tpo.testing.suites").joinpath("namespace.toml").read_text(encoding="utf-8")
    return Needed(**tomllib.loads(text)[by])
