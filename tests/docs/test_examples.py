"""Every example in a docstring, and every block of Python in the documentation, runs."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import tpo
from tpo.experiments.launchers import LAUNCHERS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = ["tpo", *(found.name for found in pkgutil.walk_packages(tpo.__path__, "tpo."))]
APART = {info.load.partition(":")[0] for info in LAUNCHERS.values() if info.requires}
"""A session of their own installs what they need, and imports them."""

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__") and name not in APART])
def test_the_examples_of_a_module(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_functions_of_the_core_have_examples():
    for function in (tpo.standardize, tpo.target, tpo.candidate_weights, tpo.cross_entropy, tpo.sequence_log_probs):
        assert ">>> tpo." in function.__doc__


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_python_of_a_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text()
    namespace = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        # Padded with empty lines, so that a traceback names the line of the page.
        source = "\n" * text[: block.start(1)].count("\n") + block.group(1)
        exec(compile(source, str(page), "exec"), namespace)  # noqa: S102 - the project's own pages
