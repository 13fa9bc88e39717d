"""Control characters in texts from files, plug-ins and arguments do not reach the terminal."""

from __future__ import annotations

import errno
import io

import pytest

from tests.experiments.records import make_arm, make_record
from tpo import cli
from tpo.cli.escaping import escaped
from tpo.cli.streams import Escaping
from tpo.experiments.analysis import record as records

RED, TITLE, BACKWARDS = "\x1b[31m", "\x1b]0;mine\x07", "\u202e"
EVIL = f"a{RED}b{TITLE}c{BACKWARDS}d\x9b"
SHOWN = r"a\x1b[31mb\x1b]0;mine\x07c\u202ed\x9b"


@pytest.fixture
def folder(tmp_path):
    arms = {EVIL: make_arm(), "TPO": make_arm() | {"published": f"1{RED}"}}
    words = dict.fromkeys(("title", "source", "note", "scale", "backend"), EVIL)
    records.write(make_record(panels={f"V{RED}": arms, "W": arms}, deviations=[EVIL], **words), tmp_path)
    return tmp_path


def test_they_are_escaped_and_line_breaks_stay():
    assert escaped(f"{EVIL}\n\tend") == f"{SHOWN}\n\tend"


@pytest.mark.parametrize("more", [[], ["--against", "TPO"]])
def test_a_record_is_shown_without_them(tpo, folder, more):
    shown = tpo("show", folder, *more)
    assert not set(shown.out + shown.err) & {"\x1b", "\x07", "\u202e", "\x9b"}


def test_a_page_and_a_comparison_too(tpo, folder):
    for command in (("compare", folder, folder), ("report", folder)):
        shown = tpo(*command)
        assert shown.code == 0
        assert not set(shown.out + shown.err) & {"\x1b", "\x07", "\u202e", "\x9b"}


def test_errors_are_told_without_them(tpo):
    told = tpo("show", f"no{RED}where")
    assert told.code == 2
    assert r"no\x1b[31mwhere" in told.err


def test_labels_of_a_spec_are_refused_with_them(tpo, tmp_path):
    spec = tmp_path / "my.toml"
    spec.write_text(
        'name = "mine"\ntask = "token-reversal"\ntrainer = { steps = 1, seeds = 1 }\n'
        '[arms."a\\u001b[31m"]\nalgorithm = "tpo"\n'
    )
    told = tpo("run", "--spec", spec)
    assert told.code == 2
    text = r"titles and labels must have no control characters, such as line breaks; got 'a\x1b[31m'. Remove them."
    assert text in told.err


def test_click_writes_to_the_stream_though_its_terminal_knows_ascii_only():
    stream = Escaping(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert not hasattr(stream, "buffer")
    assert stream.encoding == "ascii"


def test_what_somebody_elses_exit_leaves_unsaid_is_said(tpo, monkeypatch):
    def leave(*_, **__):
        raise SystemExit(0)

    monkeypatch.setattr(cli.cli, "main", leave)
    told = tpo("list")
    assert told.code == 1
    assert told.err.startswith("error: unexpected: SystemExit(0), raised in leave")


@pytest.mark.parametrize("number", ["ENAMETOOLONG", "EACCES"])
def test_a_path_that_cannot_be_used_is_bad_input(tpo, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(getattr(errno, number), "reason", "a/b")

    monkeypatch.setattr(cli.cli, "main", refuse)
    text = (
        "error: a file or folder must be accessible; got 'a/b' (reason). Choose another one, or change its permissions."
    )
    told = tpo("list")
    assert (told.code, told.err) == (2, f"{text}\n")
