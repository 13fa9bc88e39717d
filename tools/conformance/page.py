"""The matrix as a self-contained HTML page."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from tools.conformance import compare, figures
from tools.conformance.measure import QUANTITIES
from tpo.testing.golden.corpus import ETAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.conformance.report import Matrix

TEMPLATE = Path(__file__).with_name("page.html")


def render(matrix: Matrix) -> str:
    """Render the page from the template next to this file."""
    worst = worst_groups(matrix.records)
    return Template(TEMPLATE.read_text()).substitute(
        tone="bad" if matrix.failures else "good",
        verdict=escape(figures.verdict(matrix.records, matrix.failures)),
        groups=escape(" and ".join(f"{count:,} {dtype} groups" for dtype, count in matrix.groups.items())),
        temperatures=len(ETAS),
        inputs=matrix.inputs[:16],
        failures="".join(["<ul>", *(f"<li><code>{escape(text)}</code></li>" for text in matrix.failures), "</ul>"]),
        u_bar=compare.BARS["u"],
        q_bar=compare.BARS["q"],
        fast_bar=compare.FAST_BAR,
        rows=_table(figures.COLUMNS, (figures.cells(record) for record in matrix.records)),
        matrix=_agreement(matrix.records),
        ulps=_table(("dtype", "quantity", "ULP", "row", "group"), (_ulp_cells(found) for found in worst)),
        worst="".join(_details(found) for found in worst),
        absent=_table(("row", "why"), matrix.absent, last="wrap"),
    )


def worst_groups(records: list[dict]) -> list[dict]:
    """The worst group of every dtype and quantity over all rows, and the first row that has it."""
    found: dict[tuple[str, int], dict] = {}
    for record in records:
        for worst in figures.worst_cases(record):
            key = worst["where"]["dtype"], QUANTITIES.index(worst["quantity"])
            if key not in found or worst["ulp"] > found[key]["ulp"]:
                found[key] = worst | {"row": record["row"]}
    return [found[key] for key in sorted(found)]


def _ulp_cells(worst: dict) -> list[str]:
    where = worst["where"]
    group = f"K={where['size']}, {where['families']}"
    return [where["dtype"], worst["quantity"], f"{worst['ulp']:.4f}", worst["row"], group]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], last: str = "") -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in header)
    body = "".join(f"<tr>{_cells(row, last)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Sequence[str], last: str) -> str:
    styles = [""] * (len(row) - 1) + [f' class="{last}"' if last else ""]
    return "".join(f"<td{style}>{escape(text)}</td>" for style, text in zip(styles, row, strict=True))


def _agreement(records: list[dict]) -> str:
    numbers = "".join(f"<th>{number}</th>" for number in range(1, len(records) + 1))
    lines = zip(records, compare.agreement(records), strict=True)
    body = "".join(
        f'<tr><th class="name">{number} {escape(record["row"])}</th>{"".join(map(_share, shares))}</tr>'
        for number, (record, shares) in enumerate(lines, 1)
    )
    return f'<table class="matrix"><tr><th class="name"></th>{numbers}</tr>{body}</table>'


def _share(share: float | None) -> str:
    if share is None:
        return '<td class="none"></td>'
    return '<td class="same">=</td>' if share == 1 else f'<td class="other">{int(100 * share)}</td>'


def _details(worst: dict) -> str:
    where = worst["where"]
    title = f"{where['dtype']}, {worst['quantity']}: {worst['ulp']:.4f} ULP, candidate {where['candidate']}"
    shown = ("families", "value", "true", "log_probs", "scores", "mask")
    lines = "".join(f"<p>{name}: <code>{escape(_text(where[name]))}</code></p>" for name in shown)
    return f"<details><summary>{escape(title)}</summary>{lines}</details>"


def _text(value: object) -> str:
    return " ".join(str(x) for x in value) if isinstance(value, list) else str(value)
