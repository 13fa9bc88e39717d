"""The install commands in messages work in the folder where they are shown."""

from __future__ import annotations

import shlex

import pytest

from tpo.plugins import installation
from tpo.plugins.installation import doable, origin

COMMAND = 'pip install "tpo[torch]"'


@pytest.fixture
def came_from(monkeypatch):
    """A function that sets the PEP 610 record of `tpo`'s installation, as pip writes it."""
    return lambda record: monkeypatch.setattr(installation, "origin", lambda _: record)


def test_an_editable_clone_is_named_and_stays_editable(came_from, tmp_path):
    came_from({"dir_info": {"editable": True}, "url": tmp_path.as_uri()})
    assert doable(COMMAND) == f'pip install -e "{tmp_path}[torch]"'


def test_a_clone_that_was_copied_is_named(came_from, tmp_path):
    came_from({"dir_info": {}, "url": tmp_path.as_uri()})
    assert doable(COMMAND) == f'pip install "{tmp_path}[torch]"'
    assert doable('pip install "tpo[jax,ray]" other') == f'pip install "{tmp_path}[jax,ray]" other'


@pytest.mark.parametrize("name", ["two words", "a@b#c", "100%", 'a"b', "$HOME", "`x`", "it's $5", "back\\slash"])
def test_a_shell_reads_the_folder_whatever_it_is_called(came_from, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    came_from({"dir_info": {}, "url": folder.as_uri()})
    assert shlex.split(doable(COMMAND)) == ["pip", "install", f"{folder}[torch]"]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({}, id="an index"),
        pytest.param({"archive_info": {}, "url": "file:///wheels/tpo-0.1.0-py3-none-any.whl"}, id="a wheel's file"),
        pytest.param({"archive_info": {}, "url": "https://example.org/tpo.whl"}, id="a wheel's address"),
        pytest.param({"vcs_info": {"vcs": "git", "commit_id": "a"}, "url": "https://example.org/tpo"}, id="git"),
        pytest.param({"dir_info": {"editable": True}, "url": "file:///no/such/folder"}, id="a clone that is gone"),
    ],
)
def test_elsewhere_the_name_is_enough_since_pip_takes_what_is_installed(came_from, record):
    came_from(record)
    assert doable(COMMAND) == COMMAND


def test_a_clone_on_the_path_is_named_though_nothing_is_installed(came_from, tmp_path, monkeypatch):
    came_from(None)
    monkeypatch.setattr(installation, "SOURCE", tmp_path)
    assert doable(COMMAND) == COMMAND
    (tmp_path / "pyproject.toml").touch()
    assert doable(COMMAND) == f'pip install -e "{tmp_path}[torch]"'


@pytest.mark.parametrize("command", ["pip install numpy", 'pip install "other[torch]"', ""])
def test_commands_of_others_stay_as_they_are(came_from, tmp_path, command):
    came_from({"dir_info": {}, "url": tmp_path.as_uri()})
    assert doable(command) == command


def test_the_record_that_pip_wrote_is_read(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    information = tmp_path / "made_up-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
    assert origin("made-up") == {}
    (information / "direct_url.json").write_text('{"dir_info": {"editable": true}, "url": "file:///clone"}')
    assert origin("made-up") == {"dir_info": {"editable": True}, "url": "file:///clone"}
    assert origin("not-made-up") is None
