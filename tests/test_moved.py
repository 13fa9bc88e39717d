"""Modules can be imported by the names that they had, with a warning that says the new one."""

import importlib
import sys

import pytest

import tpo
from tpo.moved import MOVED


@pytest.mark.parametrize("name", MOVED)
def test_an_old_name_gives_the_new_module_and_says_so(name):
    sys.modules.pop(name, None)
    with pytest.warns(DeprecationWarning, match=rf"^{name} is now {MOVED[name]}\. Import that\.$") as warned:
        old = importlib.import_module(name)
    assert len(warned) == 1
    new = importlib.import_module(MOVED[name])
    assert old is new
    assert (new.__name__, new.__spec__.name) == (MOVED[name], MOVED[name])


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("tpo.plugins", "backend"),
        ("tpo.plugins", "PluginHost"),
        ("tpo.training", "train"),
        ("tpo.training", "StepResult"),
        ("tpo.backends", "Backend"),
        ("tpo", "groupings"),
    ],
)
def test_packages_offer_what_their_modules_did(module, name, recwarn):
    assert getattr(importlib.import_module(module), name) is getattr(tpo, name)
    assert not recwarn
