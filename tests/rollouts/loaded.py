"""Rollouts from rows given in a test."""

from __future__ import annotations

from tests.rollouts.made_up import write
from tpo.rollouts.checks.base import Expected
from tpo.rollouts.checks.table import CHECKS
from tpo.rollouts.reading.load import load

BY_SUBJECT = {check.subject: check for check in CHECKS}


def loaded(tmp_path, rows, choice=None):
    """Write rows and load them."""
    return load(write(tmp_path / "rollouts.jsonl", rows), choice)


def verdict(subject, rollouts, **expected):
    """The verdict of the check with this subject."""
    return BY_SUBJECT[subject].run(rollouts, Expected(**expected))


def rows_of(group, **columns):
    """Rows of one group, from one list for each column."""
    return [
        {"group_id": group, **dict(zip(columns, values, strict=True))} for values in zip(*columns.values(), strict=True)
    ]
