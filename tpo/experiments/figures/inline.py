"""Parts of self-contained pages: templates with one style, and figures as SVG in the colours of the page."""

from __future__ import annotations

import io
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

import tpo
from tpo.experiments.figures.drawing import REPORT, matplotlib, quietly
from tpo.plugins.installation import import_extra

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

INK = "#010203"
"""Placeholder for the text colour in figures; the page replaces it by that of the reader's light or dark mode."""

IDS = re.compile(r'(\bid="|\burl\(#|\bhref="#)')
"""Pattern of the text before the ids of a figure's parts, in definitions and uses."""

STYLE = ("tpo.experiments.figures", "style.css")
"""The package and name of the style of all pages."""


def render(package: str, **values: Any) -> str:
    """Render the template `page.html` of a package with some values, and with `style` and `version`.

    Raises:
        NotInstalledError: Jinja is missing.
    """
    jinja2 = import_extra("jinja2", "Jinja", "make the page", install=REPORT)
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        _text(package, "page.html")
    )
    page: str = template.render(**values, style=_text(*STYLE), version=tpo.__version__)
    return page


def inline_svg(draw: Callable[[], Figure], anchor: str) -> str:
    """Draw a figure as SVG in the colours of the page, with ids that begin with `anchor`.

    Raises:
        NotInstalledError: matplotlib is missing.
    """
    names = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    style: Any = dict.fromkeys(names, INK) | {"svg.fonttype": "none", "svg.hashsalt": anchor}
    content = io.StringIO()
    with matplotlib().rc_context(style), quietly():
        draw().savefig(content, format="svg", transparent=True, metadata={"Date": None})
    drawn = content.getvalue()
    return IDS.sub(rf"\g<1>{anchor}-", drawn[drawn.index("<svg") :].replace(INK, "currentColor"))


def _text(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")
