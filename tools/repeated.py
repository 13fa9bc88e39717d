"""Finding repeated code in the source."""

from __future__ import annotations

import io
import itertools
import tokenize
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tools.source import modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RUN_LENGTH = 6
MOST_PLACES = 8
"""Code in more places than this is an idiom, not a repetition."""

KEYWORDS = {"def", "return", "if", "else", "for", "in", "class", "raise", "import", "from", "with", "not", "and", "or"}
"""Words that are compared; all other names count as equal."""


class Line(NamedTuple):
    """A logical line of code: its line number, and its tokens with names, strings and numbers masked."""

    number: int
    shape: str


def logical_lines(file: Path) -> list[Line]:
    """List the lines of code of a file, without imports, docstrings, comments and lone brackets."""
    lines: list[Line] = []
    parts: list[str] = []
    number = 0
    for token in tokenize.generate_tokens(io.StringIO(file.read_text()).readline):
        if token.type in {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT}:
            continue
        if token.type in {tokenize.NEWLINE, tokenize.ENDMARKER}:
            if parts and parts[0] not in {"import", "from"} and parts != ["S"]:
                lines.append(Line(number, " ".join(parts)))
            parts = []
            continue
        number = number if parts else token.start[0]
        masked = {tokenize.STRING: "S", tokenize.NUMBER: "N"}.get(token.type, token.string)
        is_name = token.type == tokenize.NAME and token.string not in KEYWORDS
        parts.append("x" if is_name else masked)
    return lines


def repeated_places(root: Path) -> list[tuple[str, str]]:
    """Find pairs of places with six or more equal logical lines, ignoring names and values.

    Overlapping runs at the same offset in a pair of files count once. Runs in more than `MOST_PLACES` places are left
    out.
    """
    windows: dict[tuple[str, ...], list[tuple[Path, int]]] = defaultdict(list)
    numbers = {}
    for file in modules(root).values():
        lines = logical_lines(file)
        numbers[file] = [line.number for line in lines]
        for at in range(len(lines) - RUN_LENGTH + 1):
            windows[tuple(line.shape for line in lines[at : at + RUN_LENGTH])].append((file, at))
    diagonals: dict[tuple[Path, Path, int], list[int]] = defaultdict(list)
    for places in windows.values():
        if 1 < len(places) <= MOST_PLACES:
            for (one, first), (two, second) in itertools.combinations(places, 2):
                if one != two or second - first >= RUN_LENGTH:
                    diagonals[one, two, second - first].append(first)
    return list(_starts(diagonals, numbers, root))


def _starts(
    diagonals: Mapping[tuple[Path, Path, int], list[int]], numbers: Mapping[Path, list[int]], root: Path
) -> Iterator[tuple[str, str]]:
    for (one, two, shift), starts in diagonals.items():
        for start in starts:
            if start - 1 not in starts:
                first, second = numbers[one][start], numbers[two][start + shift]
                yield f"{one.relative_to(root)}:{first}", f"{two.relative_to(root)}:{second}"
