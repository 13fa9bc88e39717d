"""`tpo list` shows registered objects and broken plug-ins."""

from __future__ import annotations

import pytest

from tests.absent import Absent
from tests.plugins.fakes import Offers
from tpo import TaskInfo
from tpo.plugins import installation, registry


def rows(text):
    """Split each line into words."""
    return [line.split() for line in text.splitlines()]


def test_everything_registered_is_listed(tpo):
    outcome = tpo("list")
    assert (outcome.code, outcome.err) == (0, "")
    lines = rows(outcome.out)
    for info in registry.host().algorithms().values():
        assert [info.name, *info.summary.split()] in lines
    assert any(line[:2] == ["token-reversal", "jax"] for line in lines)
    assert ["torch", "yes", "yes", *registry.host().backends()["torch"].summary.split()] in lines
    assert ["numpy", "no", "yes", *registry.host().backends()["numpy"].summary.split()] in lines
    # MLX differentiates losses, though it trains no task here.
    assert registry.host().backends()["mlx"].summary == "MLX, float32; does not train here"
    for info in registry.host().trackers().values():
        assert any(line[:1] == [info.name] and line[1] in {"yes", "no"} for line in lines)
    assert "Warning" not in outcome.out


def test_methods_are_compared_by_what_they_declare(tpo):
    outcome = tpo("list", "--methods")
    assert (outcome.code, outcome.err) == (0, "")
    lines = rows(outcome.out)
    assert lines[1] == ["method", "name", "update", "rule", "group", "critic", "fixed", "ref."]
    # Long rules go on in the next line, the marks stand in the first.
    starts = {tuple(line[:2]): line[-3:] for line in lines if len(line) > 4}
    assert starts["TPO", "tpo"] == ["✓", "✗", "✗"]
    assert starts["PPO", "ppo"] == ["✗", "✗", "✗"]
    assert starts["V-MPO", "v-mpo"] == ["✓", "✓", "✗"]
    words = {word for line in lines for word in line[:3]}
    assert words >= set(registry.host().algorithms())


@pytest.fixture
def absent(monkeypatch):
    """A host with a backend that is not installed, and nothing else."""
    host = registry.PluginHost([])
    host.register(Absent('pip install "tpo[absent]"'), "absent")
    monkeypatch.setattr(registry, "host", lambda: host)


@pytest.mark.usefixtures("absent", "from_an_index")
def test_what_is_missing_is_listed_with_the_command_that_installs_it(tpo):
    outcome = tpo("list")
    assert ["absent", "yes", "no", "not", "here"] in rows(outcome.out)
    assert outcome.out.endswith('\n\nTo install what is missing\nabsent  pip install "tpo[absent]"\n')


@pytest.mark.usefixtures("absent")
def test_in_a_clone_the_command_names_it_in_one_line_however_long(tpo, tmp_path, monkeypatch):
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    monkeypatch.setattr(installation, "origin", lambda _: {"dir_info": {}, "url": folder.as_uri()})
    assert tpo("list").out.endswith(f'\nabsent  pip install "{folder}[absent]"\n')


def test_nothing_is_to_be_installed_where_nothing_is_missing(tpo, monkeypatch):
    host = registry.PluginHost([])
    monkeypatch.setattr(registry, "host", lambda: host)
    assert "To install" not in tpo("list").out
    assert "To install" not in tpo("list", "--methods").out


def test_a_task_called_like_an_exhibit_is_refused_alone(tpo, monkeypatch):
    host = registry.PluginHost(registry.entry_points(group="tpo"))
    info = {"load": "nowhere:Task", "default_backend": "torch"}
    host.register(Offers(TaskInfo(name="table1", **info), TaskInfo(name="mine", **info)), "third-party")
    monkeypatch.setattr(registry, "host", lambda: host)
    text = (
        "PluginError: a plug-in must offer names of its own; got 'table1' from 'third-party', the name of an exhibit. "
        "Rename it or uninstall the plug-in."
    )
    words = " ".join(tpo("list").out.split())
    assert f"Warning: plug-ins that failed to load name error third-party {text}" in words
    assert "mine torch" in words
    assert tpo("run", "table1", "--scale", "smoke", "--list", "--output", "nowhere").out.endswith("V=2: DG, seed 0\n")
    assert "nowhere" in tpo("run", "mine").err


def test_broken_plugins_are_listed_with_their_error(tpo, monkeypatch):
    host = registry.PluginHost([])
    host.broken["rusty"] = ImportError("no module named 'oil'")
    monkeypatch.setattr(registry, "host", lambda: host)
    outcome = tpo("list")
    assert outcome.code == 0
    lines = rows(outcome.out)
    assert ["Warning:", "plug-ins", "that", "failed", "to", "load"] in lines
    assert ["rusty", "ImportError:", "no", "module", "named", "'oil'"] in lines
