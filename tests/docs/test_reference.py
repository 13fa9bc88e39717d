"""Every public function and class is in the reference."""

import inspect
import re
from pathlib import Path

import pytest

import tpo

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text()
ENTRIES = set(re.findall(r"^::: (\S+)$", REFERENCE, re.MULTILINE))
THINGS = {name: getattr(tpo, name) for name in tpo.__all__}
DOCUMENTED = [
    name
    for name, thing in THINGS.items()
    if (inspect.isclass(thing) or inspect.isfunction(inspect.unwrap(thing))) and thing.__module__.startswith("tpo.")
]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_it_has_an_entry(name):
    thing = THINGS[name]
    assert f"{thing.__module__}.{thing.__qualname__}" in ENTRIES


def test_there_is_no_entry_for_something_else():
    public = {f"{thing.__module__}.{thing.__qualname__}" for thing in (THINGS[name] for name in DOCUMENTED)}
    assert {entry for entry in ENTRIES if not entry.startswith("tpo.testing")} == public
