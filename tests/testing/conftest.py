"""The fixture for calling the command line."""

from tests.cli.conftest import tpo

__all__ = ["tpo"]
