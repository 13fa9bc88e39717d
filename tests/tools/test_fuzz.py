"""Some mutants and command lines: none ends in a traceback, and the session would tell."""

from __future__ import annotations

import os
import random

import pytest

from tools.fuzz import __main__ as session
from tools.fuzz import calls, files, mutations
from tpo import cli


def test_some_mutants_and_command_lines_end_in_a_line(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    before = dict(os.environ)
    outcome = session.fuzz(150, 150, seed=7, seconds=20.0, most=200.0)
    assert outcome.found == []
    assert set(outcome.calls) >= {"record", "header", "spec", "events", "archive", "command"}
    assert outcome.calls["command"] == 150
    assert outcome.tried == {"mutant": 150, "command": 150}
    assert dict(os.environ) == before


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


HANG = calls.Finding("hang", "'list'", "longer than 1 s")
ALL = ("--mutants", "2", "--commands", "1")


@pytest.mark.parametrize(
    ("found", "tried", "options", "code"),
    [
        ([], {"mutant": 2, "command": 1}, (), 0),
        ([HANG], {"mutant": 2, "command": 1}, (), 1),
        ([], {"command": 1}, (), 3),
        ([], {"mutant": 2}, (), 3),
        ([], {"mutant": 1, "command": 1}, ("--cut-short",), 0),
        ([HANG], {"mutant": 1, "command": 1}, ("--cut-short",), 1),
    ],
)
def test_the_session_fails_where_something_is_found_or_not_all_is_tried(
    monkeypatch, capsys, found, tried, options, code
):
    outcome = session.Outcome(session.Counter(command=1), session.Counter(tried), found)
    monkeypatch.setattr(session, "fuzz", lambda *_, **__: outcome)
    assert session.main([*ALL, *options]) == code
    said, *cut_short = capsys.readouterr().out.splitlines()[2 * len(found) :]
    mutants, commands = tried.get("mutant", 0), tried.get("command", 0)
    assert said.startswith(
        f"tried {mutants} of 2 mutants and {commands} of 1 command lines, seed 0: calls 1 of command; "
        f"0 tracebacks, {len(found)} hangs, "
    )
    wanted = (
        []
        if (mutants, commands) == (2, 1)
        else ["the time, 300 s, ended before all was tried; give it more: --most SECONDS"]
    )
    assert cut_short == wanted


def test_a_session_without_time_says_how_little_it_tried(capsys):
    assert session.main(["--mutants", "5", "--commands", "5", "--most", "0"]) == session.CUT_SHORT
    said = capsys.readouterr().out
    assert said.startswith(("tried 1 of 5 mutants and 0 of 5 ", "tried 0 of 5 mutants and 1 of 5 "))
    assert said.endswith("\nthe time, 0 s, ended before all was tried; give it more: --most SECONDS\n")


def test_mutants_and_command_lines_take_turns(tmp_path):
    kinds = [kind == "command" for kind, _ in session.cases(20, 20, 0, tmp_path)]
    assert sum(kinds) == 20
    assert 5 <= sum(kinds[:20]) <= 15


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
