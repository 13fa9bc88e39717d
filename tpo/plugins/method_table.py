"""The table of all methods, generated from the traits and docstrings of the algorithms.

`python -m tpo.plugins.method_table PAGE` writes it into a page.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.errors import InvalidArgumentError
from tpo.plugins import registry
from tpo.plugins.builtin import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tpo.plugins.hookspecs import AlgorithmInfo

BEGIN, END = "<!-- methods: begin -->", "<!-- methods: end -->"
"""Markers around the generated part of a page."""

MARKS = {True: "✓", False: "✗"}
COLUMNS = ("method", "name", "update rule", "group", "critic", "fixed ref.")


class Method(NamedTuple):
    """A row of the table of methods.

    Attributes:
        title: The display name.
        name: The registered name.
        update_rule: The update in a few words.
        group: Whether the update compares the candidates of one context.
        critic: Whether it needs a learned value function.
        fixed_reference: Whether it needs a frozen reference policy in addition to the old policy.
        summary: The first sentence of its docstring.
        defaults: Its options with their default values, as in a call.
        source: The publication.
    """

    title: str
    name: str
    update_rule: str
    group: bool
    critic: bool
    fixed_reference: bool
    summary: str
    defaults: str
    source: str

    def row(self) -> tuple[str, ...]:
        """The cells of the table, one per column of `COLUMNS`."""
        marks = (MARKS[holds] for holds in (self.group, self.critic, self.fixed_reference))
        return (self.title, self.name, self.update_rule, *marks)


def methods(infos: Iterable[AlgorithmInfo] | None = None) -> tuple[Method, ...]:
    """Collect the rows of the algorithms in `infos`, in that order; of all registered algorithms if `None`.

    Raises:
        PluginError: One of them does not load.
    """
    infos = registry.host().algorithms().values() if infos is None else infos
    return tuple(_method(info.name, registry.loaded_algorithm(info)) for info in infos)


def _method(name: str, cls: Any) -> Method:
    traits, text = cls.traits, inspect.getdoc(cls) or ""
    return Method(
        title=traits.title or cls.__name__,
        name=name,
        update_rule=traits.update_rule,
        group=traits.compares_candidates,
        critic=traits.critic,
        fixed_reference=traits.fixed_reference,
        summary=text.partition("\n")[0],
        defaults=f"{cls.__name__}({', '.join(_default(field) for field in dataclasses.fields(cls))})",
        source=_section(text, "Source"),
    )


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return f"{field.name}={field.default_factory()!r}"
    return f"{field.name}={'...' if field.default is dataclasses.MISSING else repr(field.default)}"


def _section(text: str, title: str) -> str:
    """Join the indented lines of the section `title:` of a docstring; empty without that section."""
    found = re.search(rf"^{title}:\n((?: +.*\n?)+)", text, re.MULTILINE)
    return " ".join(found.group(1).split()) if found else ""


def markdown(rows: Sequence[Method]) -> str:
    """Format the table as Markdown, followed by a line on each method."""
    cells = [COLUMNS, tuple("---" for _ in COLUMNS), *((r.title, f"`{r.name}`", *r.row()[2:]) for r in rows)]
    table = [f"| {' | '.join(row)} |" for row in cells]
    lines = [f"- **{row.title}.** {row.summary} `{row.defaults}`. {row.source}".rstrip() for row in rows]
    return "\n".join([*table, "", *lines])


def updated(page: str, rows: Sequence[Method]) -> str:
    """Replace the part of a page between `BEGIN` and `END` by the table of `rows`.

    Raises:
        InvalidArgumentError: The page does not have both markers, in that order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        message = f"the page must hold the lines {BEGIN} and {END}; got a page without. "
        raise InvalidArgumentError(message + "Add them where the table belongs.")
    return f"{before}{BEGIN}\n\n{markdown(rows)}\n\n{END}{after}"


def main(arguments: Sequence[str]) -> None:
    """Write the table of the built-in algorithms into the pages named by `arguments`."""
    for page in map(Path, arguments):
        page.write_text(updated(page.read_text(encoding="utf-8"), methods(ALGORITHMS)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
