"""Tests that need a missing library are left out and counted."""

import subprocess
import sys
from pathlib import Path

CASES = """
import pytest

LIBRARIES = ("numpy", "nowhere")

class TestNowhere:
    def test_by_its_class(self):
        pass

@pytest.mark.parametrize("library", ["nowhere", "numpy"])
def test_by_its_parameter(library):
    pass

def test_by_its_lines():
    import nowhere

def test_by_a_constant():
    assert LIBRARIES

def test_needs_nothing_of_the_kind():
    pass
"""


def test_what_needs_the_library_is_not_collected(tmp_path):
    (tmp_path / "test_cases.py").write_text(CASES)
    (tmp_path / "test_import.py").write_text("import nowhere\n\ndef test_one():\n    pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_third.py").write_text("import third\n\ndef test_one():\n    pass\n")
    without = ("--without", "nowhere", "--without", "third")
    command = [sys.executable, "-m", "pytest", "-p", "tests.without", *without, "--co", "-q"]
    root = Path(__file__).parents[1]
    found = subprocess.run([*command, str(tmp_path)], cwd=root, capture_output=True, text=True, check=True).stdout
    assert found.splitlines()[:2] == [
        "test_cases.py::test_by_its_parameter[numpy]",
        "test_cases.py::test_needs_nothing_of_the_kind",
    ]
    assert "2/6 tests collected (4 deselected)" in found
