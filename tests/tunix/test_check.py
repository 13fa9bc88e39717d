"""The check of the installation."""

from tests.pinned import pinned
from tpo_tunix.check import TESTED


def test_the_tested_versions_are_those_that_are_installed_to_test():
    assert TESTED.items() <= pinned("tpo_tunix").items()
