"""The page of results: self-contained HTML from records of exhibits and task runs."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING

from tpo.errors import InvalidArgumentError, NotInstalledError, OutputError
from tpo.experiments.analysis.paper_values import paper_values
from tpo.experiments.analysis.record import outdated
from tpo.experiments.analysis.table import Column, TableCell, columns, differences, number
from tpo.experiments.figures import exhibit, inline, overview
from tpo.experiments.storage import output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tpo.experiments.spec.schema import Record

MARK = b"<title>Target Policy Optimization"
"""The text by which a page of results is recognised."""


def write(records: Sequence[Record], path: Path, on_refused: Callable[[OutputError], None]) -> int:
    """Write the page of `records` to `path`; return how many it shows.

    Args:
        records: At least one.
        path: A new file, or an earlier page.
        on_refused: Called for each record that cannot be drawn, which is left out.

    Raises:
        InvalidArgumentError: There is none.
        NotInstalledError: matplotlib or Jinja is missing.
        OutputError: It cannot be written.
    """
    if not records:
        raise InvalidArgumentError("the page must show an exhibit or a run; got none. Run one: tpo run table1.")
    output.check_ours(path, MARK)
    shown = list(drawn(records, on_refused))
    output.write(path, render(shown).encode(errors="replace"))
    return len(shown)


def drawn(records: Sequence[Record], on_refused: Callable[[OutputError], None]) -> Iterator[Record]:
    """The records in the paper's order, with their figures; those whose numbers cannot be drawn are left out."""
    records = overview.ordered(records)
    for record, anchor in zip(records, anchors(records), strict=True):
        try:
            figure = svg(record, anchor)
        except NotInstalledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever matplotlib raises
            message = f"a record must have numbers that can be drawn; got {type(error).__name__}: {error},"
            on_refused(OutputError(f"{message} for {record['exhibit']!r} ({record['backend']}). Run it again."))
            continue
        yield record | {"anchor": anchor, "svg": figure, "outdated": outdated(record.get("numbers", 1))}


def render(shown: Sequence[Record]) -> str:
    """Render the page of `drawn` records as HTML."""
    by_exhibit = [list(group) for _, group in itertools.groupby(shown, key=lambda record: record["exhibit"])]
    told = {"columns": columns, "besides": besides, "differences": differences, "details": details}
    return inline.render("tpo.experiments.figures", exhibits=by_exhibit, **told, overview=overview)


def anchors(records: Sequence[Record]) -> list[str]:
    """Create a unique anchor for each record: exhibit, scale and backend, with a number for duplicates."""
    taken: dict[str, None] = {}
    for record in records:
        name = re.sub(r"[^\w-]+", "-", f"{record['exhibit']}-{record['scale']}-{record['backend']}")
        names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        taken[next(name for name in names if name not in taken)] = None
    return list(taken)


def svg(record: Record, anchor: str) -> str:
    """Draw the figure of a record as SVG in the colours of the page, with ids that begin with `anchor`."""
    return inline.inline_svg(lambda: exhibit.draw(record), anchor)


def besides(record: Record) -> list[Column]:
    """Build the table of further published numbers; it may have no rows."""
    values = paper_values(record)

    def word(name: str) -> Column:
        texts = [getattr(one, name) for one in values]
        return Column(name, [TableCell(text, text) for text in texts], is_text=True)

    ours = Column("ours", [TableCell("", "Infinity") if one.ours is None else number(one.ours) for one in values])
    paper = Column("paper", [number(one.published) for one in values])
    return [word("panel"), word("arm"), word("what"), ours, paper, word("source")]


def details(record: Record) -> str:
    """Format the settings of each arm and the provenance as JSON."""
    names = ("provenance", "numbers", "wall_seconds", "cpu_seconds", "peak_memory_mb", "settings")
    return json.dumps({name: record[name] for name in names if name in record}, indent=1, ensure_ascii=False)
