"""`tpo check NAME`: check that an adapter works in this installation."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.text import Text

from tpo.cli.rendering.console import plain_table, print_table, terminal
from tpo.plugins import registry

if TYPE_CHECKING:
    from tpo.plugins.findings import Finding

MARKS = {True: "ok", False: "FAILS", None: ""}

EXAMPLES = """\b
Examples:
  tpo check
  tpo check verl
  tpo check verl --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(name: str | None, *, as_json: bool) -> int:
    """Check that an adapter works in this installation, and say why not.

    Without NAME, the checks are listed. The exit status is 1 if something fails.
    """
    checks = registry.host().checks()
    if name is None:
        for info in checks.values():
            click.echo(f"{info.name}: {info.summary}")
        return 0
    findings = tuple(registry.load("check", registry.host().find("check", checks, name))())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _show(findings)
    return int(any(finding.ok is False for finding in findings))


def _show(findings: tuple[Finding, ...]) -> None:
    table = plain_table()
    for column in ("subject", "", "found"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        table.add_row(Text(finding.subject), MARKS[finding.ok], Text(finding.detail))
    print_table(terminal(), table)
    for finding in findings:
        if finding.ok is False:
            click.echo(f"{finding.subject}: {finding.remedy}")
