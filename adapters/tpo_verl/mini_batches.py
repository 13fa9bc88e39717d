"""Ordering the rows of a rollout so that every mini-batch holds whole groups, spread evenly over ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpo import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

Bins = list[list[int]]


@dataclass(frozen=True)
class Order:
    """An order of rows for data-parallel ranks, each of which takes an equal, consecutive share.

    Attributes:
        rows: The row at each position. Numbers from the count of rows on stand for rows of padding.
        mini_batches: How many mini-batches the rows make.
        split_groups: How many groups have rows on several ranks.
    """

    rows: tuple[int, ...]
    mini_batches: int
    split_groups: int


def order_rows(groups: Sequence[Hashable], costs: Sequence[float], *, mini_batch_size: int, ranks: int) -> Order:
    """Order rows so that no mini-batch cuts a group, and as few groups as possible are split over ranks.

    Rank `r` takes the `r`-th share of the order, and mini-batch `b` the `b`-th share of each rank's share.

    Args:
        groups: The group of each row.
        costs: What each row costs, such as its number of tokens: the cost of a mini-batch is spread evenly.
        mini_batch_size: Rows of a mini-batch over all ranks.
        ranks: The number of data-parallel ranks.

    Returns:
        An order of `mini_batches * mini_batch_size` rows, the missing ones being padding.

    Raises:
        InvalidArgumentError: A group has more rows than a mini-batch, or ranks cannot share a mini-batch evenly.
    """
    check_shared(mini_batch_size, ranks)
    members: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    largest = max(map(len, members.values()), default=0)
    if largest > mini_batch_size:
        message = f"a group must fit into a mini-batch, of {mini_batch_size} rows; got one of {largest}."
        raise InvalidArgumentError(f"{message} Raise ppo_mini_batch_size, or limit the agent to fewer turns.")
    batches = _pack(list(members.values()), mini_batch_size)
    padding = iter(range(len(groups), len(batches) * mini_batch_size))
    shares: list[Bins] = [_share(batch, costs, mini_batch_size // ranks, ranks) for batch in batches]
    filled = [[_fill(rows, mini_batch_size // ranks, padding) for rows in share] for share in shares]
    rank_of = {row: rank for share in shares for rank, rows in enumerate(share) for row in rows}
    split = sum(len({rank_of[row] for row in rows}) > 1 for rows in members.values())
    order = (row for rank in range(ranks) for share in filled for row in share[rank])
    return Order(tuple(order), len(batches), split)


def check_shared(mini_batch_size: int, ranks: int) -> None:
    """Raise an error for a mini-batch whose rows ranks cannot share evenly.

    Raises:
        InvalidArgumentError: The rows are no multiple of the ranks.
    """
    rest = mini_batch_size % ranks
    if rest:
        message = f"the {mini_batch_size} rows of a mini-batch must be a multiple of the {ranks} data-parallel ranks"
        raise InvalidArgumentError(f"{message}; got a remainder of {rest}. Change ppo_mini_batch_size.")


def cut_groups(groups: Sequence[Hashable | None], *, mini_batch_size: int, ranks: int) -> int:
    """Count the groups with rows in several mini-batches.

    Args:
        groups: The group of each row, in the order of the ranks' shares; `None` for padding.
        mini_batch_size: Rows of a mini-batch over all ranks.
        ranks: The number of data-parallel ranks.
    """
    share, part = len(groups) // ranks, mini_batch_size // ranks
    batches_of: dict[Hashable, set[int]] = {}
    for position, group in enumerate(groups):
        batches_of.setdefault(group, set()).add(position % share // part)
    return sum(len(batches) > 1 for group, batches in batches_of.items() if group is not None)


def _pack(groups: Bins, capacity: int) -> list[Bins]:
    """Pack groups into mini-batches in their order; if that leaves gaps, the largest first."""
    fewest = -(-sum(map(len, groups)) // capacity)
    in_order = _first_fit(groups, capacity)
    if len(in_order) <= fewest:
        return in_order
    by_size = _first_fit(sorted(groups, key=len, reverse=True), capacity)
    return min(in_order, by_size, key=len)


def _first_fit(groups: Bins, capacity: int) -> list[Bins]:
    batches: list[Bins] = []
    room: list[int] = []
    for rows in groups:
        index = next((number for number, left in enumerate(room) if left >= len(rows)), len(batches))
        if index == len(batches):
            batches.append([])
            room.append(capacity)
        batches[index].append(rows)
        room[index] -= len(rows)
    return batches


def _share(groups: Bins, costs: Sequence[float], capacity: int, ranks: int) -> Bins:
    """Spread the groups of one mini-batch over ranks: the largest first, each to the rank with the least to do.

    A group that fits on no rank is split over the ranks that have room.
    """
    shares: Bins = [[] for _ in range(ranks)]
    load = dict.fromkeys(range(ranks), 0.0)
    for rows in sorted(groups, key=lambda rows: (len(rows), sum(costs[row] for row in rows)), reverse=True):
        by_load = sorted(range(ranks), key=lambda rank: (load[rank], rank))
        fitting = [rank for rank in by_load if len(shares[rank]) + len(rows) <= capacity]
        rest = list(rows)
        for rank in fitting[:1] or by_load:
            taken = rest[: capacity - len(shares[rank])]
            shares[rank] += taken
            load[rank] += sum(costs[row] for row in taken)
            rest = rest[len(taken) :]
    return shares


def _fill(rows: list[int], size: int, padding: Iterator[int]) -> list[int]:
    return rows + [next(padding) for _ in range(size - len(rows))]
