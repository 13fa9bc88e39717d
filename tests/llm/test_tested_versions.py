"""The versions that `tpo check` calls tested are those that the tests install."""

import importlib

import pytest

from tests.pinned import pinned


@pytest.mark.parametrize("adapter", ["tpo_trl", "tpo_verl"])
def test_the_tested_versions_are_those_that_are_installed_to_test(adapter):
    tested = importlib.import_module(f"{adapter}.check").TESTED
    assert tested.items() <= pinned(adapter).items()
