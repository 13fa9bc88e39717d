"""Sizes of groups, and their number: those of the ids, or what is asked for."""

from uuid import UUID

import numpy as np
import pytest

import tpo


def test_whole_groups_pass_for_their_exact_size():
    segments = tpo.Segments.from_ids(["b", "a", "b", "a"], exact_size=2)
    assert segments.mask.all()
    assert tpo.Segments.from_ids(["b", "a"], exact_size=1, size=3).mask.tolist() == [[True, False, False]] * 2


U = [UUID(int=number) for number in range(3)]
SHUFFLED = (
    "Rows that are shuffled before they are cut into micro-batches leave groups incomplete: gather whole groups first, "
    "or train on the `tpo.row_weights` of whole groups."
)
SHARED = "Groups that share an id, as when a prompt is drawn twice, need ids of their own."
LEAVE_OUT = "Leave it out to take what the ids have."
RANGE = "`ids` must be integers from 0 to `num_groups` - 1, here 4; got {}. Leave `num_groups` out for other ids."
REFUSED = [
    (["a", "b", "a", "c"], {"exact_size": 2}, f"in 2 of 3 groups: 'b' has 1, 'c' has 1. {SHUFFLED}"),
    (range(9), {"exact_size": 2}, f"in 9 of 9 groups: 0 has 1, 1 has 1, 2 has 1 and 6 more. {SHUFFLED}"),
    (np.asarray([1] * 4), {"exact_size": 2}, f"in 1 of 1 groups: 1 has 4. {SHARED}"),
    ([U[1]] * 3 + [U[2]], {"exact_size": 2}, f"in 2 of 2 groups: {U[1]!r} has 3, {U[2]!r} has 1. {SHUFFLED} {SHARED}"),
    ([0, 1, 0, 1], {"exact_size": 2, "num_groups": 3}, f"in 1 of 3 groups: 2 has 0. {SHUFFLED}"),
    (
        [1, 1, 1],
        {"size": 2},
        "`size` must be at least that of the largest group, 3; got 2. Leave it out to fit the largest.",
    ),
    ([1], {"size": -1}, f"`size` must be an integer and at least 0; got -1. {LEAVE_OUT}"),
    ([1], {"size": 4.0}, f"`size` must be an integer and at least 0; got 4.0. {LEAVE_OUT}"),
    ([], {"num_groups": -1}, f"`num_groups` must be an integer and at least 0; got -1. {LEAVE_OUT}"),
    ([], {"exact_size": 0}, f"`exact_size` must be an integer and at least 1; got 0. {LEAVE_OUT}"),
    ([0, 5], {"num_groups": 5}, RANGE.format(5)),
    ([-1, 4], {"num_groups": 5}, RANGE.format(-1)),
    (["a", "b"], {"num_groups": 5}, RANGE.format("'a'")),
    (np.asarray([2**64 - 1], "uint64"), {"num_groups": 5}, RANGE.format(2**64 - 1)),
]


@pytest.mark.parametrize(("ids", "options", "text"), REFUSED, ids=range(len(REFUSED)))
def test_sizes_that_do_not_fit_are_refused(ids, options, text):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.Segments.from_ids(ids, **options)
    if text.startswith("in "):
        text = f"every group must have `exact_size` rows, 2; got another number {text}"
    assert str(caught.value) == text
