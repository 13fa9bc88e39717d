"""Trackers get all events once and in order; a failing one does not stop training."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any, ClassVar

import pytest

from tests.experiments.cells import bandit_cell
from tests.plugins.fakes import FakeEntryPoint, Offers
from tpo import NotInstalledError, TrackerInfo, UnknownNameError
from tpo.experiments.tracking import feed
from tpo.experiments.tracking.cursor import Cursor
from tpo.experiments.tracking.event_log import Events
from tpo.experiments.tracking.feed import find_trackers, reporting
from tpo.plugins import registry

CELLS = {"a": bandit_cell(seeds=(0,), steps=3), "b": bandit_cell(seeds=(1,), steps=3)}
A, B = (cell.digest for cell in CELLS.values())


class Listed:
    """A third party's tracker that records its calls.

    Attributes:
        heard: Metrics by name, and starts and ends of runs.
        configs: The settings of the runs that were started.
        fails_at: The step at which it raises an exception.
    """

    heard: ClassVar[list[Any]] = []
    configs: ClassVar[list[Any]] = []
    fails_at: ClassVar[int | None] = None

    def __init__(self, *, folder):
        self.folder = folder

    def start(self, name, config):
        self.name = name
        self.heard.append((name, "start"))
        self.configs.append(config)

    def log(self, step, metrics):
        if step == self.fails_at:
            raise ConnectionError("no network")
        self.heard.append((self.name, step, metrics))

    def finish(self):
        self.heard.append((self.name, "finish"))


class Hangs(Listed):
    """A tracker whose methods never return."""

    release: ClassVar[threading.Event] = threading.Event()

    def log(self, step, metrics):
        del step, metrics
        self.release.wait()


LISTED = TrackerInfo(name="listed", load=f"{__name__}:Listed")
HANGS = TrackerInfo(name="hangs", load=f"{__name__}:Hangs")
ABSENT = TrackerInfo(name="absent", load="nowhere:Tracker", requires=("nowhere",), hint='pip install "tpo[absent]"')


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Clear the recorded calls, and read the log often."""
    for name in ("heard", "configs"):
        monkeypatch.setattr(Listed, name, [])
    monkeypatch.setattr(feed, "POLL_SECONDS", 0.01)


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def report(tmp_path, warnings):
    """A function that logs steps, `(digest, step)` or `(digest, None)` for an end, in one call of a command."""

    def call(*told, infos=(LISTED,)):
        log = Events(tmp_path, CELLS, warnings.append)
        with reporting(infos, tmp_path, warnings.append):
            for digest, step in told:
                if step is None:
                    log.end(digest)
                else:
                    log.step(digest, step, {"error": 1 / (step + 1), "loss": float("nan")})
        log.close()

    return call


def test_several_runs_are_open_at_once_and_hear_their_own_steps(report, tmp_path, warnings):
    report((A, 0), (B, 0), (A, 1), (A, None), (B, 1))
    assert Listed.heard == [
        ("a", "start"),
        ("a", 0, {"error": 1.0}),
        ("b", "start"),
        ("b", 0, {"error": 1.0}),
        ("a", 1, {"error": 0.5}),
        ("a", "finish"),
        ("b", 1, {"error": 0.5}),
        ("b", "finish"),
    ]
    ids = [config["id"] for config in Listed.configs]
    assert len(set(ids)) == 2
    assert Listed.configs[0] == CELLS["a"].to_json() | {"group": tmp_path.name, "id": ids[0]}
    assert warnings == []


def test_a_run_that_is_taken_up_again_goes_on_under_its_id(report):
    report((A, 0))
    report((A, 0), (A, 1), (A, None))
    starts = [("a", "start"), ("a", 0, {"error": 1.0}), ("a", "finish")]
    assert Listed.heard == [*starts, ("a", "start"), ("a", 1, {"error": 0.5}), ("a", "finish")]
    assert Listed.configs[0] == Listed.configs[1]


def test_a_run_whose_end_was_not_heard_is_taken_up_to_be_finished(report):
    report((A, 0), (A, 1))
    Listed.heard.clear()
    report((A, None))
    assert Listed.heard == [("a", "start"), ("a", "finish")]
    report((A, None))
    assert len(Listed.heard) == 2


