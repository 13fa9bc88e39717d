"""`--report-to` reports runs to trackers without changing results."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.experiments.tracking.test_feed import HANGS, LISTED, Listed
from tests.plugins.fakes import Offers
from tpo.experiments.storage.npz import read
from tpo.plugins import registry

TASK = ("run", "token-reversal", "--backend", "torch", "--algorithms", "tpo,dg", "--steps", "3", "--seeds", "2")
EXHIBIT = ("run", "figure3", "--scale", "smoke", "--jobs", "2")
METRICS = {"misalignment", "error", "loss"}


def lines(folder):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


@pytest.fixture
def third_party(monkeypatch):
    """Register a third party's tracker in addition to the installed ones."""
    host = registry.PluginHost(registry.entry_points(group="tpo"))
    host.register(Offers(LISTED, HANGS), "third-party")
    monkeypatch.setattr(registry, "host", lambda: host)
    for name in ("heard", "configs"):
        monkeypatch.setattr(Listed, name, [])


@pytest.mark.usefixtures("third_party")
def test_a_task_logs_and_reports_each_step_of_each_arm(tpo, trainings, tmp_path):
    outcome = tpo(*TASK, "--output", tmp_path, "--report-to", "listed", "--report-to", "jsonl")
    assert outcome.code == 0
    assert trainings == ["tpo", "dg"]
    names = {label: f"token-reversal: {label}, seeds 0 to 1" for label in ("tpo", "dg")}
    events = [(line["event"], line["run"], line.get("step"), line.get("metrics")) for line in lines(tmp_path)]
    errors = [1.0, 0.5, pytest.approx(1 / 3)]
    assert events == [
        expected
        for label in ("tpo", "dg")
        for expected in (
            ("start", names[label], None, None),
            *(("step", names[label], step, {"error": errors[step], "loss": step}) for step in range(3)),
            ("end", names[label], None, None),
        )
    ]
    assert [item[1] for item in Listed.heard if item[0] == names["dg"]] == ["start", 0, 1, 2, "finish"]
    assert Listed.configs[0]["arm"]["algorithm"] == "tpo"
    assert Listed.configs[0]["seeds"] == [0, 1]


@pytest.mark.usefixtures("third_party", "trainings")
def test_a_stored_task_is_reported_without_training_and_overwritten_anew(tpo, tmp_path):
    tpo(*TASK, "--output", tmp_path)
    assert Listed.heard == []
    tpo(*TASK, "--output", tmp_path, "--report-to", "listed")
    assert len(Listed.heard) == 10
    before = lines(tmp_path)
    tpo(*TASK, "--output", tmp_path, "--report-to", "listed")
    assert (len(Listed.heard), lines(tmp_path)) == (10, before)
    tpo(*TASK, "--output", tmp_path, "--report-to", "listed", "--overwrite")
    assert len(Listed.heard) == 20
    assert len(lines(tmp_path)) == len(before)
    assert not {config["id"] for config in Listed.configs[:2]} & {config["id"] for config in Listed.configs[2:]}


@pytest.mark.usefixtures("third_party")
def test_an_exhibit_is_reported_and_its_results_are_those_without(tpo, tmp_path, monkeypatch):
    plain, reported = tmp_path / "plain", tmp_path / "reported"
    assert tpo(*EXHIBIT, "--output", plain).code == 0
    monkeypatch.setattr(Listed, "fails_at", 4)
    outcome = tpo(*EXHIBIT, "--output", reported, "--report-to", "listed")
    assert outcome.code == 0
    assert outcome.err.count("warning: the tracker 'listed' must take what is reported; got ConnectionError") == 1
    cells = sorted(path.name for path in (plain / "cells").glob("*.npz"))
    assert cells == sorted(path.name for path in (reported / "cells").glob("*.npz"))
    for name in cells:
        (_, ours), (_, theirs) = (read(folder / "cells" / name) for folder in (plain, reported))
        for curve in ("error", "misalignment"):
            np.testing.assert_array_equal(ours[curve], theirs[curve])
    monkeypatch.setattr(Listed, "fails_at", None)
    assert tpo(*EXHIBIT, "--output", reported, "--report-to", "listed").err == ""
    heard = {name: [item[1] for item in Listed.heard if item[0] == name] for name, *_ in Listed.heard}
    assert set(heard) == {f"K=100: {arm}, seeds 0 to 1" for arm in ("PG", "GRPO", "DG", "TPO")}
    for steps in heard.values():
        assert [step for step in steps if isinstance(step, int)] == [0, 1, 2, 3, 4]
        assert steps[-1] == "finish"
    logged = [line for line in lines(reported / "figure3-smoke-numpy") if line["event"] == "step"]
    assert len(logged) == 20
    assert all(set(line["metrics"]) == METRICS for line in logged)


@pytest.mark.parametrize("arguments", [TASK, EXHIBIT])
def test_an_unknown_tracker_is_refused_before_anything_runs(tpo, trainings, tmp_path, arguments):
    outcome = tpo(*arguments, "--output", tmp_path / "runs", "--report-to", "wandbb")
    assert (outcome.code, outcome.out) == (2, "")
    assert "must be a registered tracker; got 'wandbb'. Did you mean 'wandb'?" in outcome.err
    assert trainings == []
    assert not (tmp_path / "runs").exists()


def test_the_help_names_them(tpo):
    for command in ("table1", "token-reversal"):
        words = " ".join(tpo("run", command, "--help").out.split())
        assert "--report-to NAME Report each step to one of jsonl|mlflow|tensorboard|trackio|wandb;" in words
