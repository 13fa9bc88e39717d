"""Answers are checked in arrays as the scorer of texts does, only more strictly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tasks.words.reading import text_of
from tpo import backend, until_end
from tpo_tasks.rlvr.word_problems import score
from tpo_tasks.words.answers import is_right
from tpo_tasks.words.characters import CHARACTERS, END, completions_of, prompts_of

TORCH = backend("torch")


def right(library, texts, answers, length=12):
    """Whether texts, one completion of each prompt, end with the answers."""
    completions = library.asarray(completions_of(texts, length)[None, :, None, :])
    endings = library.asarray(prompts_of([f"#{answer}" for answer in answers], 3)[None])
    mask = until_end(completions, END)
    return library.to_numpy(is_right(library, completions, mask, endings))[0, :, 0].tolist()


@pytest.mark.parametrize(
    ("text", "answer", "value"),
    [
        ("5+3=8. #8", 8, True),
        ("#8", 8, True),
        ("#12", 12, True),
        ("#12", 2, False),
        ("#2", 12, False),
        ("2", 2, False),
        ("#8 ", 8, False),
        ("# 8", 8, False),
        ("#8 #9", 8, False),
        ("#9 #8", 8, True),
        ("", 8, False),
        # Without an end token there is no answer.
        ("5+3=8.    #8", 8, False),
    ],
)
def test_an_answer_is_what_stands_after_the_mark_at_the_end(autodiff, text, answer, value):
    assert right(autodiff, [text], [answer]) == [value]


def test_what_follows_the_end_does_not_count():
    tokens = completions_of(["#8", "#9"], 12)
    tokens[0, 3:5], tokens[1, 3:6] = prompts_of(["#9"], 2)[0], [*prompts_of(["#8"], 2)[0], END]
    completions = TORCH.asarray(tokens[None, :, None, :])
    endings = TORCH.asarray(prompts_of(["#8", "#8"], 3)[None])
    assert is_right(TORCH, completions, until_end(completions, END), endings)[0, :, 0].tolist() == [True, False]


@given(st.lists(st.tuples(st.text("#1289 =", max_size=11), st.integers(0, 20)), min_size=1, max_size=6))
def test_it_is_the_text_that_ends_with_the_answer_and_the_scorer_agrees(pairs):
    texts, answers = zip(*pairs, strict=True)
    found = right(TORCH, texts, answers)
    assert found == [text.endswith(f"#{answer}") for text, answer in pairs]
    for (text, answer), value in zip(pairs, found, strict=True):
        assert score(text, str(answer)) >= value


def test_the_alphabet_has_all_that_is_written():
    assert set("so 12-9=3. #3, how many?") <= set(CHARACTERS)
    assert text_of(np.asarray([0, 0, *prompts_of(["#8"], 2)[0], END, 5]).tolist()) == "#8"
