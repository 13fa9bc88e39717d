"""Which rows optimizer steps see."""

import pytest
import torch

from tpo_trl.windows import are_whole, row_order, segment


def test_groups_stay_together_in_a_random_order():
    torch.manual_seed(0)
    order = row_order(12, 24, 4)
    assert sorted(order.tolist()) == list(range(12))
    blocks = order.reshape(3, 4)
    assert (blocks - blocks[:, :1] == torch.arange(4)).all()
    assert {*map(tuple, (row_order(12, 0, 4)[::4].tolist() for _ in range(50)))} >= {(0, 4, 8), (8, 4, 0)}


@pytest.mark.parametrize(("rows", "first"), [(10, 0), (12, 6)])
def test_rows_of_split_groups_are_shuffled(rows, first):
    torch.manual_seed(0)
    order = row_order(rows, first, 4)
    assert sorted(order.tolist()) == list(range(rows))
    assert order.tolist() != list(range(rows))


@pytest.mark.parametrize(
    ("chunk", "chunks", "done", "window", "expected"),
    [
        (0, 4, 0, 2, range(2)),
        (2, 4, 0, 2, range(2, 4)),
        (0, 2, 0, 4, range(2)),
        (1, 2, 0, 3, range(1, 2)),
        (0, 2, 2, 3, range(1)),
    ],
)
def test_segments_end_with_the_step_or_the_pass(chunk, chunks, done, window, expected):
    assert segment(chunk, chunks, done=done, window=window) == expected


@pytest.mark.parametrize(("groups", "expected"), [([0, 0, 3, 3], True), ([0, 0, 3], False), ([1, 0, 1, 0], True)])
def test_whole_groups(groups, expected):
    assert are_whole(torch.tensor(groups), 2) == expected
