"""The plug-ins of the page *Extending it* pass the suites that their authors would inherit, and run."""

from __future__ import annotations

import functools
import sys
import types

import numpy as np
import pytest

from tests.docs.test_examples import BLOCK, ROOT
from tests.experiments.cells import bandit_cell
from tpo import InvalidArgumentError
from tpo.experiments.execution.run_all import run_all
from tpo.experiments.storage.cells import CellStore
from tpo.testing import AlgorithmSuite, TaskSuite


@functools.cache
def page():
    """The names that the page defines, as those of a module: pickled objects name theirs."""
    module = sys.modules["extending_page"] = types.ModuleType("extending_page")
    namespace = vars(module)
    for block in BLOCK.finditer((ROOT / "docs" / "extending.md").read_text()):
        # The assertions, which write files and train, are run with all other pages.
        source = "\n".join(line for line in block.group(1).splitlines() if not line.startswith(("assert", "results")))
        if "Path.cwd()" not in source:
            exec(compile(source, "extending.md", "exec"), namespace)  # noqa: S102 - the project's own page
    return namespace


class TestAlgorithm(AlgorithmSuite):
    @pytest.fixture
    def algorithm(self):
        return page()["StandardizedPG"]()


class TestTask(TaskSuite):
    @pytest.fixture
    def task(self):
        return page()["Bandit"]()


def test_the_task_refuses_what_it_cannot_train():
    bandit = page()["Bandit"]()
    with pytest.raises(InvalidArgumentError, match="the grouping must be sequence for the bandit; got 'token'"):
        bandit.check(bandit.default_arm("tpo", compares_candidates=True).__class__(algorithm="tpo", grouping="token"))
    with pytest.raises(InvalidArgumentError, match="`actions` must be at least 2; got 0"):
        page()["Bandit"](actions=0)


def test_the_launcher_gives_the_results_of_any_other(tmp_path):
    cells, library = [bandit_cell(seeds=(seed,)) for seed in range(2)], CellStore(tmp_path)
    news = []
    with page()["one_by_one"](None, None) as launcher:
        assert run_all(cells, library, launcher, news.append)
    assert sum(one.done for one in news) == 2
    for cell in cells:
        errors = library.load(cell).arrays["error"]
        assert errors.shape[0] == 1
        assert np.isfinite(errors).all()
