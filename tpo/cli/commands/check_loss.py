"""`tpo check-loss`: checking the laws of group losses on a user's loss."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from tpo.cli.exit_codes import LAW_BROKEN
from tpo.cli.rendering.console import plain_table, print_table, terminal, text
from tpo.testing.checking.check import check_loss
from tpo.testing.checking.find import default_backends, find_loss
from tpo.testing.laws.all_laws import LAWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from tpo.testing.checking.check import Verdict
    from tpo.testing.checking.counterexample import Counterexample

HELP = """Check a loss function of yours against the laws of group losses.

LOSS is MODULE:FUNCTION, found from the current folder: a function of (log_probs, scores, old_log_probs), each [..., K],
that returns one loss per group, [...]. A fourth argument, or one called token_mask, makes it a loss of tokens: its
log-probs and the mask are [..., K, T]. Each law is checked on made-up groups; for one that breaks, the smallest group
that shows it is printed. Exit code 0: all hold; 1: a law breaks; 2: bad input, or a loss that fails."""

EXAMPLES = """\b
Examples:
  tpo check-loss my_losses:group_loss
  tpo check-loss my_losses:torch_loss --backend torch
  tpo check-loss my_losses:group_loss --json
"""


@click.command("check-loss", help=HELP, epilog=EXAMPLES)
@click.argument("loss")
@click.option(
    "--backend",
    "backends",
    metavar="NAME",
    multiple=True,
    help="Where to run it; may be repeated.  [default: all that are installed and differentiate, and numpy]",
)
@click.option(
    "--skip", metavar="LAW", multiple=True, help="A law to leave out, which the loss breaks by design; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def check(loss: str, backends: tuple[str, ...], skip: tuple[str, ...], *, as_json: bool) -> None:
    """Check the laws and print the verdicts."""
    sys.path.insert(0, str(Path.cwd()))
    # What the loss, or its module, prints must not mix with the verdicts.
    with redirect_stdout(sys.stderr):
        verdicts = _watched(find_loss(loss), backends or default_backends(), skip)
    show = _print_json if as_json else _print_table
    show(loss, verdicts)
    if not all(verdict.holds for verdict in verdicts):
        raise click.exceptions.Exit(LAW_BROKEN)


def _watched(function: Any, backends: Sequence[str], skip: Sequence[str]) -> list[Verdict]:
    """Collect the verdicts, with progress on a terminal."""
    console = Console(stderr=True)
    status = console.status("loading", spinner="line") if console.is_terminal else nullcontext()
    with status as shown:

        def begun(law: str, backend: str) -> None:
            if shown is not None:
                shown.update(f"{law} on {backend}")

        return list(check_loss(function, backends, skip=skip, begun=begun))


def _print_json(loss: str, verdicts: Sequence[Verdict]) -> None:
    laws = [_plain(verdict) for verdict in verdicts]
    click.echo(json.dumps({"loss": loss, "holds": all(law["holds"] for law in laws), "laws": laws}, indent=2))


def _plain(verdict: Verdict) -> dict[str, Any]:
    found = verdict.counterexample
    return {
        "law": verdict.law,
        "statement": LAWS[verdict.law].said_of(functions=True),
        "backend": verdict.backend,
        "holds": verdict.holds,
        "counterexample": None if found is None else _without_nan(found._asdict()),
    }


def _without_nan(tree: Any) -> Any:
    """Replace NaN and infinities, which JSON lacks, by text."""
    if isinstance(tree, dict):
        return {name: _without_nan(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_without_nan(value) for value in tree]
    return repr(tree) if isinstance(tree, float) and tree - tree != 0 else tree


def _print_table(loss: str, verdicts: Sequence[Verdict]) -> None:
    console = terminal()
    backends = list(dict.fromkeys(verdict.backend for verdict in verdicts))
    cells = {(verdict.law, verdict.backend): "holds" if verdict.holds else "BREAKS" for verdict in verdicts}
    table = plain_table(header_style="bold")
    for column in ("law", "which says that", *backends):
        table.add_column(column, overflow="fold")
    for name, law in LAWS.items():
        table.add_row(
            name, law.said_of(functions=True), *(_cell(cells.get((name, backend), "-")) for backend in backends)
        )
    print_table(console, table)
    for verdict in verdicts:
        if verdict.counterexample is not None:
            console.print(text(_explain(verdict, verdict.counterexample)), soft_wrap=True)
    count = sum(not verdict.holds for verdict in verdicts)
    click.echo(f"\n{loss}: " + (f"{count} of {len(verdicts)} checks break" if count else "every law holds"))


def _cell(word: str) -> Text:
    return text(word, style={"holds": "green", "BREAKS": "bold red"}.get(word, ""))


def _explain(verdict: Verdict, found: Counterexample) -> str:
    """Format the counterexample as lines that can be copied into a test."""
    came = f"{found.what}: {_listed(found.got)}, which should be {LAWS[verdict.law].wanted or _listed(found.expected)}"
    lines = [
        f"\n{verdict.law} breaks on {verdict.backend}:",
        *(f"{name} = {_listed(values)}" for name, values in found.group.items()),
        came if found.group else found.what,
        found.remedy,
    ]
    return "\n    ".join(lines)


def _listed(values: Any) -> str:
    if isinstance(values, list):
        return f"[{', '.join(map(_listed, values))}]"
    return f"{values:.6g}" if isinstance(values, float) else str(values).lower()
