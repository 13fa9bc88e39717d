"""Statistics of rollouts: standardized values, correlations, effective sample sizes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.core.anchors import anchoring
from tpo.core.diagnostics import diagnostics
from tpo.core.group import Group
from tpo.core.standardizing.standardize import standardize
from tpo.rollouts.blocks import per_group, per_row

if TYPE_CHECKING:
    from tpo.core.anchors import Anchor
    from tpo.core.diagnostics import Diagnostics
    from tpo.core.segments import Segments
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts

LEAST_PAIRS = 3
"""With fewer pairs, a correlation is 1, -1 or nothing."""

ENOUGH_PAIRS = 16
"""With fewer pairs, Fisher's transformation is not normal enough to judge a correlation by."""

CERTAIN = 4.0
"""Standard errors from 0 at which a correlation is no accident, though several are looked at."""


class AnchorChoice(NamedTuple):
    """A way to make the policy over a group from the log-probs of completions.

    Attributes:
        label: For tables and figures.
        anchor: As for `tpo.TPO`.
        length_exponent: Log-probs are divided by `length ** length_exponent`.
    """

    label: str
    anchor: Anchor
    length_exponent: float


ANCHOR_CHOICES = (
    AnchorChoice("policy, sum", "policy", 0.0),
    AnchorChoice("policy, length ** 0.5", "policy", 0.5),
    AnchorChoice("policy, mean", "policy", 1.0),
    AnchorChoice("ratio", "ratio", 0.0),
)
"""The ways that are compared; the first is the paper's."""


