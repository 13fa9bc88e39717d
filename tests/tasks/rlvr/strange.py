"""Random completions that a parser may stumble over."""

PIECES = (
    *("<answer>", "</answer>", "####", "Answer:", "```", "```json\n", r"\boxed{", "}", "{", r"\frac{1}{2}", "$", ","),
    *("0", "1", "18", "1,234", "3/4", "1/0", "-5", ".5", "9" * 40, "(", ")", "+", "-", "*", "/", "=", "**", "//"),
    *('{"0": 1}', '{"0": ', '"0"', "[", "]", ":", "null", "NaN", "1e999", "true", "Infinity", '"\\ud800"'),
    *("Emma", "Liam", " is a ", "knight", "knave", " and ", ".", " ", "\n", "\x00", "\ud800", "\udfff", "\u202e"),
    *(
        "\N{MINUS SIGN}",
        "\N{SUPERSCRIPT TWO}",
        "\N{ARABIC-INDIC DIGIT THREE}",
        "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}",
    ),
)
"""Parts of answers and odd characters."""


def strange(rng):
    """Draw a completion: parts of answers in any order, some of them many times, or any characters."""
    if rng.random() < 0.1:
        return "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randrange(40)))
    parts = rng.choices(PIECES, k=rng.randrange(25))
    return "".join(part * (rng.randrange(2, 200) if rng.random() < 0.03 else 1) for part in parts)
