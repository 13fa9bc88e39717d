"""`tpo check NAME`: check that an adapter works in this installation."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING

import click

from tpo.cli.exit_codes import FAULT
from tpo.cli.rendering.findings import show_findings
from tpo.plugins import registry
from tpo.plugins.checks import MOST
from tpo.plugins.contracts import Contract
from tpo.plugins.findings import Finding

if TYPE_CHECKING:
    from tpo.plugins.hookspecs import CheckInfo

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
    findings = _findings(registry.host().find("check", checks, name))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        show_findings(findings)
    return FAULT if any(finding.ok is False for finding in findings) else 0


def _findings(info: CheckInfo) -> list[Finding]:
    """Run the check that `info` describes.

    Raises:
        NotInstalledError: A library that it needs is missing.
        PluginError: It fails, or finds something else.
    """
    run = registry.load("check", info)
    contract = Contract("check", info.name, "return objects of the class tpo.Finding")
    with contract.calling():
        found = list(islice(run(), MOST))
    return [contract.checked(one, Finding) for one in found]
