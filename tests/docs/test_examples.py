"""Every example in a docstring, and every block of Python in the documentation, runs."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import tpo
from tpo.plugins import registry

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = ["tpo", *(found.name for found in pkgutil.walk_packages(tpo.__path__, "tpo."))]
APART = {info.load.partition(":")[0] for info in registry.host().launchers().values() if info.requires}
"""Modules that separate sessions install and import."""

ELSEWHERE = ("tpo_trl",)
"""Packages whose examples run in sessions of their own."""

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def has_examples(name):
    path = Path(*name.split("."))
    found = [file for file in (ROOT / path.with_suffix(".py"), ROOT / path / "__init__.py") if file.exists()]
    return any(">>> " in file.read_text(encoding="utf-8") for file in found)


@pytest.mark.parametrize("name", list(filter(has_examples, MODULES)))
def test_the_examples_of_a_module(name):
    found = doctest.testmod(importlib.import_module(name))
    assert (found.failed, found.attempted > 0) == (0, True)


def test_every_other_module_can_be_imported():
    for name in MODULES:
        if not name.endswith("__main__") and name not in APART:
            importlib.import_module(name)


def test_the_functions_of_the_core_have_examples():
    for function in (tpo.standardize, tpo.target, tpo.candidate_weights, tpo.cross_entropy, tpo.sequence_log_probs):
        assert ">>> tpo." in function.__doc__


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_python_of_a_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text()
    namespace = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        if any(package in block.group(1) for package in ELSEWHERE):
            continue
        # Padded with empty lines, so that a traceback names the line of the page.
        source = "\n" * text[: block.start(1)].count("\n") + block.group(1)
        exec(compile(source, str(page), "exec"), namespace)  # noqa: S102 - the project's own pages
