"""An audit as plain data, for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tpo.experiments.analysis.record import finite

if TYPE_CHECKING:
    from tpo.plugins.findings import Finding
    from tpo.rollouts.audit import Audit
    from tpo.rollouts.checks.base import Measured
    from tpo.rollouts.rollouts import Rollouts

SOUND, WARNING, FAULT, FACT = "sound", "warning", "fault", "fact"


def level(finding: Finding) -> str:
    """How serious a finding is, in a word."""
    if finding.ok is None:
        return WARNING if finding.remedy else FACT
    return SOUND if finding.ok else FAULT


def plain(source: str, rollouts: Rollouts, found: Audit) -> dict[str, Any]:
    """An audit of the rollouts from `source` as plain data; numbers that are not finite are `None`."""
    return {
        "rollouts": source,
        "rows": len(rollouts.groups),
        "groups": len(rollouts.names),
        "read": dict(rollouts.read),
        "unread": list(rollouts.unread),
        "faults": len(found.faults),
        "findings": [_plain(finding) for finding in found.findings],
        "not_audited": [asdict(one) for one in found.not_audited],
        "recommendations": [asdict(one) for one in found.recommendations],
        "withheld_for": list(found.withheld_for),
    }


def _plain(finding: Measured) -> dict[str, Any]:
    figures = {name: finite(number) for name, number in finding.figures.items()}
    texts = {"detail": finding.detail, "remedy": finding.remedy}
    return {"subject": finding.subject, "level": level(finding), **texts, "figures": figures}
