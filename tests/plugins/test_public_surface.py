"""The public names, which `tpo/__init__.pyi` lists: each of them is there and documented."""

import inspect
from importlib.metadata import version

import pytest

import tpo

ERRORS = {
    "DataError": OSError,
    "InvalidArgumentError": ValueError,
    "InvalidTypeError": TypeError,
    "NotInstalledError": ImportError,
    "OutputError": OSError,
    "PluginError": RuntimeError,
    "TPOError": Exception,
    "UnknownNameError": LookupError,
}
"""Each error, and the built-in one of its kind."""
ALIASES = {"Array", "Parameters"}
"""Names of types, which cannot hold a docstring."""


def test_every_error_of_ours_stands_here():
    classes = {name for name in tpo.__all__ if isinstance(getattr(tpo, name), type)}
    assert {name for name in classes if issubclass(getattr(tpo, name), tpo.TPOError)} == set(ERRORS)


@pytest.mark.parametrize("name", tpo.__all__)
def test_each_name_resolves_and_is_documented(name):
    thing = getattr(tpo, name)
    if name not in ALIASES:
        assert inspect.getdoc(thing)


@pytest.mark.parametrize(("name", "built_in"), ERRORS.items())
def test_each_error_derives_from_tpos_and_from_the_built_in_of_its_kind(name, built_in):
    assert issubclass(getattr(tpo, name), tpo.TPOError)
    assert issubclass(getattr(tpo, name), built_in)


def test_every_public_name_is_told_by_dir():
    assert set(tpo.__all__) <= set(dir(tpo))


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="No tpo attribute targt"):
        tpo.targt  # noqa: B018


def test_the_version_is_the_one_installed():
    assert tpo.__version__ == version("tpo")
