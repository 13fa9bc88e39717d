"""The suite of `tpo.testing` on every built-in task."""

import pytest

from tpo.testing import TaskSuite
from tpo_tasks.mnist import ImageBandit
from tpo_tasks.sequences import TokenReversal


class TestTokenReversal(TaskSuite):
    arms = ("grpo", "dg")
    """One arm per grouping: compiling all takes minutes, and tests/training runs the others."""

    @pytest.fixture
    def task(self):
        return TokenReversal(length=2)


class TestImageBandit(TaskSuite):
    arms = ("tpo", "dg", "reinforce", "group-pg")
    """All but GRPO: four guesses are likely all wrong, and equal rewards give no gradient."""

    @pytest.fixture
    def task(self):
        return ImageBandit(dataset="made-up")