def test_a_tracker_that_has_everything_is_not_opened(report):
    report((A, 0), (A, None))
    Listed.heard.clear()
    report((A, 0), (A, None))
    assert Listed.heard == []


def test_a_tracker_that_is_asked_for_later_gets_all(report):
    report((A, 0), (A, 1), infos=())
    report((A, 2))
    assert [item[1] for item in Listed.heard] == ["start", 0, 1, 2, "finish"]


def test_a_log_that_begins_anew_is_reported_anew(report, tmp_path):
    report((A, 0), (A, None))
    (tmp_path / "events.jsonl").unlink()
    report((A, 0), (A, None))
    assert [item[1] for item in Listed.heard] == ["start", 0, "finish"] * 2
    assert Listed.configs[0]["id"] != Listed.configs[1]["id"]


def test_one_that_fails_is_warned_about_once_and_gets_the_rest_the_next_time(report, warnings, monkeypatch):
    monkeypatch.setattr(Listed, "fails_at", 1)
    report((A, 0), (A, 1), (A, 2), (B, 0), (B, 1))
    assert warnings == [
        (
            "the tracker 'listed' must take what is reported; got ConnectionError: no network. "
            "Training goes on; the same command reports the rest."
        )
    ]
    assert Listed.heard == [("a", "start"), ("a", 0, {"error": 1.0}), ("a", "finish")]
    monkeypatch.setattr(Listed, "fails_at", None)
    report()
    assert [item[:2] for item in Listed.heard[3:]] == [
        *(("a", "start"), ("a", 1), ("a", 2)),
        *(("b", "start"), ("b", 0), ("b", 1)),
        *(("b", "finish"), ("a", "finish")),
    ]


class Buffers(Listed):
    """A tracker that buffers everything until its end, which fails the first time."""

    failures: ClassVar[list[str]] = []

    def start(self, name, config):
        del config
        self.name, self.kept = name, []

    def log(self, step, metrics):
        del metrics
        self.kept.append(step)

    def finish(self):
        if self.name in self.failures:
            self.failures.remove(self.name)
            raise ConnectionError("no network")
        self.heard.append((self.name, self.kept))


BUFFERS = TrackerInfo(name="buffers", load=f"{__name__}:Buffers")


def test_what_one_lost_that_could_not_finish_is_reported_the_next_time(report, warnings, monkeypatch):
    monkeypatch.setattr(Buffers, "failures", ["a"])
    report((A, 0), (B, 0), (A, 1), (A, None), (B, 1), infos=(BUFFERS,))
    assert len(warnings) == 1
    assert Listed.heard == [("b", [0])]
    report((B, 2), (B, None), infos=(BUFFERS,))
    assert Listed.heard[1:] == [("a", [0, 1]), ("b", [1, 2])]
    report(infos=(BUFFERS,))
    assert len(Listed.heard) == 3
    assert len(warnings) == 1


def test_one_that_fails_does_not_stop_another(report, warnings):
    broken = TrackerInfo(name="broken", load=f"{__name__}:NotThere")
    report((A, 0), infos=(broken, LISTED))
    assert [item[1] for item in Listed.heard] == ["start", 0, "finish"]
    assert len(warnings) == 1
    assert "the tracker 'broken' must take what is reported; got PluginError: a plug-in must name" in warnings[0]


def test_one_that_hangs_holds_up_nothing_and_is_left(report, warnings, tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "PATIENCE_SECONDS", 0.2)
    began = time.monotonic()
    report((A, 0), (A, 1), infos=(HANGS,))
    assert time.monotonic() - began < 2
    assert warnings == [
        f"the tracker 'hangs' must keep up; got no answer for 0 s. What it lacks is in {tmp_path / 'events.jsonl'}."
    ]
    Hangs.release.set()


