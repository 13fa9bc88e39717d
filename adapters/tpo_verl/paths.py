"""Choosing where the weights of rows are computed: in micro-batches of whole groups, or from gathered log-probs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tpo import InvalidArgumentError
from tpo_llm.probes import looks_across_groups

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from tpo_llm.settings import Settings
    from tpo_verl.sizes import Sizes


class WeightPath(NamedTuple):
    """Where the weights of rows are computed.

    Attributes:
        whole: Whether every micro-batch holds whole groups, which then need no extra pass.
        keep_together: How many consecutive rows verl must keep in one micro-batch; 0 if it does so anyway.
        reason: Why micro-batches do not hold whole groups; empty if they do.
    """

    whole: bool
    keep_together: int
    reason: str


def choose_path(
    sizes: Sizes, settings: Settings, groups: Sequence[Hashable | None], lengths: Sequence[int], ranks: int
) -> WeightPath:
    """Choose the path for a rollout: whole groups per micro-batch where that is possible, else gathered log-probs.

    Args:
        sizes: The sizes of verl's configuration.
        settings: The algorithm, and the path that was asked for.
        groups: The group of each row, in the order of the ranks' shares; `None` for padding.
        lengths: The tokens of each row, prompt and completion.
        ranks: The number of data-parallel ranks.

    Raises:
        InvalidArgumentError: The path `whole` was asked for, and is not possible.
    """
    asked = "the path gather was asked for" if settings.path == "gather" else ""
    reason = asked or _obstacle(sizes, settings, groups, lengths, ranks)
    if reason and settings.path == "whole":
        message = f"`algorithm.tpo.path` must not be whole where {reason}; got whole."
        raise InvalidArgumentError(f"{message} Leave it out: log-probs are then gathered.")
    return WeightPath(not reason, sizes.group_size if sizes.tokens and not reason else 0, reason)


def _obstacle(
    sizes: Sizes, settings: Settings, groups: Sequence[Hashable | None], lengths: Sequence[int], ranks: int
) -> str:
    """Describe the obstacle to micro-batches of whole groups; empty if there is none."""
    size = sizes.group_size
    share = sizes.mini_batch_rows // ranks
    if share % size:
        return f"the {share} rows of a mini-batch on each rank are no multiple of the group size, {size}"
    counts = Counter(groups)
    blocks = [groups[at : at + size] for at in range(0, len(groups), size)]
    if any(len(set(block)) > 1 or (block[0] is not None and counts[block[0]] != size) for block in blocks):
        return "some groups are short, are split over ranks, or have candidates of several rows"
    if looks_across_groups(settings):
        return "the algorithm compares scores across groups"
    if sizes.tokens:
        longest = max(sum(lengths[at : at + size]) for at in range(0, len(groups), size))
        return "" if longest <= sizes.tokens else f"a group of {longest} tokens exceeds {sizes.tokens} per micro-batch"
    return "" if sizes.micro_batch % size == 0 else f"micro-batches of {sizes.micro_batch} rows cut groups of {size}"
