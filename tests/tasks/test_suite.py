"""The suite of `tpo.testing` on every built-in task."""

import pytest

from tpo.testing import TaskSuite
from tpo_tasks.mnist import ImageBandit
from tpo_tasks.sequences import TokenReversal


class TestTokenReversal(TaskSuite):
    arms = ("grpo", "dg")
    """One of each grouping: compiling all of them takes minutes, and tests/training runs the rest."""

    @pytest.fixture
    def task(self):
        return TokenReversal(length=2)


class TestImageBandit(TaskSuite):
    arms = ("tpo", "dg", "reinforce", "group-pg")
    """Not GRPO: of four guesses all are likely wrong, and equal rewards teach it nothing."""

    @pytest.fixture
    def task(self):
        return ImageBandit(dataset="made-up")
