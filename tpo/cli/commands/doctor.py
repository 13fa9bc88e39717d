"""`tpo doctor ROLLOUTS`: auditing the rollouts of any trainer of language models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
from rich.progress import DownloadColumn

from tpo.cli.exit_codes import FAULT
from tpo.cli.options.option import Place, option
from tpo.cli.rendering.console import terminal, text
from tpo.cli.rendering.file_progress import file_progress
from tpo.cli.rendering.findings import show_findings, show_rows
from tpo.rollouts.audit import audit
from tpo.rollouts.checks.base import Expected
from tpo.rollouts.reading.columns import Choice, listing
from tpo.rollouts.reading.fields import FIELDS
from tpo.rollouts.reading.load import load
from tpo.rollouts.report import page, plain

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.rollouts.audit import Audit
    from tpo.rollouts.rollouts import Rollouts

EXAMPLES = """\b
Examples:
  tpo doctor rollouts.jsonl
  tpo doctor out/completions --group-size 8 --page audit.html
  tpo doctor dump.parquet --group uid --score accuracy --score format=0.2
  tpo doctor dump.jsonl --old-log-probs logprobs --json
"""

HELP = """Audit the rollouts of any trainer of language models, before they are trusted.

ROLLOUTS is a file of JSON lines (.jsonl) or Parquet (.parquet) with a row per completion, or a folder of such files.
Columns are found by their names; options name others. A check whose columns are missing is listed as not audited.

The exit status is 1 if a fault was found, and 2 if the rollouts cannot be read. Warnings do not change it.
"""

SEVERAL = ("score",)
"""Fields that are read from several columns."""

MARKS = {plain.SOUND: "ok", plain.WARNING: "warning", plain.FAULT: "FAULT", plain.FACT: ""}


def _column_options() -> list[click.Option]:
    return [
        option(
            "--" + field.name.replace("_", "-"),
            metavar="COLUMN",
            help=field.meaning,
            multiple=field.name in SEVERAL,
            show_default=False,
        )
        for field in FIELDS
    ]


def _expected_options() -> list[click.Option]:
    usual = Expected()
    return [
        option("--ignore", metavar="COLUMN", multiple=True, help="A column not to be read; may be repeated."),
        option("--group-size", type=click.IntRange(1), show_default="the commonest", help="Completions per group."),
        option("--ragged", is_flag=True, show_default=False, help="Groups have different sizes by design."),
        option("--fail", type=float, default=usual.fail, help="The score of a completion that failed."),
        option("--succeed", type=float, default=usual.succeed, help="The score of a completion that succeeded."),
        option("--near", type=click.FloatRange(0), default=usual.near, help="Scores this close are nearly tied."),
    ]


def _doctor(rollouts: Path, page_file: Path | None, *, as_json: bool, **values: Any) -> int:
    named = {field.name: values[field.name] for field in FIELDS if field.name not in SEVERAL}
    choice = Choice(
        {name: column for name, column in named.items() if column is not None}, values["score"], values["ignore"]
    )
    expected = Expected(**{name: values[name] for name in Expected._fields})
    with file_progress(DownloadColumn(), "reading") as on_bytes:
        loaded = load(rollouts, choice, on_bytes)
    found = audit(loaded, expected)
    if as_json:
        click.echo(json.dumps(plain.plain(str(rollouts), loaded, found), indent=2, allow_nan=False))
    else:
        _show(loaded, found)
    if page_file is not None:
        page.write(page_file, str(rollouts), loaded, found)
        click.echo(f"page: {page_file}", err=as_json)
    return FAULT if found.faults else 0


def _show(rollouts: Rollouts, found: Audit) -> None:
    click.echo(f"{len(rollouts.groups):,} completions in {len(rollouts.names):,} groups")
    # Names of columns are a stranger's: rich prints them without markup.
    read = "; ".join(f"{field.replace('_', ' ')}: {column}" for field, column in rollouts.read.items())
    unread = [f"not read: {listing(rollouts.unread)}"] if rollouts.unread else []
    for line in (read, *unread):
        terminal().print(text(line))
    click.echo()
    show_findings(found.findings, lambda finding: MARKS[plain.level(finding)])
    if found.not_audited:
        click.echo()
        rows = ((one.subject, ", ".join(one.missing).replace("_", " "), one.remedy) for one in found.not_audited)
        show_rows(("not audited", "without", "what to do"), rows)
    if found.recommendations:
        click.echo()
        settings = ((one.setting, f"{one.value}", one.reason) for one in found.recommendations)
        show_rows(("setting", "value", "because"), settings)
    click.echo()
    if found.withheld_for:
        click.echo(f"no settings are recommended before these are repaired: {', '.join(found.withheld_for)}")
    click.echo(f"faults: {len(found.faults)}; warnings: {len(found.warnings)}")


doctor = click.Command(
    "doctor",
    params=[
        click.Argument(["rollouts"], type=Place()),
        *_column_options(),
        *_expected_options(),
        click.Option(["--json", "as_json"], is_flag=True, help="Print the audit as JSON."),
        click.Option(["--page", "page_file"], metavar="FILE", type=Place(), help="Also write a page with figures."),
    ],
    callback=_doctor,
    help=HELP,
    epilog=EXAMPLES,
)
