"""A check of rollouts, what it needs, and what it finds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tpo.plugins.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.rollouts.rollouts import Rollouts


class Expected(NamedTuple):
    """The user's expectations of the rollouts.

    Attributes:
        group_size: Completions per group; `None` for the commonest number.
        ragged: Whether groups have different sizes by design.
        fail: The score of a completion that failed.
        succeed: The score of a completion that succeeded.
        near: Scores of a group that span no more than this are nearly tied.
    """

    group_size: int | None = None
    ragged: bool = False
    fail: float = 0.0
    succeed: float = 1.0
    near: float = 0.01


@dataclass(frozen=True)
class Measured(Finding):
    """A finding of a check of rollouts: a fault (`ok` is false), a warning (neither, with a remedy), or all is well.

    Attributes:
        figures: The numbers that it rests on, by name.
    """

    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check.

    Attributes:
        subject: What it looks at, in a few words.
        needs: What the rollouts must tell for it, names in `Rollouts.available`.
        run: The check itself, a pure function.
        blocks_recommendations: Whether no settings are recommended after a fault, since they would rest on it.
    """

    subject: str
    needs: tuple[str, ...]
    run: Callable[[Rollouts, Expected], Verdict]
    blocks_recommendations: bool = False


class Verdict(NamedTuple):
    """The result of a check.

    Attributes:
        ok: Whether all is well; `None` for a fact that is neither good nor bad, or a warning.
        detail: What was found.
        figures: The numbers that it rests on, by name.
        remedy: What to do, for a fault or a warning.
    """

    ok: bool | None
    detail: str
    figures: Mapping[str, float]
    remedy: str = ""


def share(count: float, total: float, what: str) -> str:
    """Say how many of how many: `3 of 64 groups (5 %)`.

    Example:
        >>> share(1, 400, "rows")
        '1 of 400 rows (0.25 %)'
    """
    return f"{count:,.0f} of {total:,.0f} {what} ({percent(count / total if total else 0.0)})"


def percent(fraction: float) -> str:
    """Format a fraction as percent with two digits, or as many as tell it from 100 %.

    Example:
        >>> percent(0.25), percent(1.0), percent(0.9961), percent(0.00123)
        ('25 %', '100 %', '99.6 %', '0.12 %')
    """
    percents = 100 * fraction
    digits = 2 - min(math.floor(math.log10(100 - percents)), 0) if percents < 100 else 3  # noqa: PLR2004
    return f"{np.format_float_positional(float(f'{percents:.{digits}g}'), trim='-')} %"
