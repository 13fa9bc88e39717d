"""One self-contained page of exhibits and runs of tasks, made from their records."""

from __future__ import annotations

import io
import itertools
import json
import math
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

import tpo
from tpo.errors import InvalidArgumentError
from tpo.experiments.analysis.paper_values import paper_values
from tpo.experiments.analysis.record import NEVER, NO_DATA, in_digits, outdated
from tpo.experiments.figures import exhibit
from tpo.experiments.figures.drawing import matplotlib, report_missing
from tpo.experiments.storage import output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tpo.experiments.spec.schema import Record

INK = "#010203"
"""Stands for the colour of text while a figure is drawn; the page has it follow the reader's light or dark."""

IDS = re.compile(r'(\bid="|\burl\(#|\bhref="#)')
"""What stands before the name of a part of a figure, where it is named and where it is used."""

MARK = b"<title>Target Policy Optimization"
"""Tells a page of ours from other files."""

BESIDES = ("panel", "arm", "what", "ours", "paper", "source")
"""The heads of the table of further numbers."""

TableCell = tuple[str, str]
"""A text, and what its column is sorted by."""


def write(records: Sequence[Record], path: Path) -> None:
    """Write the page of `records` to `path`.

    Raises:
        InvalidArgumentError: There is none.
        NotInstalledError: matplotlib or Jinja is missing.
        OutputError: It cannot be written.
    """
    if not records:
        raise InvalidArgumentError("the page must show an exhibit or a run; got none. Run one: tpo run table1.")
    output.check_ours(path, MARK)
    output.write(path, render(records).encode(errors="replace"))


def render(records: Sequence[Record]) -> str:
    """The page as HTML."""
    try:
        import jinja2  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise report_missing("Jinja must be installed to make the page; got no such module.") from error
    text = resources.files("tpo.experiments.figures").joinpath("page.html").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(text)
    shown = [
        record | {"anchor": anchor, "svg": svg(record, anchor), "outdated": outdated(record.get("numbers", 1))}
        for record, anchor in zip(records, anchors(records), strict=True)
    ]
    tables = {"columns": columns, "rows": rows, "besides": BESIDES, "beside_rows": beside_rows}
    return template.render(records=shown, **tables, details=details, version=tpo.__version__)


def anchors(records: Sequence[Record]) -> list[str]:
    """A name of each: exhibit, scale and backend, and a number where there was one of these before."""
    taken: dict[str, None] = {}
    for record in records:
        name = re.sub(r"[^\w-]+", "-", f"{record['exhibit']}-{record['scale']}-{record['backend']}")
        names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        taken[next(name for name in names if name not in taken)] = None
    return list(taken)


def svg(record: Record, anchor: str) -> str:
    """The figure, in the colours of the page around it; the names of its parts begin with `anchor`."""
    names = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    style: Any = dict.fromkeys(names, INK) | {"svg.fonttype": "none", "svg.hashsalt": anchor}
    content = io.StringIO()
    with matplotlib().rc_context(style):
        figure = exhibit.draw(record)
        figure.savefig(content, format="svg", transparent=True, metadata={"Date": None})
    drawn = content.getvalue()
    return IDS.sub(rf"\g<1>{anchor}-", drawn[drawn.index("<svg") :].replace(INK, "currentColor"))


def columns(record: Record) -> list[str]:
    """The heads of the table."""
    last = ["paper", "difference", "steps to 1 % (median)", "seeds", "seconds per step"]
    return ["panel", "arm", record["statistic"], "± standard error", "median", *last]


def rows(record: Record) -> list[list[TableCell]]:
    """A row per panel and arm."""
    return [
        _row(panel, index, label, arm)
        for index, (panel, arms) in enumerate(record["panels"].items())
        for label, arm in arms.items()
    ]


def _row(panel: str, index: int, label: str, arm: dict[str, Any]) -> list[TableCell]:
    ours = arm["ours"]
    published = _number(arm["published"]) if arm["published"] is not None else ("", str(math.inf))
    return [
        (panel, str(index)),
        (label, label),
        _number(ours["of_mean"]),
        _number(ours["spread"], "") if ours["spread"] is not None else ("", "0"),
        _number(ours["median"]),
        published,
        _number(arm["difference"], "") if arm["difference"] is not None else ("", str(math.inf)),
        _number(arm["steps_to_1pct"]["median"]),
        (f"{arm['seeds']} of {arm['seeds_planned']}", str(arm["seeds"])),
        _number(arm["seconds_per_step"], ""),
    ]


def _number(value: float | str | None, missing: str = NEVER) -> TableCell:
    if isinstance(value, str):
        return value, "Infinity" if value in {NEVER, NO_DATA} else value.lstrip("<>")
    if value is None:
        return missing, "Infinity"
    return in_digits(value), repr(float(value))


def beside_rows(record: Record) -> list[list[TableCell]]:
    """A row per further number that the paper published."""
    return [
        [
            *((text, text) for text in (one.panel, one.arm, one.what)),
            _number(one.ours, ""),
            _number(one.published),
            (one.source, one.source),
        ]
        for one in paper_values(record)
    ]


def details(record: Record) -> str:
    """Settings of each arm and what made the results, as JSON."""
    names = ("provenance", "numbers", "wall_seconds", "cpu_seconds", "peak_memory_mb", "settings")
    return json.dumps({name: record[name] for name in names if name in record}, indent=1, ensure_ascii=False)
