"""An audit: the findings of the checks that rollouts allow, the checks left out, and the settings that follow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpo.core.options import check_not_negative
from tpo.errors import InvalidArgumentError
from tpo.rollouts.checks.base import Expected, Measured
from tpo.rollouts.checks.table import CHECKS
from tpo.rollouts.reading.fields import BY_NAME
from tpo.rollouts.recommend import recommend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.rollouts.checks.base import Check
    from tpo.rollouts.recommend import Recommendation
    from tpo.rollouts.rollouts import Rollouts

REMEDIES = {name: field.remedy for name, field in BY_NAME.items()} | {
    "groups": "Groups of one have nothing to compare: see singletons.",
    "log_probs": "Log the log-probs of the completions.",
    "token_log_probs": "Log log-probs as a list with one for each token.",
    "mismatch": "Log both as lists of the same length, with one for each token.",
}
"""What to do if rollouts lack something that a check needs."""


@dataclass(frozen=True)
class NotAudited:
    """A check that was left out.

    Attributes:
        subject: What it looks at.
        missing: What the rollouts lack.
        remedy: What to do to have it checked.
    """

    subject: str
    missing: tuple[str, ...]
    remedy: str


@dataclass(frozen=True)
class Audit:
    """The results of an audit.

    Attributes:
        findings: One for each check that was run.
        not_audited: The checks that were left out.
        recommendations: Settings that follow from the rollouts.
        withheld_for: The checks whose faults are the reason that no settings are recommended.
    """

    findings: tuple[Measured, ...]
    not_audited: tuple[NotAudited, ...]
    recommendations: tuple[Recommendation, ...]
    withheld_for: tuple[str, ...]

    @property
    def faults(self) -> tuple[Measured, ...]:
        """The findings that are faults."""
        return tuple(finding for finding in self.findings if finding.ok is False)

    @property
    def warnings(self) -> tuple[Measured, ...]:
        """The findings that are no faults, but have a remedy."""
        return tuple(finding for finding in self.findings if finding.ok is None and finding.remedy)


def audit(rollouts: Rollouts, expected: Expected | None = None, checks: Sequence[Check] = CHECKS) -> Audit:
    """Run the checks that the rollouts allow, and derive recommendations.

    No settings are recommended after a fault that shows that groups or log-probs are not what they seem.

    Args:
        rollouts: From `load`.
        expected: What the user expects of them. Default: nothing in particular.
        checks: The checks, in the order of the report; your own may be among them.

    Example:
        >>> from tpo.rollouts.checks.base import Check, Verdict
        >>> def few_rows(rollouts, expected):
        ...     return Verdict(len(rollouts.groups) > 99, f"{len(rollouts.groups)} rows", {}, "Log more.")
        >>> check = Check(subject="rows", needs=(), run=few_rows)

    Raises:
        InvalidArgumentError: A number in `expected` is NaN or infinite, or `near` is negative.
    """
    expected = expected or Expected()
    _check_expected(expected)
    lacking = {check: tuple(name for name in check.needs if name not in rollouts.available) for check in checks}
    findings = {check: _run(check, rollouts, expected) for check, missing in lacking.items() if not missing}
    withheld_for = tuple(
        one.subject for check, one in findings.items() if check.blocks_recommendations and one.ok is False
    )
    settings = () if withheld_for else tuple(recommend(rollouts, expected))
    left_out = [_not_audited(check, missing) for check, missing in lacking.items() if missing]
    return Audit(tuple(findings.values()), tuple(left_out), settings, withheld_for)


def _check_expected(expected: Expected) -> None:
    for name in ("fail", "succeed", "near"):
        value = getattr(expected, name)
        if not math.isfinite(value):
            raise InvalidArgumentError(f"`{name}` must be a finite number; got {value}. Give a score.")
    check_not_negative(near=expected.near)


def _run(check: Check, rollouts: Rollouts, expected: Expected) -> Measured:
    found = check.run(rollouts, expected)
    return Measured(check.subject, found.ok, found.detail, found.remedy, figures=found.figures)


def _not_audited(check: Check, missing: tuple[str, ...]) -> NotAudited:
    # That log-probs must be lists goes without saying where there are none.
    named = tuple(name for name in missing if name in BY_NAME) or missing
    return NotAudited(check.subject, named, " ".join(REMEDIES.get(name, f"Log {name}.") for name in named))
