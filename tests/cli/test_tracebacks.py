"""`TPO_TRACEBACK=1` shows where errors of plug-ins came from: of those that do not load, or fail in a worker."""

from __future__ import annotations

import sys
import traceback

import pytest

from tests.plugins.fakes import FakeEntryPoint
from tpo import TPOError, cli
from tpo.plugins import registry
from tpo.plugins.host import PluginHost


def read_settings():
    raise FileNotFoundError("no settings.ini")


class BrokenEntryPoint(FakeEntryPoint):
    """A plug-in that fails while it is imported."""

    def load(self):
        read_settings()


@pytest.fixture
def broken(monkeypatch):
    host = PluginHost([*registry.entry_points(group="tpo"), BrokenEntryPoint("mine", None)])
    monkeypatch.setattr(registry, "host", lambda: host)


@pytest.mark.usefixtures("broken")
def test_the_list_shows_why_a_plug_in_did_not_load(tpo, monkeypatch):
    assert tpo("list").err == ""
    monkeypatch.setenv("TPO_TRACEBACK", "1")
    lines = tpo("list").err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "FileNotFoundError: no settings.ini"
    assert any(line.endswith("in read_settings") for line in lines)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("arguments", [("bandit",), ("token-reversal", "--algorithms", "mine")])
def test_a_name_that_is_unknown_shows_it_too(tpo, monkeypatch, arguments):
    told = tpo("run", *arguments)
    assert (told.code, told.err.count("\n")) == (2, 1)
    assert told.err.endswith("Plug-ins that failed to load: mine (no settings.ini).\n")
    monkeypatch.setenv("TPO_TRACEBACK", "1")
    with pytest.raises(TPOError) as caught:
        cli.main(["run", *arguments])
    (cause,) = caught.value.__cause__.exceptions
    assert traceback.extract_tb(cause.__traceback__)[-1].name == "read_settings"


def test_without_broken_plug_ins_an_unknown_name_has_no_cause(tpo, monkeypatch):
    monkeypatch.setenv("TPO_TRACEBACK", "1")
    told = tpo("run", "bandit")
    assert (told.code, "Traceback" in told.err) == (2, False)


def test_the_traceback_of_a_worker_is_that_of_the_error(tpo, tmp_path, monkeypatch):
    """The task fails in another process, where this environment variable has no effect."""
    (tmp_path / "sitecustomize.py").write_text(
        "import tpo.core.algorithms.tpo as module\ndef loss(*_):\n    return 1 / 0\nmodule.TPO.loss = loss\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{':'.join(sys.path)}")
    command = ["run", "token-reversal", "--backend", "torch", "--algorithms", "tpo", "--steps", "1", "--jobs", "1"]
    told = tpo(*command, "--output", tmp_path / "told")
    assert (told.code, "Traceback" in told.err) == (2, False)
    assert told.err.startswith(
        "error: ZeroDivisionError: division by zero. It was raised in loss (sitecustomize.py, line 3)"
    )
    monkeypatch.setenv("TPO_TRACEBACK", "1")
    with pytest.raises(TPOError) as caught:
        cli.main([*command, "--output", str(tmp_path / "shown")])
    lines = str(caught.value.__cause__).splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert any(line.endswith('sitecustomize.py", line 3, in loss') for line in lines)
