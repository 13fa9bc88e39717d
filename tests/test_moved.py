"""Old module names can still be imported, with a warning that gives the new name."""

import importlib
import sys

import pytest

import tpo
from tpo.moved import MOVED, RENAMED


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


@pytest.mark.parametrize("name", RENAMED)
def test_an_old_public_name_gives_the_new_one_and_says_so(name):
    with pytest.warns(DeprecationWarning, match=rf"^tpo\.{name} is now tpo\.{RENAMED[name]}\. Use that\.$") as warned:
        old = getattr(tpo, name)
    assert old is getattr(tpo, RENAMED[name])
    assert [one.filename for one in warned] == [__file__]


def test_old_names_are_not_offered():
    assert not {*RENAMED} & {*dir(tpo)}
