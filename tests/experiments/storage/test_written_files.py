"""Outputs are written beside their place, and renamed only over regular files."""

from __future__ import annotations

import errno
import os

import filelock
import pytest

from tpo import OutputError, files, folders
from tpo.cli import main
from tpo.experiments.figures.drawing import replace_figures
from tpo.experiments.storage import output
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.tracking.event_log import Events
from tpo.folders import LOCK, Use, locked

USE = Use("output", "--output")


def fifo(path):
    os.mkfifo(path)


def link(path):
    path.symlink_to(path.with_name("target"))


KINDS = [(fifo, "a named pipe"), (link, "a symbolic link"), (os.mkdir, "a folder")]


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_what_is_no_regular_file_is_refused_and_stays(tmp_path, make, kind):
    (tmp_path / "target").write_bytes(b"precious")
    path = tmp_path / "page.html"
    make(path)
    before = path.lstat()
    with pytest.raises(OutputError) as caught:
        output.write(path, b"new")
    assert str(caught.value) == (
        f"an output must be a new or a regular file; got {str(path)!r}, which is {kind}. "
        "Remove it, or choose another name."
    )
    assert path.lstat() == before
    assert (tmp_path / "target").read_bytes() == b"precious"
    assert {found.name for found in tmp_path.iterdir()} == {"page.html", "target"}


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_the_command_refuses_it_too(tpo_in_process, tmp_path, make, kind):
    path = tmp_path / "page.html"
    make(path)
    outcome = tpo_in_process("report", "results", "--output", path)
    assert outcome[0] == 2
    assert f"which is {kind}. Remove it, or choose another name." in outcome[1]


@pytest.fixture
def tpo_in_process(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        return caught.value.code, capsys.readouterr().err

    return call


def test_a_page_replaces_only_a_page(tpo_in_process, tmp_path):
    path = tmp_path / "thesis.html"
    path.write_text("<title>My thesis</title>")
    code, err = tpo_in_process("report", "results", "--output", path)
    assert (code, path.read_text()) == (2, "<title>My thesis</title>")
    assert "an output must be new or made by tpo before; got" in err


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_figures_replace_only_files(tmp_path, make, kind):
    make(tmp_path / "figure.png")
    with pytest.raises(OutputError, match=f"which is {kind}"):
        replace_figures(tmp_path, ("figure.png",), lambda: None)
    assert (tmp_path / "figure.png").lstat()


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_the_log_is_only_a_file(tmp_path, make, kind):
    (tmp_path / "target").write_bytes(b"precious")
    make(tmp_path / "events.jsonl")
    warnings = []
    Events(tmp_path, {}, warnings.append).close()
    assert f"which is {kind}" in warnings[0]
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "target").write_bytes(b"precious")
    link(tmp_path / LOCK)
    with pytest.raises(OutputError, match="which is a symbolic link"):
        CellStore(tmp_path).locked().__enter__()
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_what_is_read_is_a_regular_file_of_a_sane_size(tmp_path):
    fifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"12345")
    with pytest.raises(ValueError, match="it is a named pipe, and no file"):
        files.read(tmp_path / "pipe", 5)
    with pytest.raises(ValueError, match="it is larger than 4 bytes"):
        files.read(tmp_path / "file", 4)
    assert files.read(tmp_path / "file", 5) == b"12345"


@pytest.mark.parametrize("length", [251, 255, 256, 400])
def test_names_as_long_as_the_file_system_allows(tmp_path, length):
    path = tmp_path / ("a" * length)
    if length < 256:
        output.write(path, b"new")
        assert path.read_bytes() == b"new"
    else:
        with pytest.raises(OutputError, match=r"\(File name too long\)\. Choose a shorter name: --output\."):
            output.write(path, b"new")


@pytest.mark.parametrize("error", [OSError(errno.ENOLCK, "No locks available"), NotImplementedError("no flock")])
def test_a_file_system_without_locks(tmp_path, monkeypatch, error):
    def refuse(_):
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with pytest.raises(OutputError) as caught, locked(tmp_path, USE):
        pass
    assert str(caught.value) == (
        f"the output folder must be on a file system with locks; got {str(tmp_path)!r} ({error}). "
        "Choose one on a disk of this machine: --output."
    )


def test_a_file_system_without_locks_is_no_other_tpo(tmp_path, monkeypatch):
    # As filelock 3.12 has it.
    def time_out(lock):
        raise filelock.Timeout(lock.lock_file)

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", time_out)
    (tmp_path / LOCK).touch()
    with pytest.raises(OutputError, match="must not be in use"), locked(tmp_path, USE):
        pass
    monkeypatch.setattr(folders.fcntl, "flock", refuse)
    with (
        pytest.raises(OutputError, match=r"with locks; got .* \(\[Errno 37\] No locks available\)"),
        locked(tmp_path, USE),
    ):
        pass


@pytest.mark.parametrize(("error", "reason"), [(OSError("too slow"), "too slow"), (TimeoutError(), "TimeoutError")])
def test_a_folder_that_cannot_be_written_is_told_with_a_reason(tmp_path, error, reason):
    with pytest.raises(OutputError) as caught, folders.writing(tmp_path, USE):
        raise error
    message = f"the output folder must be writable; got {str(tmp_path)!r} ({reason})."
    assert str(caught.value) == f"{message} Choose another one: --output."
