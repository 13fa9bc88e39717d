"""Tokens up to the first end token count, and later ones do not."""

import numpy as np

from tpo import until_end

END = 1


def test_a_completion_counts_up_to_its_first_end_token():
    tokens = np.asarray([[5, 1, 5, 1], [1, 1, 1, 1], [5, 5, 5, 1], [5, 5, 5, 5]])
    expected = [[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]]
    np.testing.assert_array_equal(until_end(tokens, END), np.asarray(expected, bool))


def test_it_is_the_same_in_every_library(autodiff):
    tokens = np.random.default_rng(0).integers(0, 3, (2, 3, 4, 6))
    mask = until_end(autodiff.asarray(tokens), END)
    for place in np.ndindex(2, 3, 4):
        row = tokens[place].tolist()
        length = row.index(END) + 1 if END in row else 6
        np.testing.assert_array_equal(autodiff.to_numpy(mask)[place], np.arange(6) < length)
