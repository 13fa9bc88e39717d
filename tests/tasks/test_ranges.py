"""Options of tasks that are no whole numbers, or too small."""

from __future__ import annotations

import numpy as np
import pytest

from tpo import InvalidArgumentError, InvalidTypeError
from tpo_tasks.bandits import MultiContextBandit, SingleContextBandit
from tpo_tasks.episodes.cart_pole import CartPole
from tpo_tasks.episodes.knapsack import Knapsack
from tpo_tasks.mnist import ImageBandit
from tpo_tasks.rlvr.countdown import Countdown
from tpo_tasks.sequences import TokenReversal
from tpo_tasks.words.task import WordProblemTask

OPTIONS = [
    (TokenReversal, "vocab_size"),
    (TokenReversal, "length"),
    (ImageBandit, "evaluate_every"),
    (SingleContextBandit, "arms_count"),
    (SingleContextBandit, "samples"),
    (MultiContextBandit, "contexts"),
    (CartPole, "steps"),
    (Knapsack, "items"),
    (Countdown, "numbers"),
    (WordProblemTask, "length"),
]


@pytest.mark.parametrize(("task", "name"), OPTIONS)
@pytest.mark.parametrize("value", [2.5, "4", None, np.float64(4)])
def test_options_that_are_no_whole_numbers_are_refused_when_they_are_given(task, name, value):
    with pytest.raises(InvalidTypeError) as caught:
        task(**{name: value})
    assert str(caught.value) == f"`{name}` must be a whole number; got {value!r}. Leave it out for the default."


@pytest.mark.parametrize(("task", "name"), OPTIONS)
def test_numbers_that_are_too_small_are_refused(task, name):
    with pytest.raises(InvalidArgumentError, match=rf"`{name}` must be (at least \d+|from \d+ to \d+); got -1\. "):
        task(**{name: -1})


def test_whole_numbers_of_numpy_are_accepted():
    assert TokenReversal(length=np.int64(4)).length == 4
