"""Many ranks without processes: every row of every rank gets the weight that one process gives it."""

import numpy as np
import pytest
import torch

import tpo
from tests.llm.made_up import rows, settings_of
from tpo_llm.rows import PADDING, Rows
from tpo_llm.shares import own_share, widened
from tpo_llm.weights import weigh
from tpo_verl.mini_batches import order_rows


def padded_rows(given, size):
    """Rows that only fill the batch, at the end."""
    count = size - len(given.group)
    filled = given.map(lambda array: torch.cat([array, torch.zeros_like(array[:1]).expand(count, *array.shape[1:])]))
    group = filled.group.clone()
    group[len(given.group) :] = PADDING
    return Rows(**{**vars(filled), "group": group})


def data_parallel_groups(stages, data, sequence):
    """The ranks of each process group: ranks differ in data only. The last pipeline stage alone has log-probs."""
    mesh = np.arange(stages * data * sequence).reshape(stages, data, sequence)
    return [mesh[-1, :, place].tolist() for place in range(sequence)]


def join_shares(shares):
    """What the all-gather gives every rank: the rows of all, in the order of the ranks, padded to the longest."""
    width = max(share.now.shape[-1] for share in shares)
    arrays = {name: [getattr(share, name) for share in shares] for name in vars(shares[0])}
    return Rows(
        **{
            name: None if parts[0] is None else torch.cat([widened(part, width) for part in parts])
            for name, parts in arrays.items()
        }
    )


def trimmed(share):
    """A share as its rank has it, no wider than its own longest row."""
    width = max(1, int(share.lengths.max())) if share.now.shape[-1] > 1 else 1
    return share.map(lambda array: array if array.ndim == 1 else array[:, :width])


@pytest.mark.parametrize(
    ("stages", "data", "sequence", "prompts", "size"),
    [(1, 32, 2, 64, 16), (2, 16, 2, 24, 8), (1, 256, 4, 256, 8), (4, 64, 4, 96, 16)],
)
@pytest.mark.parametrize("values", [{}, {"name": "grpo"}], ids=str)
def test_groups_split_over_ranks_are_weighed_as_on_one(stages, data, sequence, prompts, size, values):
    settings = settings_of(values)
    given = rows(settings, prompts=prompts, group_size=size, short=True, seed=1)
    mini_batch_size = -(-prompts * size // (2 * data)) * data
    order = order_rows(given.group.tolist(), (given.lengths + 5).tolist(), mini_batch_size=mini_batch_size, ranks=data)
    ordered = padded_rows(given, len(order.rows)).take(torch.tensor(order.rows))
    share = mini_batch_size // data
    worst = 0.0
    for batch in range(order.mini_batches):
        start = [rank * share * order.mini_batches + batch * share for rank in range(data)]
        shares = [ordered.take(torch.arange(at, at + share)) for at in start]
        # One process: the same rows in another order.
        whole = join_shares(shares)
        shuffled = torch.randperm(len(whole.group), generator=torch.Generator().manual_seed(2))
        expected = torch.empty_like(whole.now)
        one = weigh(settings, whole.take(shuffled))
        expected[shuffled] = one.weights
        for ranks in data_parallel_groups(stages, data, sequence):
            assert len(ranks) == data
            gathered = join_shares([trimmed(part) for part in shares])
            found = weigh(settings, gathered)
            assert float(found.total) == float(one.total)
            for number in range(data):
                own = trimmed(shares[number])
                mine = own_share(found.weights, number, own.now)
                there = expected[number * share : (number + 1) * share, : own.now.shape[-1]]
                worst = max(worst, float((mine - there).abs().max()))
    assert worst <= 1e-6
    assert order.split_groups > 0 or size <= share


def test_ranks_that_hold_the_same_rows_must_not_be_gathered_twice():
    settings = settings_of({})
    given = rows(settings)
    shares = [given.take(part) for part in torch.arange(20).chunk(4)]
    every_rank = [share for share in shares for _ in range(2)]
    with pytest.raises(tpo.InvalidArgumentError, match=r"got 5 with missing or doubled rows"):
        weigh(settings, join_shares(every_rank))
