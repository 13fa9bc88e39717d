"""Texts as tokens and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.tasks.words.reading import text_of
from tpo_tasks.words.characters import CHARACTERS, END, PADDING, VOCABULARY, completions_of, prompts_of

TEXTS = st.lists(st.text(CHARACTERS, max_size=9), min_size=1, max_size=4)


def test_characters_are_numbered_from_two():
    assert (VOCABULARY, PADDING, END) == (46, 0, 1)
    np.testing.assert_array_equal(prompts_of([" .", "z"], 3), [[0, 2, 3], [0, 0, 45]])
    np.testing.assert_array_equal(completions_of([" .", "z"], 3), [[2, 3, 1], [45, 1, 1]])


@given(TEXTS)
def test_what_is_written_is_read(texts):
    for encode in (prompts_of, completions_of):
        tokens = encode(texts, 10)
        assert tokens.shape == (len(texts), 10)
        assert [text_of(row) for row in tokens.tolist()] == texts