def paired(*columns: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`[N]` boolean: whether a row has a finite number in all of the `[N]` columns."""
    known: np.ndarray[Any, Any] = np.isfinite(np.stack(columns)).all(axis=0)
    return known


def correlation(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    """Pearson's correlation of the pairs of `[N]` numbers that are finite; NaN if there is none.

    Example:
        >>> correlation(np.asarray([1.0, 2.0, 3.0]), np.asarray([1.0, 3.0, 2.0]))
        0.5
    """
    known = paired(a, b)
    if known.sum() < LEAST_PAIRS:
        return math.nan
    # Scaled by the largest, so that no square overflows.
    centred = [column[known] - column[known].mean() for column in (a, b)]
    sizes = [np.abs(column).max() for column in centred]
    if not min(sizes):
        return math.nan
    x, y = (column / size for column, size in zip(centred, sizes, strict=True))
    return float((x * y).sum() / math.sqrt((x * x).sum() * (y * y).sum()))


def standard_errors(found: float, pairs: int) -> float:
    """The distance of a correlation from 0 in standard errors (Fisher's z); 0 if it is NaN or has too few pairs."""
    if math.isnan(found) or pairs < ENOUGH_PAIRS:
        return 0.0
    return math.atanh(min(max(found, -1 + 1e-12), 1 - 1e-12)) * math.sqrt(pairs - LEAST_PAIRS)


def standardized(rollouts: Rollouts, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Standardize `[N]` values within their groups by `tpo.standardize`; NaN where a value is not finite."""
    return per_row(
        rollouts.groups,
        np.isfinite(values),
        lambda rows, segments: standardize(segments.gather(values[rows]), mask=segments.mask),
    )


def of_groups(rollouts: Rollouts, expected: Expected) -> dict[str, np.ndarray[Any, Any]]:
    """Diagnostics of the scores of each group, by name: `candidates`, `tied`, `near_tied`, `all_fail`, `all_pass`.

    Returns:
        `[G]` float64 arrays; NaN for groups without a finite score.
    """
    names = ("candidates", "tied", "near_tied", "all_fail", "all_pass")
    scores = rollouts.scores

    def compute(rows: Any, segments: Segments) -> np.ndarray[Any, Any]:
        found = _diagnostics(scores[rows], np.zeros(len(rows)), segments, expected=expected)
        return np.stack([np.asarray(getattr(found, name), np.float64) for name in names], axis=-1)

    found = per_group(rollouts.groups, np.isfinite(scores), len(rollouts.names), compute)
    return dict(zip(names, found.T if found.ndim > 1 else [found] * len(names), strict=True))


def spans(rollouts: Rollouts) -> np.ndarray[Any, Any]:
    """`[G]` float64: the highest minus the lowest finite score of each group; NaN without one."""
    scores = rollouts.scores

    def compute(rows: Any, segments: Segments) -> np.ndarray[Any, Any]:
        found = segments.gather(scores[rows])
        high, low = (np.where(segments.mask, found, none) for none in (-np.inf, np.inf))
        span: np.ndarray[Any, Any] = high.max(-1) - low.min(-1)
        return span

    return per_group(rollouts.groups, np.isfinite(scores), len(rollouts.names), compute)


def scaled(rollouts: Rollouts, log_probs: np.ndarray[Any, Any], exponent: float) -> np.ndarray[Any, Any]:
    """Divide log-probs of completions, `[N]` in nats, by `length ** exponent`; NaN where that is not known."""
    if not exponent:
        return log_probs
    lengths = rollouts.columns["length"]
    return log_probs / np.where(lengths >= 1, lengths, np.nan) ** exponent


def effective_sizes(rollouts: Rollouts, choice: AnchorChoice) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Effective sample size of p_old in each group, `1 / sum(p_old**2)`, and how many candidates it has.

    Returns:
        Two `[G]` float64 arrays, NaN for groups with fewer than two known log-probs.
    """
    if choice not in rollouts.computed:
        log_probs = scaled(rollouts, rollouts.columns["old_log_probs"], choice.length_exponent)
        rollouts.computed[choice] = _sizes(rollouts, log_probs, choice.anchor)
    found: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] = rollouts.computed[choice]
    return found


def effective_sizes_of_ratios(rollouts: Rollouts, exponent: float) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Effective sizes, as `effective_sizes`, of the policy that the anchor `ratio` makes of the current log-probs.

    That policy is the softmax over the group of `(log p - log p_old) / length ** exponent`.
    """
    return _sizes(rollouts, scaled(rollouts, log_ratios(rollouts), exponent), "policy")


def log_ratios(rollouts: Rollouts) -> np.ndarray[Any, Any]:
    """`[N]` in nats: log-prob under the current policy minus that under the old one; NaN where one is missing."""
    ratios: np.ndarray[Any, Any] = rollouts.columns["new_log_probs"] - rollouts.columns["old_log_probs"]
    return ratios


def moved_mass(rollouts: Rollouts, choice: AnchorChoice, eta: float) -> np.ndarray[Any, Any]:
    """`[G]`: the probability mass that the target moves, `sum(abs(q - p_old)) / 2`; NaN where that is not known."""
    ratios = anchoring(choice.anchor).measures_ratios
    old = np.zeros(len(rollouts.groups)) if ratios else rollouts.columns["old_log_probs"]
    log_probs, scores = scaled(rollouts, old, choice.length_exponent), rollouts.scores

    def compute(rows: Any, segments: Segments) -> np.ndarray[Any, Any]:
        found = _diagnostics(scores[rows], log_probs[rows], segments, anchor=choice.anchor, eta=eta)
        return np.where(found.tied, np.nan, found.total_variation)

    return per_group(rollouts.groups, paired(scores, log_probs), len(rollouts.names), compute)


def _sizes(
    rollouts: Rollouts, log_probs: np.ndarray[Any, Any], anchor: Anchor
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    def compute(rows: Any, segments: Segments) -> np.ndarray[Any, Any]:
        found = _diagnostics(np.zeros(len(rows)), log_probs[rows], segments, anchor=anchor)
        return np.stack([found.effective_sample_size, found.candidates], axis=-1)

    found = per_group(rollouts.groups, np.isfinite(log_probs), len(rollouts.names), compute)
    sizes, candidates = found.T if found.ndim > 1 else (found, found)
    several = candidates > 1
    return np.where(several, sizes, np.nan), np.where(several, candidates, np.nan)


def _diagnostics(
    scores: np.ndarray[Any, Any],
    log_probs: np.ndarray[Any, Any],
    segments: Segments,
    *,
    anchor: Anchor = "policy",
    eta: float = 1.0,
    expected: Expected | None = None,
) -> Diagnostics:
    group = Group(scores=segments.gather(scores), old_log_probs=segments.gather(log_probs), mask=segments.mask)
    options = {} if expected is None else {name: getattr(expected, name) for name in ("near", "fail", "succeed")}
    return diagnostics(group, anchor=anchor, eta=eta, **options)
