"""Completions that a scorer may stumble over: mutated right ones, odd characters, deep nesting, huge numbers, code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

PIECES = (
    *("<answer>", "</answer>", "####", "Answer:", "```", "```json\n", r"\boxed{", "}", "{", r"\frac{1}{2}", "$", ","),
    *("0", "1", "18", "1,234", "3/4", "1/0", "-5", ".5", "9" * 40, "(", ")", "+", "-", "*", "/", "=", "**", "//"),
    *("1e9", "1e999999999", "10^9", "50%", "1 000", "x", "e", "the answer is ", r"\text{", r"\times", "_", "'", ";"),
    *('{"0": 1}', '{"0": ', '"0"', "[", "]", ":", "null", "NaN", "1e999", "true", "Infinity", '"\\ud800"'),
    *("Emma", "Liam", " is a ", "knight", "knave", " and ", ".", " ", "\n", "\x00", "\ud800", "\udfff", "\u202e"),
    *("\N{MINUS SIGN}", "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT THREE}"),
    *("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"),
)
"""Parts of answers and odd characters."""

NESTS = (
    *(("(", ")"), ("{", "}"), ("[", "]"), (r"\boxed{", "}"), (r"\frac{", "}{1}"), (r"\text{", "}"), ('{"0":', "}")),
    *(
        ("<answer>", "</answer>"),
        ("```\n", "\n```"),
        ("**", "**"),
        ("$", "$"),
        ("-", ""),
        ("~", ""),
        ("\N{NOT SIGN}", ""),
    ),
)
"""What can be nested: its beginning and its end."""

HOSTILE = (
    *(
        "1/0",
        "0/0",
        "1e999999999",
        "-1e-999999999",
        "9**9**9**9",
        "10^999999999",
        "(1)" * 50,
        "nan",
        "inf",
        "1_0" * 500,
    ),
    *(
        "__import__('os').abort()",
        "exit()",
        "[[] for a in 'aaaa' for b in 'aaaa']*9",
        "(lambda f: f(f))(lambda f: f(f))",
    ),
    *("F+999999999", "R999999999", "'a'*10**10", "1<<10**10", "x**999999999", "factorial(10**9)"),
    *("\ud800", "\udfff\ud800", "\x00", "\x00" * 500, "\u202e", "A\N{COMBINING ACUTE ACCENT}" * 300, "\r\n" * 500),
    *('{"0": 1e999}', '{"0": NaN}', '{"0": ' + "9" * 5000 + "}", '{"0": {"0": 1}, "0": 2}', '{"a":1,' * 500 + "}"),
)
"""Code, numbers and JSON that must not be evaluated or believed."""

REPEATED = ("9", "1,", "1 000 ", "1/", "-", ".", " ", "\n", "=", "(", "x", "a ", "#", "A=1,", "R ", "0 ", "é", "\ud800")
LENGTHS = (10, 100, 1000, 5000, 10**5)
"""How often something is repeated: 10**5 digits are more than Python converts."""

TAGS = "<answer>{}</answer>"
WRAPS = ("{}", "{}", TAGS, TAGS, TAGS, "<answer>{}", "#### {}", r"\boxed{{{}}}", "```\n{}\n```")
"""What an answer is put into."""

NUMBERS = ("{}", "-{}", "{}/3", "1/{}", "1e{}", "{}e9", "0.{}", "{}%", r"\frac{{1}}{{{}}}", "10^{}")


class Completion(NamedTuple):
    """A completion.

    Attributes:
        text: It.
        what: How it was made.
    """

    text: str
    what: str


def completion(rng: random.Random, right: str) -> Completion:
    """Draw a completion.

    Args:
        rng: The source of randomness.
        right: A right answer, which may be mutated.
    """
    what = rng.choices(list(KINDS), [share for share, _ in KINDS.values()])[0]
    return Completion(rng.choice(WRAPS).format(KINDS[what][1](rng, right)), what)


def strange(rng: random.Random) -> str:
    """Draw a completion: parts of answers in any order, some of them many times, or any characters."""
    if rng.random() < 0.1:  # noqa: PLR2004 - seldom
        return _characters(rng, "")
    return _pieces(rng, "")


def _characters(rng: random.Random, right: str) -> str:
    del right
    return "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randrange(40)))


def _pieces(rng: random.Random, right: str) -> str:
    del right
    parts = rng.choices(PIECES, k=rng.randrange(25))
    return "".join(part * (rng.randrange(2, 200) if rng.random() < 0.03 else 1) for part in parts)  # noqa: PLR2004


def _mutated(rng: random.Random, right: str) -> str:
    """Change one to four places: lost, doubled, or replaced by a part of an answer or a character."""
    text = right
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text) + 1)
        end = start + rng.choice((0, 1, 1, 3, 30))
        drawn = (rng.choice(PIECES), rng.choice(HOSTILE), chr(rng.randrange(32, 0x3000)))
        text = text[:start] + rng.choice(("", text[start:end] * 2, *drawn)) + text[end:]
    return text


def _nested(rng: random.Random, right: str) -> str:
    begin, end = rng.choice(NESTS)
    depth = rng.choice(LENGTHS[:4])
    return begin * depth + rng.choice((right, "1", "")) + end * rng.choice((depth, depth - 1, 0))


def _repeated(rng: random.Random, right: str) -> str:
    times = rng.choice(LENGTHS)
    return rng.choice((*REPEATED, right[:5])) * times + rng.choice(("", right, "x"))


def _number(rng: random.Random, right: str) -> str:
    del right
    digits = "".join(rng.choices("0123456789", k=rng.choice((3, 20, 400)))) * rng.choice((1, 1, 1, 12, 250))
    return rng.choice(NUMBERS).format(digits)


def _hostile(rng: random.Random, right: str) -> str:
    return rng.choice(("{0}", "{0}", "{1}{0}", "{0}{1}", "{1}, {0}")).format(rng.choice(HOSTILE), right)


KINDS: Mapping[str, tuple[float, Callable[[random.Random, str], str]]] = {
    "a mutated right answer": (0.5, _mutated),
    "parts of answers": (0.15, _pieces),
    "any characters": (0.1, _characters),
    "code, odd numbers and JSON": (0.1, _hostile),
    "deep nesting": (0.04, _nested),
    "something repeated": (0.04, _repeated),
    "a number": (0.07, _number),
}
"""Kinds of completions with their shares."""
