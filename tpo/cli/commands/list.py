"""`tpo list`: listing registered objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tpo.cli import tracebacks
from tpo.cli.rendering.console import plain_table, print_table, terminal, text
from tpo.data.problems import known_problems
from tpo.errors import PluginError
from tpo.experiments.catalogue import runnable_tasks
from tpo.plugins import registry
from tpo.plugins.installation import doable
from tpo.plugins.method_table import COLUMNS, methods

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from tpo.plugins.hookspecs import Info
    from tpo.plugins.host import PluginHost


@click.command("list")
@click.option("--methods", "as_methods", is_flag=True, help="Compare the algorithms instead: what each needs and does.")
def list_names(*, as_methods: bool) -> None:
    """Show the algorithms, tasks, problems, backends, trackers and launchers that are registered."""
    host = registry.host()
    console = terminal()
    for table in (_methods(host),) if as_methods else _registered(host):
        print_table(console, table)
    if not as_methods:
        click.echo(_commands(host), nl=False)
    if host.broken:
        print_table(console, _broken(host))
        tracebacks.show(host.broken.values())


def _registered(host: PluginHost) -> tuple[Table, ...]:
    return _algorithms(host), _tasks(), _problems(), _backends(host), _trackers(host), _launchers(host), _checks(host)


def _table(title: str, columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    """Build a table of plain text, so that texts of plug-ins are not interpreted as markup."""
    table = plain_table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(text, row))
    return table


def _algorithms(host: PluginHost) -> Table:
    rows = ((info.name, info.summary) for info in host.algorithms().values())
    return _table("Algorithms", ("name", "summary"), rows)


def _methods(host: PluginHost) -> Table:
    rows = []
    for info in host.algorithms().values():
        if not registry.missing(info):
            try:
                rows += [method.row() for method in methods([info])]
            except PluginError as error:
                host.broken[info.name] = error
    return _table("Methods", COLUMNS, rows)


def _tasks() -> Table:
    rows = ((info.name, info.default_backend, info.summary) for info in runnable_tasks().values())
    return _table("\nTasks", ("name", "default backend", "summary"), rows)


def _problems() -> Table:
    rows = ((info.name, _installed(info), info.summary) for info in known_problems().values())
    return _table("\nProblems for language models (tpo data NAME)", ("name", "installed", "summary"), rows)


def _backends(host: PluginHost) -> Table:
    rows = (
        (info.name, "yes" if info.differentiates else "no", _installed(info), info.summary)
        for info in host.backends().values()
    )
    return _table("\nBackends", ("name", "trains", "installed", "summary"), rows)


def _trackers(host: PluginHost) -> Table:
    rows = ((info.name, _installed(info), info.summary) for info in host.trackers().values())
    return _table("\nTrackers", ("name", "installed", "summary"), rows)


def _launchers(host: PluginHost) -> Table:
    rows = ((info.name, _installed(info), info.summary) for info in host.launchers().values())
    return _table("\nLaunchers", ("name", "installed", "summary"), rows)


def _checks(host: PluginHost) -> Table:
    rows = ((info.name, _installed(info), info.summary) for info in host.checks().values())
    return _table("\nChecks: tpo check NAME", ("name", "installed", "summary"), rows)


def _installed(info: Info) -> str:
    return "no" if registry.missing(info) else "yes"


def _commands(host: PluginHost) -> str:
    """List the commands that install missing libraries, one per line, since a table would fold them."""
    offered = (known_problems(), host.backends(), host.trackers(), host.launchers(), host.checks())
    missing = [info for infos in offered for info in infos.values() if registry.missing(info)]
    width = max((len(info.name) for info in missing), default=0)
    lines = [f"{info.name:{width}}  {doable(info.hint)}\n" for info in missing]
    return "".join(["\nTo install what is missing\n", *lines] if lines else [])


def _broken(host: PluginHost) -> Table:
    rows = ((name, f"{type(error).__name__}: {error}") for name, error in host.broken.items())
    return _table("\nWarning: plug-ins that failed to load", ("name", "error"), rows)
