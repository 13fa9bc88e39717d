"""Comparing the rows that ran: `python -m tools.conformance.report FOLDER`.

Prints a table, writes `conformance.json` and `conformance.html` to the folder, and exits with 1 if one bit differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

from tools.conformance import compare, inputs, page, table
from tools.conformance.row import CRASHED, code_digest
from tools.conformance.rows import ELSEWHERE, ROWS, Elsewhere, Row, beside
from tools.interpreters import starts
from tpo.testing.golden import corpus


class Matrix(NamedTuple):
    """The data of the report.

    Attributes:
        inputs: The digest of the corpus.
        groups: The number of groups by dtype.
        records: The records of the rows that ran.
        absent: The rows that did not run, with the reasons.
        failures: The failures, one sentence each.
    """

    inputs: str
    groups: dict[str, int]
    records: list[dict]
    absent: list[Elsewhere]
    failures: list[str]


def read(folder: Path, rows: list[Row]) -> Matrix:
    """Read and compare the records of `rows` in `folder`."""
    groups = corpus.load(inputs.corpus_file(folder))
    found = {row.name: _record(row, folder) for row in rows}
    digest, code = corpus.digest(groups), code_digest()
    reasons = {name: _why_not(record, digest, code) for name, record in found.items()}
    records = [record for name, record in found.items() if not reasons[name]]
    absent = [Elsewhere(name, reason) for name, reason in reasons.items() if reason]
    crashed = [f"{name}: {CRASHED}" for name, reason in reasons.items() if reason == CRASHED]
    failures = compare.failures(records, groups, folder)
    return Matrix(digest, inputs.counts(groups), records, [*absent, *ELSEWHERE], [*failures, *crashed])


def _record(row: Row, folder: Path) -> dict:
    file = folder / "rows" / f"{row.file}.json"
    if file.exists():
        return json.loads(file.read_text())
    found = starts(f"python{row.environment.python}")
    return {"not run": "not asked for" if found else f"Python {row.environment.python} is missing"}


def _why_not(record: dict, digest: str, code: str) -> str:
    """The reason why a record does not count; empty if it counts."""
    if "not run" in record:
        return record["not run"]
    if record["inputs"] != digest:
        return "its result is of another corpus: run it again"
    return "" if record["code"] == code else "its result is of another state of the code: run it again"


def as_json(matrix: Matrix) -> dict:
    """Convert the matrix to JSON data."""
    overall = {r["row"]: {d: compare.overall_digest(r, d) for d in r["dtypes"]} for r in matrix.records}
    return matrix._asdict() | {"digests": overall, "absent": [found._asdict() for found in matrix.absent]}


def main(folder: Path, rows: list[Row]) -> int:
    """Write and print the report on `rows`; return the exit code."""
    matrix = read(folder, rows)
    (folder / "conformance.json").write_text(json.dumps(as_json(matrix), indent=1) + "\n")
    (folder / "conformance.html").write_text(page.render(matrix))
    table.show(matrix)
    print(f"\n{folder / 'conformance.html'}")  # noqa: T201
    return 1 if matrix.failures else 0


def chosen(folder: Path, adapter: str) -> list[Row]:
    """The rows to compare: those of the matrix that ran, followed by those of an adapter."""
    ran = [row for row in ROWS if (folder / "rows" / f"{row.file}.json").exists()]
    return [*ran, *(row for environment in beside(adapter) for row in environment.rows)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--adapter", metavar="BACKEND", help="compare the rows of this backend with those that ran")
    options = parser.parse_args()
    sys.exit(main(options.folder, chosen(options.folder, options.adapter) if options.adapter else ROWS))
