"""Word problems: stories by hand, solutions of every length, and their score."""

import re

import numpy as np
import pytest

from tpo import DataError, InvalidArgumentError
from tpo_tasks.rlvr.stories import REMARKS, longest_question, longest_solution, solution, stories, story
from tpo_tasks.rlvr.word_problems import WordProblems, score

SUM = re.compile(r"(\d+)([+-])(\d)=(\d+)\.")


def drawn(steps, count=300):
    found = stories(np.random.default_rng(steps), steps)
    return [next(found) for _ in range(count)]


def test_a_story_is_told_as_drawn():
    # 4 + 2 is drawn down to 2; 2 - 9 is below 0, and raised instead.
    told = story([1, 2, 2, 1, 2, 1, 3, 0, 8])
    assert told.question == "ann has 4 cups, uses 2, gets 9. how many?"
    assert (told.sums, told.answer, told.ending) == (("4-2=2.", "2+9=11."), 11, "#11")
    # 12 + 9 is above 20, and lowered instead.
    assert story([0, 0, 10, 0, 0, 8]).sums == ("12-9=3.",)


@pytest.mark.parametrize("steps", [1, 2, 8])
def test_every_story_is_right_and_no_longer_than_the_longest(steps):
    for one in drawn(steps):
        numbers = [int(number) for number in re.findall(r"\d+", one.question)]
        value = numbers[0]
        for text, change in zip(one.sums, numbers[1:], strict=True):
            first, sign, by, result = SUM.fullmatch(text).groups()
            assert (int(first), int(by)) == (value, change)
            value = value + change if sign == "+" else value - change
            assert int(result) == value
            assert 0 <= value <= 20
        assert value == one.answer
        assert len(one.question) <= longest_question(steps)


@pytest.mark.parametrize(("steps", "length", "about"), [(1, 20, 18), (1, 80, 79), (1, 240, 239), (4, 240, 239)])
def test_solutions_have_about_the_length_asked_for(steps, length, about):
    rng = np.random.default_rng(0)
    lengths = [len(solution(rng, one, length)) for one in drawn(steps)]
    assert np.mean(lengths) == pytest.approx(about, abs=1)
    assert np.std(lengths) > 3
    assert max(lengths) <= longest_solution(steps, length)


@pytest.mark.parametrize("length", [1, 20, 200])
def test_a_solution_has_every_sum_in_order_each_after_a_remark(length):
    rng, parts = np.random.default_rng(1), "|".join(map(re.escape, REMARKS))
    for one in drawn(3):
        written = solution(rng, one, length)
        assert re.fullmatch(rf"(({parts})\d+[+-]\d=\d+\. )+{one.ending}", written)
        sums = [found[0] for found in SUM.finditer(written)]
        assert list(dict.fromkeys(sums)) == list(dict.fromkeys(one.sums))
        assert len(written) <= longest_solution(3, length)


def test_problems_ask_the_question_and_give_the_number():
    rows = WordProblems(size=50, test_size=10, steps=3).splits(lambda *_: None)
    for row in (*rows["train"], *rows["test"]):
        question, _, instruction = row["prompt"][0]["content"].partition("\n\n")
        assert question.count(",") == 3
        assert instruction == 'Think step by step. Then write "####" and the answer, a number.'
        assert row["data_source"] == "tpo/word-problems"
        assert 0 <= int(row["reward_model"]["ground_truth"]) <= 20


@pytest.mark.parametrize(
    ("completion", "value"),
    [("so 5+3=8. #8", 1.0), ("5+3=8\n#### 8", 1.0), ("#### 8.0", 1.0), ("so 5+3=8. #9", 0.0), ("eight", 0.0)],
)
def test_the_final_number_is_scored(completion, value):
    assert score(completion, "8") == value


def test_a_ground_truth_that_is_no_number_is_refused():
    text = (
        r"^the ground truth of tpo/word-problems must be a number; got 'x'\. Write the data again: tpo data word-prob"
    )
    with pytest.raises(DataError, match=text):
        score("#8", "x")


@pytest.mark.parametrize("steps", [0, 9])
def test_steps_out_of_range_are_refused(steps):
    with pytest.raises(InvalidArgumentError, match=rf"^`steps` must be from 1 to 8; got {steps}\."):
        WordProblems(steps=steps)
