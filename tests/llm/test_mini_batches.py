"""Ordering rows into mini-batches of whole groups."""

import random
from collections import Counter

import pytest

import tpo
from tpo_verl.mini_batches import cut_groups, order_rows


def divided(order, mini_batch_size, ranks):
    """The rows of each mini-batch of each rank."""
    share = mini_batch_size // ranks
    of_rank = [
        order.rows[at : at + share * order.mini_batches] for at in range(0, len(order.rows), share * order.mini_batches)
    ]
    return [[rows[at : at + share] for at in range(0, len(rows), share)] for rows in of_rank]


def test_equal_groups_stay_whole_on_a_rank_and_share_the_work():
    groups = [number // 4 for number in range(32)]
    costs = [10.0 if group % 2 else 1.0 for group in groups]
    order = order_rows(groups, costs, mini_batch_size=16, ranks=2)
    parts = divided(order, 16, 2)
    assert (order.mini_batches, order.split_groups) == (2, 0)
    for batch in range(2):
        loads = [sum(costs[row] for row in parts[rank][batch]) for rank in range(2)]
        assert loads == [44.0, 44.0]


@pytest.mark.parametrize("seed", range(30))
def test_no_group_is_cut_whatever_their_sizes(seed):
    numbers = random.Random(seed)  # noqa: S311 - made-up sizes
    ranks = numbers.choice([1, 2, 4, 8])
    size = ranks * numbers.choice([4, 6, 16])
    sizes = [numbers.randint(1, size) for _ in range(numbers.randint(1, 40))]
    groups = [group for group, count in enumerate(sizes) for _ in range(count)]
    numbers.shuffle(groups)
    costs = [numbers.randint(1, 100) for _ in groups]
    order = order_rows(groups, costs, mini_batch_size=size, ranks=ranks)
    assert sorted(order.rows) == list(range(order.mini_batches * size))
    parts = divided(order, size, ranks)
    places = {}
    for rank, batches in enumerate(parts):
        for batch, rows in enumerate(batches):
            assert len(rows) == size // ranks
            for row in rows:
                if row < len(groups):
                    places.setdefault(groups[row], []).append((batch, rank))
    assert all(len({batch for batch, _ in seen}) == 1 for seen in places.values())
    assert {group: len(seen) for group, seen in places.items()} == Counter(groups)
    assert order.split_groups == sum(len({rank for _, rank in seen}) > 1 for seen in places.values())
    assert order.mini_batches <= 2 * -(-len(groups) // size)


def test_groups_that_fill_a_mini_batch_exactly_need_no_padding():
    # First fit in the given order leaves a gap of 3 and needs three mini-batches; the largest first needs two.
    sizes = [3, 3, 5, 5]
    groups = [group for group, count in enumerate(sizes) for _ in range(count)]
    order = order_rows(groups, [1.0] * 16, mini_batch_size=8, ranks=1)
    assert (order.mini_batches, len(order.rows)) == (2, 16)


@pytest.mark.parametrize(
    ("groups", "options", "text"),
    [
        ([0] * 9, {"mini_batch_size": 8, "ranks": 1}, r"a group must fit into a mini-batch, of 8 rows; got one of 9\."),
        ([0] * 4, {"mini_batch_size": 9, "ranks": 2}, r"the 9 rows .* multiple of the 2 .* got a remainder of 1\."),
    ],
)
def test_what_cannot_be_ordered(groups, options, text):
    with pytest.raises(tpo.InvalidArgumentError, match=text):
        order_rows(groups, [1.0] * len(groups), **options)


def test_cut_groups_are_counted():
    # Two ranks of two mini-batches of two rows: "b" is in both, "a" on both ranks of the first.
    groups = ["a", "b", "b", None, "a", None, "c", "c"]
    assert cut_groups(groups, mini_batch_size=4, ranks=2) == 1
    assert cut_groups(groups, mini_batch_size=8, ranks=2) == 0


def test_no_rows_make_no_mini_batch():
    assert order_rows([], [], mini_batch_size=8, ranks=2).mini_batches == 0
