"""The page of an audit: self-contained HTML with its findings and figures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tpo.experiments.figures import inline
from tpo.experiments.storage import output
from tpo.rollouts.report.figures import DRAWINGS
from tpo.rollouts.report.plain import plain

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.rollouts.audit import Audit
    from tpo.rollouts.rollouts import Rollouts

MARK = b"<title>Rollouts, audited by tpo"
"""The text by which a page of an audit is recognised."""


def write(path: Path, source: str, rollouts: Rollouts, found: Audit) -> None:
    """Write the page of an audit of the rollouts from `source` to `path`; an earlier one is replaced.

    Raises:
        NotInstalledError: matplotlib or Jinja is missing.
        OutputError: It cannot be written, or another file is there.
    """
    output.check_ours(path, MARK)
    output.write(path, render(source, rollouts, found).encode(errors="replace"))


def render(source: str, rollouts: Rollouts, found: Audit) -> str:
    """Render the page of an audit as HTML."""
    figures = [
        (drawing.title, inline.inline_svg(partial(drawing.draw, rollouts), f"figure-{number}"))
        for number, drawing in enumerate(DRAWINGS)
        if rollouts.available.issuperset(drawing.needs)
    ]
    return inline.render("tpo.rollouts.report", audit=plain(source, rollouts, found), figures=figures)
