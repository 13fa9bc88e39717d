"""Dumps of known trainers, where names of columns alone do not tell what is in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Dump(NamedTuple):
    """A trainer's dump.

    Attributes:
        name: For the report.
        marks: Columns that this dump alone has all together.
        scores_between: Two columns; each column of numbers between them is taken for the output of a reward function.
            In TRL, what reward functions log by `log_extra` stands there, too, and has to be ignored by the user.
        group_of: Pattern of an id of a row, whose first part is the id of its group; `None` if ids are those of groups.
    """

    name: str
    marks: tuple[str, ...]
    scores_between: tuple[str, str] | None = None
    group_of: re.Pattern[str] | None = None


DUMPS = (
    Dump(
        "TRL's log_completions",
        ("step", "prompt", "completion", "advantage"),
        scores_between=("completion", "advantage"),
    ),
    # verl's `uid` here is the key of a row, `{uid}_{session}_{index}`: as the id of a group, it makes each one a
    # singleton.
    Dump("verl's rollout_data_dir", ("input", "output", "score", "step"), group_of=re.compile(r"(.+)_\d+_\d+")),
)
"""The known dumps. TRL 1.16 and verl 0.9 write these."""


def recognise(columns: Iterable[str]) -> Dump | None:
    """The dump that has these columns; `None` if it is no known one."""
    there = set(columns)
    return next((dump for dump in DUMPS if there >= set(dump.marks)), None)
