"""Printing findings: a table, and what to do below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tpo.cli.rendering.console import plain_table, print_table, terminal, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tpo.plugins.findings import Finding

MARKS = {True: "ok", False: "FAILS", None: ""}


def mark(finding: Finding) -> str:
    """Return `ok`, `FAILS` or an empty text: the status of a finding."""
    return MARKS[finding.ok]


def show_findings(findings: Sequence[Finding], mark_of: Callable[[Finding], str] = mark) -> None:
    """Print findings with their marks, and the remedies of those that are not well."""
    show_rows(("subject", "", "found"), ((one.subject, mark_of(one), one.detail) for one in findings))
    for finding in findings:
        if finding.ok is not True and finding.remedy:
            click.echo(f"{finding.subject}: {finding.remedy}")


def show_rows(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of texts, which are folded and never taken for markup."""
    table = plain_table()
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*map(text, row))
    print_table(terminal(), table)
