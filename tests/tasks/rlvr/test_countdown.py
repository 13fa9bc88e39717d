"""Countdown: every problem can be solved, and expressions are scored."""

import json
from fractions import Fraction

import pytest

from tpo import DataError, InvalidArgumentError
from tpo_tasks.rlvr.answers.expressions import parse
from tpo_tasks.rlvr.countdown import Countdown, combined, score

TRUTH = json.dumps({"numbers": [1, 2, 3, 3], "target": 24, "solution": "(1 + 2) * 3 + 3"})


@pytest.mark.parametrize(
    ("completion", "value"),
    [
        ("<answer>(3 + 3) * 2 * (3 - 2 + 1)</answer>", 0.1),
        ("<answer>(1 + 3) * 2 * 3</answer>", 1.0),
        ("<answer>(1 + 3) * 3 * 2 = 24</answer>", 1.0),
        ("Answer: 2 * 3 * (3 + 1)", 1.0),
        ("I think\n```\n3*2*(1+3)\n```", 1.0),
        (r"<answer>\boxed{(1 + 3) \cdot 2 \times 3}</answer>", 1.0),
        ("<answer>$(1 + 3) * 2 * 3$.</answer>", 1.0),
        ("<answer>24</answer>", 0.1),
        ("<answer>1 + 2 + 3 + 3</answer>", 0.1),
        ("<answer>3 * 2 * 3 + 6 * 1</answer>", 0.1),
        ("<answer>1 / (3 - 3) + 2</answer>", 0.1),
        ("<answer>(1 + 3) * 2 * 3 is it</answer>", 0.0),
        ("<answer>-1 + 25</answer>", 0.0),
        ("<answer></answer>", 0.0),
        ("no idea", 0.0),
    ],
)
def test_the_score_of_a_completion(completion, value):
    assert score(completion, TRUTH) == value


def test_division_is_exact():
    truth = json.dumps({"numbers": [8, 3, 8, 3], "target": 24, "solution": "8 / (3 - 8 / 3)"})
    assert score("<answer>8 / (3 - 8 / 3)</answer>", truth) == 1.0


@pytest.mark.parametrize("truth", ["", "{}", "[1]", '{"numbers": ["1"], "target": 1, "solution": ""}', "\ud800"])
def test_a_broken_ground_truth_is_refused(truth):
    start = "^the ground truth of tpo/countdown must have numbers, a target and a solution; got "
    with pytest.raises(DataError, match=start):
        score("<answer>1</answer>", truth)


def test_numbers_are_combined_as_drawn():
    assert combined([3, 8, 9], [1, 0, 2, 0, 0, 3]) == (Fraction(3, 8), "(9 / (8 * 3))")
    assert combined([5, 5], [0, 0, 1]) == (0, "(5 - 5)")
    assert combined([5, 5, 1], [0, 0, 1, 0, 0, 3])[0] is None


@pytest.mark.parametrize("problems", [Countdown(size=150, test_size=50), Countdown(numbers=3, size=40, test_size=5)])
def test_every_problem_has_a_right_solution(problems):
    rows = [row for split in problems.splits(lambda *_: None).values() for row in split]
    for row in rows:
        truth = json.loads(row["reward_model"]["ground_truth"])
        assert len(truth["numbers"]) == problems.numbers
        assert truth["numbers"] == sorted(truth["numbers"])
        assert 10 <= truth["target"] <= 100
        assert all(1 <= number <= 99 for number in truth["numbers"])
        assert parse(truth["solution"]).value == truth["target"]
        assert score(f"<answer>{truth['solution']}</answer>", json.dumps(truth)) == 1.0
        assert f"{', '.join(map(str, truth['numbers']))} that equals {truth['target']}." in row["prompt"][0]["content"]


def test_the_example_in_the_prompt_is_well_formed():
    (row,) = Countdown(size=1, test_size=1).splits(lambda *_: None)["test"]
    assert score(row["prompt"][0]["content"], row["reward_model"]["ground_truth"]) == 0.1


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"numbers": 1}, "`numbers` must be from 2 to 6; got 1."),
        ({"largest": 9}, "`largest` must be from 10 to 1000; got 9."),
        ({"seed": -1}, "`seed` must be from 0 to 4294967295; got -1."),
        ({"size": 0}, "`size` must be from 1 to 1000000; got 0."),
        ({"test_size": 10**7}, "`test_size` must be from 1 to 1000000; got 10000000."),
    ],
)
def test_options_out_of_range_are_refused(options, text):
    with pytest.raises(InvalidArgumentError) as caught:
        Countdown(**options)
    assert str(caught.value) == f"{text} Choose one in this range."
