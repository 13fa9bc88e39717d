"""Full disks, terminals that cannot show all characters, and narrow ones."""

from __future__ import annotations

import errno
import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tpo import TPOError, cli
from tpo.cli.streams import Unfailing, abandon, replacing_characters

RESULTS = Path(__file__).parents[2] / "results"
SHOW = ("show", RESULTS / "figure5-laptop-torch")


def run(*arguments, stdout=subprocess.PIPE, **environment):
    command = [sys.executable, "-m", "tpo", *map(str, arguments)]
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, env=os.environ | environment, check=False, timeout=120
    )


@pytest.mark.parametrize("arguments", [("list",), SHOW, ("--help",), (*SHOW, "--json")])
def test_a_full_disk_is_told_in_a_line(arguments):
    with Path("/dev/full").open("wb") as full:
        done = run(*arguments, stdout=full)
    assert (done.returncode, done.stderr.decode()) == (
        1,
        "error: files must be readable and writable, with room on the disk; got No space left on device.\n",
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EIO, "Input/output error", "a.json"), "Input/output error, at 'a.json'"),
        (OSError("it broke off"), "it broke off"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_an_error_of_the_system_is_told_with_what_it_says_or_else_is(monkeypatch, capfd, error, reason):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(cli.cli, "main", fail)
    monkeypatch.setattr(cli, "abandon", lambda _: None)  # the output of pytest
    with pytest.raises(SystemExit) as left:
        cli.main(["list"])
    assert left.value.code == 1
    said = capfd.readouterr().err
    assert said == f"error: files must be readable and writable, with room on the disk; got {reason}.\n"


@pytest.mark.parametrize("stream", ["full", "closed"])
def test_a_run_goes_on_where_nothing_can_be_said(tmp_path, stream):
    command = [sys.executable, "-m", "tpo", "run", "figure3", "--scale", "smoke", "--output", str(tmp_path)]
    where = "2>/dev/full" if stream == "full" else ">&- 2>&-"
    done = subprocess.run(f"{shlex.join(command)} {where}", shell=True, check=False, timeout=120, capture_output=True)  # noqa: S602
    assert done.returncode == 0
    assert len(list((tmp_path / "cells").glob("*.npz"))) == 4


def open_files():
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


class ClosedStream:
    """A stream whose descriptor is closed."""

    def fileno(self, *_):
        raise OSError(errno.EBADF, "Bad file descriptor")

    write = flush = fileno


@pytest.mark.parametrize("stream", [None, ClosedStream()])
def test_lines_that_nobody_can_read_leave_no_file_open(stream):
    unfailing, before = Unfailing(stream), open_files()
    for _ in range(20):
        unfailing.write("a line")
        unfailing.flush()
    assert open_files() == before


def test_text_of_a_stream_that_fails_is_dropped_and_leaves_no_file_open(tmp_path):
    with (tmp_path / "full").open("w") as stream:
        before = open_files()
        abandon(stream)
        assert open_files() == before
        assert os.path.samestat(os.fstat(stream.fileno()), Path(os.devnull).stat())


def test_streams_replace_characters_only_within_the_scope(monkeypatch):
    streams = [io.TextIOWrapper(io.BytesIO(), "ascii", errors=errors) for errors in ("strict", "backslashreplace")]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    with replacing_characters():
        assert [stream.errors for stream in streams] == ["replace", "replace"]
    assert [stream.errors for stream in streams] == ["strict", "backslashreplace"]


@pytest.mark.parametrize("command", [SHOW, ("run", "table2", "--scale", "paper", "--list"), ("--help",), ("list",)])
def test_nobody_reads_the_output(command):
    read, write = os.pipe()
    os.close(read)
    done = run(*command, stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_characters_that_cannot_be_shown_are_replaced(encoding):
    done = run(*SHOW, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert ("±" in done.stdout.decode(encoding)) is (encoding != "ascii")
    assert (b" ? " in done.stdout) is (encoding == "ascii")


@pytest.mark.parametrize("width", ["1", "20", "40"])
def test_a_narrow_terminal_keeps_every_name_and_number(width):
    narrow, wide = (run(*SHOW, COLUMNS=columns).stdout.decode() for columns in (width, "200"))
    words = set(wide.split())
    assert {"TPO", "GRPO", "DG"} <= words
    assert words <= set(narrow.split())


def test_what_nobody_expected_is_an_error_in_a_line(tpo, monkeypatch):
    def boom(_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(cli, "_load", boom)
    monkeypatch.setattr(cli.cli, "_load", boom)
    found = tpo("list")
    assert (found.code, found.out) == (1, "")
    line = boom.__code__.co_firstlineno + 1
    assert found.err.startswith(
        f"error: unexpected: ZeroDivisionError('oops'), raised in boom (test_terminals.py, line {line}), called by "
    )
    assert found.err.endswith("Report it, with what TPO_TRACEBACK=1 shows.\n")
    monkeypatch.setenv("TPO_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["list"])


@pytest.mark.parametrize("name", ["\udcff", "caf\udce9", "a" * 256, "é" * 128])
@pytest.mark.parametrize("command", ["show", "report", "compare"])
def test_folders_of_any_name_are_refused_in_a_line(tpo, tmp_path, command, name):
    path = tmp_path / name
    found = tpo(command, path, *([path] if command == "compare" else []))
    assert found.code in {1, 2}
    assert found.err.startswith("error: ")
    assert "unexpected" not in found.err
    assert found.err.count("\n") == 1


def test_results_are_written_to_a_folder_whose_name_is_no_text(tpo, trainings, tmp_path):
    folder = tmp_path / "caf\udce9"
    ran = tpo("run", "single-context-bandit", "--steps", "3", "--algorithms", "tpo", "--output", folder)
    assert (ran.code, trainings) == (0, ["tpo"])
    assert (folder / "events.jsonl").exists()
    assert tpo("show", folder).code == 0


def test_the_traceback_of_an_error_with_a_cause_is_shown_if_asked_for(tpo, monkeypatch, tmp_path):
    (tmp_path / "broken_losses.py").write_text("raise OSError(28, 'no space')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert tpo("check-loss", "broken_losses:loss").code == 2
    monkeypatch.setenv("TPO_TRACEBACK", "1")
    with pytest.raises(TPOError) as caught:
        tpo("check-loss", "broken_losses:loss")
    assert isinstance(caught.value.__cause__, OSError)
