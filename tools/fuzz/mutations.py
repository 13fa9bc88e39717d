"""Mutations of files: values of other types, and bytes that are flipped, lost, repeated or inserted."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

RAW = "\ue000"
"""Placeholder for JSON that Python's own writer would not write."""

HOSTILE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10**6, 2**53, -(2**63), 2**64, 10**30, 10**400, 0.5, -0.0, 1e-320, 1e308),
    *("", " ", "[/]", "[bold", "\x00", "\x1b[31m", "a" * 5000, "é\u202e", "$x^{$", "<script>", "never", "../../x"),
    *([], {}, [[]], [None], {"": None}, {"a": {"b": []}}, [0] * 1000),
)
"""Replacement values for plain data."""

RAW_VALUES = ("NaN", "-Infinity", "1e999", '"\\ud800"', "[" * 2000 + "]" * 2000, "01", "'a'", "", "{", '"\x80"')
"""Replacement texts that are invalid or unusual JSON."""


def mutated_tree(rng: random.Random, tree: Any) -> Any:
    """Copy plain data with one to three places changed, lost, renamed or inserted."""
    changed = copy.deepcopy(tree)
    for _ in range(rng.randint(1, 3)):
        places = list(_places(changed))
        if not places:
            break
        above, key = rng.choice(places)
        what = rng.random()
        if what < 0.7:  # noqa: PLR2004 - mostly values
            above[key] = copy.deepcopy(rng.choice(HOSTILE)) if rng.random() < 0.85 else RAW + rng.choice(RAW_VALUES)  # noqa: PLR2004
        elif what < 0.85:  # noqa: PLR2004
            del above[key]
        elif isinstance(above, dict):
            above[rng.choice(("", "new", "[/]", "a" * 300, "format", "é"))] = above.pop(key)
        else:
            above.insert(0, above[key])
    return changed


def same_kinds(rng: random.Random, tree: Any) -> Any:
    """Copy plain data with some values replaced by others of the same type; most are valid, and must be shown."""
    changed = copy.deepcopy(tree)
    places = [(above, key) for above, key in _places(changed) if not isinstance(above[key], dict | list)]
    for above, key in rng.choices(places, k=rng.randint(1, 6)):
        alike = [value for value in HOSTILE if type(value) is type(above[key])]
        above[key] = rng.choice(alike)
    return changed


def _places(tree: Any) -> Any:
    """List every container in `tree` with each of its keys; of long lists only the first members."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield tree, key
            yield from _places(value)
    elif isinstance(tree, list):
        for index, value in enumerate(tree[:3]):
            yield tree, index
            yield from _places(value)


def as_json(tree: Any) -> bytes:
    """Write plain data as JSON, with raw texts in place of their placeholders."""
    text = json.dumps(tree, ensure_ascii=False)
    for raw in RAW_VALUES:
        text = text.replace(json.dumps(RAW + raw, ensure_ascii=False), raw)
    return text.encode("utf-8", "surrogatepass")


def mutated_bytes(rng: random.Random, content: bytes) -> bytes:
    """Change one to four places of `content`."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(changed) + 1)
        end = min(len(changed), start + rng.choice((1, 1, 2, 4, 16, 300)))
        how = rng.randrange(6)
        if how == 0 and start < len(changed):
            changed[start] ^= 1 << rng.randrange(8)
        elif how == 1:
            del changed[start:end]
        elif how == 2:  # noqa: PLR2004 - one of six ways
            changed[start:start] = changed[start:end]
        elif how == 3:  # noqa: PLR2004
            changed[start:start] = rng.randbytes(rng.choice((1, 4, 40)))
        elif how == 4:  # noqa: PLR2004
            changed[start:end] = rng.choice((b"\xff", b"\x00", b"9", b"-", b"[", b'"', b"\n")) * (end - start)
        else:
            del changed[start:]
    return bytes(changed)
