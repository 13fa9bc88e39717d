"""Downloads: complete, interrupted and refused."""

import re

import pytest

from tests.data.servers import serving
from tpo.data.download import download

CONTENT = bytes(range(256)) * 800


def test_it_goes_on_where_the_server_broke_off(tmp_path):
    told = []
    with serving({"a.bin": CONTENT}, sends=[70_000, 0x10000]) as server:
        path = download(f"{server.address}/a.bin", tmp_path / "a.bin", lambda *news: told.append(news))
    assert path.read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == [None, "bytes=70000-", f"bytes={70_000 + 0x10000}-"]
    assert told[-1] == ("a.bin", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert list(tmp_path.iterdir()) == [path]


def test_it_goes_on_from_what_an_earlier_call_left(tmp_path):
    target = tmp_path / "a.bin"
    with serving({"a.bin": CONTENT}, sends=[1000, 0]) as server:
        expected = f"a.bin: it broke off after 1000 of {len(CONTENT)} bytes"
        with pytest.raises(OSError, match=expected):
            download(f"{server.address}/a.bin", target)
        assert not target.exists()
        download(f"{server.address}/a.bin", target)
    assert target.read_bytes() == CONTENT
    assert server.asked[-1] == ("a.bin", "bytes=1000-")


def test_a_server_without_ranges_sends_all_of_it_again(tmp_path):
    with serving({"a.bin": CONTENT}, ranges=False) as server:
        (tmp_path / "a.bin.partial").write_bytes(b"something else")
        assert download(f"{server.address}/a.bin", tmp_path / "a.bin").read_bytes() == CONTENT


def test_what_is_longer_than_the_file_is_thrown_away(tmp_path):
    with serving({"a.bin": CONTENT[:10]}) as server:
        (tmp_path / "a.bin.partial").write_bytes(CONTENT)
        assert download(f"{server.address}/a.bin", tmp_path / "a.bin").read_bytes() == CONTENT[:10]
    assert [wanted for _, wanted in server.asked] == [f"bytes={len(CONTENT)}-", None]


def test_a_server_that_refuses_a_range_nobody_asked_for_is_given_up(tmp_path):
    with serving({"a.bin": CONTENT}, refuses=True) as server, pytest.raises(OSError, match=r"^a\.bin: 416 "):
        download(f"{server.address}/a.bin", tmp_path / "a.bin")
    assert len(server.asked) == 1


def test_what_is_not_there_is_said_at_once(tmp_path):
    with serving({}) as server, pytest.raises(OSError, match=r"^b\.bin: 404 Not Found$"):
        download(f"{server.address}/b.bin", tmp_path / "b.bin")
    assert len(server.asked) == 1


def test_only_addresses_of_the_web(tmp_path):
    with pytest.raises(OSError, match=re.escape("not an address of the web: 'file:///etc/hostname'")):
        download("file:///etc/hostname", tmp_path / "a")


def test_an_error_without_words_is_named_by_its_class(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise TimeoutError

    monkeypatch.setattr("urllib.request.urlopen", fail)
    with pytest.raises(OSError, match=r"^a\.bin: TimeoutError$"):
        download("http://localhost/a.bin", tmp_path / "a.bin")
