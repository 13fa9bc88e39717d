"""Generated splits: the same for the same seed, distinct, disjoint, and with their progress told."""

import itertools
from dataclasses import dataclass

import pytest

from tpo import InvalidArgumentError
from tpo_tasks.rlvr.countdown import Countdown
from tpo_tasks.rlvr.generated import MOST_REPEATS, Generated, distinct
from tpo_tasks.rlvr.graph_coloring import GraphColoring
from tpo_tasks.rlvr.knights_knaves import KnightsKnaves
from tpo_tasks.rlvr.rows import Problem
from tpo_tasks.rlvr.word_problems import WordProblems

CLASSES = [Countdown, GraphColoring, KnightsKnaves, WordProblems]


def silent(*_):
    pass


def prompts(rows):
    return [row["prompt"][0]["content"] for row in rows]


@pytest.mark.parametrize("cls", CLASSES)
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(cls):
    first, again = (cls(size=30, test_size=10, seed=5).splits(silent) for _ in range(2))
    other = cls(size=30, test_size=10, seed=6).splits(silent)
    assert first == again
    assert not set(prompts(first["train"])) & set(prompts(other["train"]))


@pytest.mark.parametrize("cls", CLASSES)
def test_the_splits_are_distinct_and_disjoint(cls):
    splits = cls(size=300, test_size=100).splits(silent)
    train, test = prompts(splits["train"]), prompts(splits["test"])
    assert (len(train), len(test), len({*train, *test})) == (300, 100, 400)
    assert list(splits) == ["train", "test"]
    for split, rows in splits.items():
        assert [row["extra_info"] for row in rows] == [{"index": i, "split": split} for i in range(len(rows))]


@pytest.mark.parametrize("cls", CLASSES)
def test_the_test_split_does_not_depend_on_the_size_of_the_training_split(cls):
    small, large = (cls(size=size, test_size=10).splits(silent) for size in (5, 50))
    assert small["test"] == large["test"]
    assert prompts(small["train"]) == prompts(large["train"])[:5]


def test_progress_is_told_after_every_row():
    told = []
    Countdown(size=2, test_size=1).splits(lambda *one: told.append(one))
    assert told == [("test", 1, 1), ("train", 1, 2), ("train", 2, 2)]


@dataclass(frozen=True, kw_only=True)
class Few(Generated):
    """Three problems, over and over."""

    source = "few"
    ability = "counting"

    def problems(self):
        return (Problem(str(number % 3), "") for number in itertools.count())


def test_fewer_problems_than_asked_for_are_told():
    assert prompts(Few(size=1, test_size=2).splits(silent)["train"]) == ["2"]
    with pytest.raises(InvalidArgumentError) as caught:
        Few(size=2, test_size=2).splits(silent)
    assert str(caught.value) == (
        "there must be as many different problems as are asked for; got 1 of 2 for the split 'train'. "
        "Ask for fewer, or for harder ones."
    )


def test_repeats_are_left_out_until_there_are_too_many_in_a_row():
    stream = [*"ab", *"a" * (MOST_REPEATS - 1), "c", *"b" * MOST_REPEATS, "d"]
    assert [one.prompt for one in distinct(Problem(text, "") for text in stream)] == ["a", "b", "c"]
