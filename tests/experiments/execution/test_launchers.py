"""Looking up launchers, and the requirements on each."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.experiments.cells import bandit_cell
from tests.plugins.fakes import Offers
from tpo import InvalidArgumentError, LauncherInfo, NotInstalledError, PluginError, TPOError, UnknownNameError
from tpo.experiments.execution import processes
from tpo.experiments.execution.launchers import launching
from tpo.experiments.execution.mailbox import Mailbox
from tpo.experiments.execution.messages import Ended, News
from tpo.experiments.execution.run_all import run_all
from tpo.experiments.storage.cells import CellStore
from tpo.plugins import registry

CELLS = [bandit_cell(seeds=(seed,)) for seed in range(3)]
LOST = "a lost worker"


class Scripted:
    """A launcher that runs nothing: each start has the next of the outcomes that the test lists."""

    def __init__(self, jobs, fates):
        self.jobs, self.fates = jobs, fates
        self.started, self.killed, self.stopped = [], [], []
        self.at_work = []
        self.most = 0

    @property
    def running(self):
        return len(self.at_work)

    def start(self, cell, library):
        self.started.append(cell.seeds[0])
        self.at_work.append((cell, library))
        self.most = max(self.most, len(self.at_work))

    def hear(self):
        cell, library = self.at_work.pop(0)
        fate = self.fates[cell.seeds[0]].pop(0)
        return fate(cell, library)

    def stop(self):
        self.stopped = [cell.seeds[0] for cell, _ in self.at_work]

    def kill(self):
        self.killed += [cell.seeds[0] for cell, _ in self.at_work]
        self.at_work.clear()


class Stubborn:
    """A process that takes a while to stop."""

    def __init__(self, **_):
        self.alive = self.told = False

    def start(self):
        self.alive = True
        signal.raise_signal(signal.SIGINT)

    def kill(self):
        self.told = True

    def join(self):
        assert self.told
        self.alive = False


@pytest.mark.usefixtures("default_sigint")
def test_a_process_whose_start_met_ctrl_c_is_listed_and_waited_for(tmp_path, monkeypatch):
    made = []
    context = multiprocessing.get_context("spawn")
    monkeypatch.setattr(type(context), "Process", lambda _, **given: made.append(Stubborn(**given)) or made[-1])
    launcher = processes.Processes(1)
    with pytest.raises(KeyboardInterrupt):
        launcher.start(CELLS[0], CellStore(tmp_path))
    assert launcher.running == 1
    assert made[0].alive
    launcher.kill()
    assert launcher.running == 0
    assert not made[0].alive


def finish(cell, library):
    library.path(cell).touch()
    return [News(cell.digest, 7, {"error": 0.5}), Ended(cell, "")]


def die(cell, _):
    return [Ended(cell, LOST)]


def fail(cell, _):
    return [News(cell.digest, failure="it must be otherwise.")]


def interrupt(*_):
    raise KeyboardInterrupt


def test_as_many_run_as_there_are_jobs_and_a_lost_one_comes_first_again(tmp_path):
    launcher = Scripted(2, {0: [die, die, finish], 1: [finish], 2: [finish]})
    news = []
    assert run_all(CELLS, CellStore(tmp_path), launcher, news.append)
    assert launcher.started == [0, 1, 0, 2, 0]
    assert launcher.most == 2
    assert [(item.step, item.done) for item in news] == [(7, False), (120, True)] * 3
    assert launcher.stopped == launcher.killed == []


def test_a_cell_that_is_lost_three_times_is_given_up(tmp_path):
    launcher = Scripted(2, {0: [die, die, die], 1: [finish], 2: [finish]})
    with pytest.raises(TPOError) as caught:
        run_all(CELLS, CellStore(tmp_path), launcher, lambda _: None)
    assert str(caught.value) == (
        "a worker must live until its cell has a result; that of tpo on single-context-bandit ended 3 times "
        "(a lost worker). "
        "The machine may lack memory: use --jobs 1, or fewer seeds or contexts at once."
    )
    assert launcher.started.count(0) == 3


def test_a_failure_ends_the_others(tmp_path):
    launcher = Scripted(2, {0: [fail]})
    with pytest.raises(TPOError, match=r"^it must be otherwise\.$"):
        run_all(CELLS, CellStore(tmp_path), launcher, lambda _: None)
    assert launcher.killed == [1]


def test_ctrl_c_stops_what_runs_and_waits_for_it(tmp_path):
    launcher = Scripted(3, {0: [interrupt], 1: [die], 2: [finish]})
    assert not run_all(CELLS, CellStore(tmp_path), launcher, lambda _: None)
    assert launcher.stopped == [1, 2]
    assert launcher.killed == []
    assert launcher.started == [0, 1, 2]


def test_every_launcher_says_what_it_is():
    offered = registry.host().launchers()
    assert [(name, info.name, info.summary) for name, info in offered.items()] == [
        ("processes", "processes", "processes of this machine"),
        ("ray", "ray", "actors of Ray, on this machine or a cluster"),
    ]


def test_a_name_that_is_none():
    with pytest.raises(UnknownNameError) as caught:
        launching("rya")
    assert str(caught.value) == (
        "the name must be a registered launcher; got 'rya'. Did you mean 'ray'? Registered: processes, ray."
    )


@pytest.fixture
def no_ray(monkeypatch):
    host = registry.PluginHost([])
    info = replace(registry.host().launchers()["ray"], requires=("nowhere_to_be_found",))
    host.register(Offers(info), "without-ray")
    monkeypatch.setattr(registry, "host", lambda: host)


@pytest.mark.usefixtures("no_ray", "from_an_index")
def test_a_launcher_whose_library_is_missing():
    with pytest.raises(NotInstalledError) as caught:
        launching("ray")
    assert str(caught.value) == (
        "the launcher must be installed; 'ray' is registered but nowhere_to_be_found is missing. "
        'Install it: pip install "tpo[ray]".'
    )


def test_processes_have_no_address():
    with pytest.raises(InvalidArgumentError) as caught, launching("processes", address="10.0.0.1:6379"):
        pass
    assert str(caught.value) == (
        "an address must come with a launcher that connects to one; got '10.0.0.1:6379' for processes of this machine. "
        "Add --launcher ray."
    )


def test_processes_are_as_many_as_asked_for():
    with launching("processes", jobs=3) as launcher:
        assert (launcher.jobs, launcher.running) == (3, 0)


class LeavesOnStart(Scripted):
    def start(self, cell, library):
        del cell, library
        sys.exit(4)


def leaves(*_):
    sys.exit(4)


@contextmanager
def leaves_within(*_):
    sys.exit(4)
    yield


@contextmanager
def gives_a_number(*_):
    yield 5


@contextmanager
def gives_one_that_leaves(*_):
    yield LeavesOnStart(1, {})


SCOPE = "must give a scope for an address and a number of jobs; got SystemExit: 4"
WHOLE = "must give an object with jobs, running, start, hear, stop, kill; got"


@pytest.mark.parametrize(
    ("load", "text"),
    [
        ("leaves", SCOPE),
        ("leaves_within", f"{WHOLE} SystemExit: 4"),
        ("gives_a_number", f"{WHOLE} 5"),
        ("gives_one_that_leaves", "must start cells and report on them; got SystemExit: 4"),
    ],
)
def test_a_launcher_that_leaves_the_program_or_is_none_is_named(tmp_path, monkeypatch, load, text):
    host = registry.PluginHost([])
    host.register(Offers(LauncherInfo(name="odd", load=f"{__name__}:{load}")), "odd one")
    monkeypatch.setattr(registry, "host", lambda: host)
    with pytest.raises(PluginError) as caught, launching("odd") as launcher:
        run_all(CELLS, CellStore(tmp_path), launcher, lambda _: None)
    assert str(caught.value) == f"the launcher 'odd' {text}. Choose another one, or fix its plug-in."


class Connects(Scripted):
    @property
    def running(self):
        raise TPOError("there is no cluster")


@contextmanager
def gives_one_that_connects(*_):
    yield Connects(1, {})


def test_a_launcher_is_not_made_to_connect_before_it_is_used(tmp_path, monkeypatch):
    host = registry.PluginHost([])
    host.register(Offers(LauncherInfo(name="far", load=f"{__name__}:gives_one_that_connects")), "far one")
    monkeypatch.setattr(registry, "host", lambda: host)
    with launching("far") as launcher, pytest.raises(TPOError, match="there is no cluster"):
        run_all(CELLS, CellStore(tmp_path), launcher, lambda _: None)


def test_a_launcher_of_a_plug_in_runs_and_its_scope_is_left(tmp_path, monkeypatch):
    launcher, events = Scripted(2, {0: [die, finish], 1: [finish], 2: [finish]}), []

    @contextmanager
    def scope(address, jobs):
        events.append((address, jobs))
        yield launcher
        events.append("left")

    host = registry.PluginHost([])
    host.register(Offers(LauncherInfo(name="fine", load="anywhere")), "fine one")
    monkeypatch.setattr(registry, "host", lambda: host)
    monkeypatch.setattr(registry, "load", lambda *_: scope)
    with launching("fine", address="here", jobs=2) as opened:
        assert run_all(CELLS, CellStore(tmp_path), opened, lambda _: None)
    assert launcher.started == [0, 1, 0, 2]
    assert events == [("here", 2), "left"]


def test_a_mailbox_keeps_what_has_not_arrived():
    mailbox = Mailbox()
    for item in "abc":
        mailbox.put(item)
    assert mailbox.after(0) == ["a", "b", "c"]
    assert mailbox.after(0) == ["a", "b", "c"]
    assert mailbox.after(2) == ["c"]
    # An older question, asked again, brings nothing back.
    assert mailbox.after(1) == ["c"]


def test_a_mailbox_waits_for_more():
    mailbox, found = Mailbox(), []
    mailbox.put("a")
    waiting = threading.Thread(target=lambda: found.append(mailbox.after(1)))
    waiting.start()
    waiting.join(timeout=0.1)
    assert waiting.is_alive()
    mailbox.put("b")
    waiting.join()
    assert found == [["b"]]


def forget(_cell, _library):
    """Drop a cell without a word."""
    return []


def test_a_cell_that_a_launcher_forgets_is_told(tmp_path):
    launcher = Scripted(2, {0: [finish], 1: [forget], 2: [finish]})
    with pytest.raises(TPOError) as caught:
        run_all(CELLS, CellStore(tmp_path), launcher, lambda _: None)
    text = "a launcher must say how each cell has ended; got 1 without a result, of 3."
    assert str(caught.value) == f"{text} Choose another one, or fix its plug-in."
