"""Rewards alone raise the share of right answers, over seeds."""

from dataclasses import replace

import numpy as np
import pytest

from tpo import train
from tpo.plugins import registry
from tpo_tasks.words.task import WordProblemTask

SEEDS = range(3)


@pytest.mark.slow
def test_right_answers_become_more_frequent_after_the_warm_up():
    task = WordProblemTask(length=1, supervised_steps=250)
    arm = replace(task.arms["tpo"], group_size=8, learning_rate=3e-4)
    results = train(task, arm, registry.backend("torch"), seeds=SEEDS, steps=40)
    right = 1 - np.stack([result.metrics.error for result in results])
    before, after = right[:5].mean(axis=0), right[-10:].mean(axis=0)
    assert (before > 0.1).all()
    assert (after > before).sum() >= 2
    assert (after - before).mean() > 0.02
