"""The answer is found in a completion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpo_tasks.rlvr.answers.completion import LONGEST, answer_in


@pytest.mark.parametrize(
    ("completion", "answer"),
    [
        ("<answer>1 + 2</answer>", "1 + 2"),
        ("<answer>no</answer> wait <answer> yes </answer>.", "yes"),
        ("<answer>cut off", "cut off"),
        ("<answer>```json\n{}\n```</answer>", "{}"),
        ("so\n#### {1}", "{1}"),
        ("**Answer:** x", "x"),
        ("ANSWER: a, answer: b", "b"),
        ("Answer:\n```json\n[1]\n```\nDone.", "[1]"),
        ("```\none\n``` or ```python\ntwo\n```", "two"),
        ("```\none\n``` or ```two", "one"),
        ("```inline```", "inline"),
        (" just this \n", "just this"),
        ("", ""),
        ("</answer>", "</answer>"),
    ],
)
def test_where_the_answer_stands(completion, answer):
    assert answer_in(completion) == answer


def test_only_the_end_is_read():
    assert answer_in("<answer>early</answer>" + "x" * LONGEST) == "x" * LONGEST


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_has_an_answer_that_is_part_of_it(text):
    assert answer_in(text) in text
