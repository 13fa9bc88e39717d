"""A small matrix for tests: four rows on a tiny corpus."""

import shutil

import pytest

from tools.conformance import inputs
from tools.conformance.row import record, write
from tools.conformance.rows import BY_NAME
from tpo.testing.golden import corpus

NAMES = "numpy-newest-3.11", "array-api-strict-newest-3.11", "torch-2.13.0-3.11"
ROWS = [row for name in NAMES for row in BY_NAME[name].rows if row.mode.name != "compile"]


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """A folder with the corpus, and the records of `ROWS`."""
    folder = tmp_path_factory.mktemp("conformance")
    inputs.make(folder, corpus.build(sizes=(2, 8), masked={"all": 1, "ragged": 1}))
    for row in ROWS:
        write(row, record(row, folder), folder)
    return folder


@pytest.fixture
def folder(pristine, tmp_path):
    """A copy of the pristine folder that a test may change."""
    return shutil.copytree(pristine, tmp_path / "matrix")