@pytest.mark.usefixtures("from_an_index")
def test_names_are_looked_up_and_nothing_is_imported(monkeypatch):
    host = registry.PluginHost([FakeEntryPoint("x", Offers(LISTED, ABSENT))])
    monkeypatch.setattr(registry, "host", lambda: host)
    assert find_trackers(["listed", "listed"]) == [LISTED]
    with pytest.raises(UnknownNameError) as unknown:
        find_trackers(["listd"])
    text = "the name must be a registered tracker; got 'listd'. Did you mean 'listed'? Registered: absent, listed."
    assert str(unknown.value) == text
    with pytest.raises(NotInstalledError) as missing:
        find_trackers(["absent"])
    assert str(missing.value) == (
        "the tracker must be installed; 'absent' is registered but nowhere is missing. "
        'Install it: pip install "tpo[absent]".'
    )


def test_the_built_in_trackers_name_their_extras():
    infos = registry.host().trackers()
    assert list(infos) == ["jsonl", "mlflow", "tensorboard", "trackio", "wandb"]
    for info in infos.values():
        assert (info.requires, info.hint) in {((), ""), ((info.name,), f'pip install "tpo[{info.name}]"')}
    assert not {"mlflow", "tensorboard", "trackio", "wandb"} & set(sys.modules)


def test_what_is_told_again_and_fails_again_is_told_from_its_beginning_the_third_time(report, warnings, monkeypatch):
    monkeypatch.setattr(Buffers, "failures", ["a"])
    report((A, 0), (A, 1), infos=(BUFFERS,))
    with monkeypatch.context() as patch:
        patch.setattr(Buffers, "log", failing_at_one)
        report((A, 2), infos=(BUFFERS,))
    assert len(warnings) == 2
    Listed.heard.clear()
    report((A, None), infos=(BUFFERS,))
    assert Listed.heard == [("a", [0, 1, 2])]


def failing_at_one(tracker, step, metrics):
    if step == 1:
        raise ConnectionError("no network")
    tracker.kept.append((step, metrics))


def test_what_an_older_version_kept_of_how_far_it_came_is_taken(tmp_path):
    path = tmp_path / ".listed.reported"
    path.write_text("120")
    cursor = Cursor(path)
    assert (cursor.reached, cursor.lost) == (120, {})
    cursor.lost["a"] = 7
    cursor.save()
    again = Cursor(path)
    assert (again.reached, again.lost) == (120, {"a": 7})
    assert again.is_new("a", 7, 9)
    assert not again.is_new("a", 6, 9)
    assert not again.is_new("b", 7, 120)
    assert again.is_new("b", 7, 121)


def test_what_says_no_longer_how_far_one_came_is_to_be_deleted(report, tmp_path, warnings):
    report((A, 0))
    (tmp_path / ".listed.reported").write_text("{")
    report((A, 1))
    (warning,) = warnings
    assert f"{tmp_path}/.listed.reported says no longer what was reported; delete it to report all again" in warning


class Leaves(Buffers):
    """A tracker that leaves the program where it fails."""

    places: ClassVar[set[str]] = set()

    def __init__(self, *, folder):
        super().__init__(folder=folder)
        self.leave_at("open")

    def leave_at(self, place):
        if place in self.places:
            self.places.remove(place)
            sys.exit(3)

    def log(self, step, metrics):
        self.leave_at("log")
        super().log(step, metrics)

    def finish(self):
        self.leave_at("finish")
        super().finish()


LEAVES = TrackerInfo(name="leaves", load=f"{__name__}:Leaves")


@pytest.mark.parametrize("place", ["open", "log", "finish"])
def test_one_that_leaves_the_program_is_warned_about_and_gets_the_rest_the_next_time(
    report, warnings, monkeypatch, place
):
    monkeypatch.setattr(Leaves, "places", {place})
    report((A, 0), (A, 1), (A, None), infos=(LEAVES,))
    assert len(warnings) == 1
    assert warnings[0].startswith("the tracker 'leaves' must take what is reported; got ")
    assert warnings[0].endswith(": 3. Training goes on; the same command reports the rest.")
    assert "SystemExit" in warnings[0]
    Listed.heard.clear()
    report(infos=(LEAVES,))
    assert Listed.heard == [("a", [0, 1])]
    assert len(warnings) == 1
