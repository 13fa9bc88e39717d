"""Some mutants and command lines: none ends in a traceback, and the session would tell."""

from __future__ import annotations

import random

import pytest

from tools.fuzz import __main__ as session
from tools.fuzz import calls, files, mutations
from tpo import cli


def test_some_mutants_and_command_lines_end_in_a_line():
    counts, found = session.fuzz(150, 150, seed=7, seconds=20.0, most=200.0)
    assert found == []
    assert set(counts) >= {"record", "header", "spec", "events", "archive", "command"}
    assert counts["command"] == 150


def test_a_traceback_and_a_hang_are_found(monkeypatch):
    def hang(_):
        while True:
            pass

    monkeypatch.setattr(cli.cli, "_load", lambda _: 1 / 0)
    found = calls.call(["list"], 10.0)
    assert (found.kind, found.what) == ("traceback", "'list'")
    assert "unexpected: ZeroDivisionError('division by zero')" in found.said
    monkeypatch.setattr(cli.cli, "_load", hang)
    assert calls.call(["list"], 0.1) == ("hang", "'list'", "longer than 0.1 s")
    monkeypatch.undo()
    assert calls.call(["--help"], 10.0) is None


def test_the_session_fails_where_something_is_found(monkeypatch, capsys):
    finding = calls.Finding("hang", "'list'", "longer than 1 s")
    monkeypatch.setattr(session, "fuzz", lambda *_, **__: (session.Counter(command=1), [finding]))
    assert session.main(["--mutants", "0", "--commands", "1"]) == 1
    assert (
        capsys.readouterr()
        .out.splitlines()[-1]
        .startswith("0 mutants and 1 command lines, seed 0: calls 1 of command; 0 tracebacks, 1 hangs, ")
    )
    monkeypatch.setattr(session, "fuzz", lambda *_, **__: (session.Counter(command=1), []))
    assert session.main([]) == 0


@pytest.mark.parametrize("kind", files.KINDS)
def test_a_seed_makes_the_same_mutants(tmp_path, kind):
    made = []
    for name in ("a", "b"):
        place = tmp_path / name
        place.mkdir()
        files.KINDS[kind][1](random.Random(5), place)  # noqa: S311 - nothing secret
        made.append({path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()})
    assert made[0]
    if kind not in {"header", "archive"}:
        assert made[0] == made[1]
    assert list(made[0]) == list(made[1])


def test_what_is_no_json_gets_in():
    tree = {"a": mutations.RAW + "NaN", "b": [mutations.RAW + '"\\ud800"']}
    assert mutations.as_json(tree) == b'{"a": NaN, "b": ["\\ud800"]}'
