"""Control characters in texts from files and plug-ins, which must not reach the terminal."""

from __future__ import annotations

ALLOWED = "\n\t"
"""Control characters that only divide a text."""

CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
"""Control characters of ASCII and Latin-1. With one of them begin sequences that move the cursor or set colours."""

REORDERING = (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that break lines, or reverse the order of what follows."""

ESCAPES = {
    **{code: f"\\x{code:02x}" for code in CONTROLS if chr(code) not in ALLOWED},
    **{code: f"\\u{code:04x}" for code in REORDERING},
}


def escaped(text: str) -> str:
    r"""Replace control characters, other than line breaks and tabs, by escapes such as `\x1b`."""
    return text.translate(ESCAPES)
