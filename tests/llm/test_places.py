"""Numbering rows."""

import torch

from tpo_verl.places import place_rows


def test_rows_get_their_group_candidate_part_and_the_score_of_the_last_part():
    keys = [("b", "10", 0), ("a", "0", 1), ("b", "2", 0), ("pad", "0", 0), ("a", "0", 0), ("a", "1", 0)]
    place, score = place_rows(keys, torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), [key[0] == "pad" for key in keys])
    assert place.tolist() == [[0, 1, 0, 2], [1, 0, 1, 3], [0, 0, 0, 2], [-1, 0, 0, 0], [1, 0, 0, 3], [1, 1, 0, 3]]
    assert score.tolist() == [1.0, 2.0, 3.0, 4.0, 2.0, 6.0]


def test_no_rows():
    place, score = place_rows([], torch.zeros(0), [])
    assert (place.shape, score.shape) == ((0, 4), (0,))
