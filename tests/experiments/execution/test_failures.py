"""What goes wrong while cells run: told once, with its cause first; a second Ctrl-C ends everything at once."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

import click
import numpy as np
import psutil
import pytest

from tests.experiments.cells import bandit_cell
from tests.experiments.made_up import ARMS, PROVENANCE, make_cells, make_plan, make_result, make_run
from tpo import TPOError
from tpo.cli import main, runner
from tpo.cli.run_plans import run_plans
from tpo.experiments.analysis.table import columns
from tpo.experiments.execution import run_cell as module
from tpo.experiments.execution.divergence import REMEDY, Watch, diverged
from tpo.experiments.execution.messages import Ended, News, WorkerTraceback
from tpo.experiments.execution.run_all import run_all
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.storage.finite import first_not_finite
from tpo.plugins import registry

NAN = math.nan

PATIENCE = 20.0


def score():
    raise ZeroDivisionError("no candidates")


def run_badly(*_, **__):
    try:
        score()
    except ZeroDivisionError as error:
        raise RuntimeError("the step failed") from error


def refuse(*_, **__):
    raise TPOError("the arm must learn; got one that does not. Choose another.")


@pytest.mark.parametrize(("run", "cause"), [(refuse, type(None)), (run_badly, WorkerTraceback)])
def test_a_refusal_has_no_traceback(tmp_path, monkeypatch, run, cause):
    monkeypatch.setattr(module, "run_cell", run)
    with pytest.raises(TPOError) as caught:
        run_all([bandit_cell()], CellStore(tmp_path), InThisProcess(), lambda _: None)
    assert type(caught.value.__cause__) is cause


def leave(*_, **__):
    sys.exit(0)


class InThisProcess:
    """A launcher that works at once, and counts how often it starts something."""

    jobs = 1

    def __init__(self):
        self.started, self.said = 0, []

    @property
    def running(self):
        return len(self.said)

    def start(self, cell, library):
        self.started += 1
        module.work(cell, library.path(cell), self.said.append, stop=lambda: False)
        self.said.append(Ended(cell, "exit code 1"))

    def hear(self):
        said, self.said = self.said, []
        return said

    def stop(self):
        pass

    def kill(self):
        self.said = []


def test_an_exception_is_told_once_with_its_cause_first(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(module, "run_cell", run_badly)
    launcher = InThisProcess()
    with pytest.raises(TPOError) as caught:
        run_all([bandit_cell()], CellStore(tmp_path), launcher, lambda _: None)
    lines = [score.__code__.co_firstlineno + 1, run_badly.__code__.co_firstlineno + 2]
    assert str(caught.value) == (
        f"ZeroDivisionError: no candidates. It was raised in score (test_failures.py, line {lines[0]}), "
        f"called by run_badly (test_failures.py, line {lines[1]}), while running tpo on single-context-bandit, "
        "seeds 0 to 2. Mend that code and run it again."
    )
    assert launcher.started == 1
    assert "Traceback" not in capfd.readouterr().err
    assert str(caught.value.__cause__).startswith("Traceback (most recent call last):\n")
    assert str(caught.value.__cause__).endswith("RuntimeError: the step failed\n")


def test_a_task_that_exits_has_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "run_cell", leave)
    launcher = InThisProcess()
    with pytest.raises(TPOError, match=r"^SystemExit: 0\. It was raised in leave"):
        run_all([bandit_cell()], CellStore(tmp_path), launcher, lambda _: None)
    assert launcher.started == 1


CELL = bandit_cell(steps=4)
RUNS = {"K=3: TPO, seeds 0 to 2": CELL}


def news(step, cell=CELL, **metrics):
    return News(cell.digest, step, metrics)


@pytest.mark.parametrize("first", [1, 2])
def test_a_run_that_becomes_nan_is_told_at_once_and_once(first):
    told, cell = [], make_cells()["tpo"]
    watch = Watch({"K=3: TPO, seeds 0 to 2": cell}, told.append)
    for step in range(1, first):
        watch.note(news(step, cell, error=0.5, loss=1.0))
    watch.note(news(first, cell, error=0.5, loss=float("inf")))
    watch.note(news(first + 1, cell, error=float("nan"), loss=float("nan")))
    assert told == [
        f"K=3: TPO, seeds 0 to 2: loss is not finite from step {first} on. {REMEDY}",
    ]


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"error": [[1, 1]], "loss": [[1, 1]]}, None),
        ({"error": [[0, 0]], "loss": [[NAN, NAN]]}, ("loss", 1)),
        ({"error": [[1, NAN], [1, 1]], "loss": [[1, 1], [1, 1]]}, ("error", 2)),
        ({"error": [[1, NAN]], "loss": [[1, 1]], "gradient_norm": [[math.inf, 1]]}, ("gradient_norm", 1)),
        ({"error": [[1, 1]], "loss": [[1, 1]], "surplus_0": [[NAN, NAN]]}, None),
    ],
)
def test_the_first_step_that_is_not_finite(arrays, found):
    arrays = {name: np.array(values, np.float64) for name, values in arrays.items()}
    assert first_not_finite(arrays, registry.task("token-reversal")) == found


def test_a_record_says_from_which_step_on_an_arm_is_not_finite():
    nan = make_result([[0.0, 0.0, 0.0]])
    nan.arrays["loss"][0, 1:] = NAN
    record = make_run({"tpo": [[0.5, 0.4, 0.3]], "dg": nan})
    arms = record["panels"]["token-reversal"]
    assert (arms["tpo"]["not_finite_from"], arms["dg"]["not_finite_from"]) == (None, 2)
    found = {column.head: [cell.text for cell in column.cells] for column in columns(record)}
    assert found["not finite\nfrom step"] == ["", "2"]


def test_what_has_no_loss_and_bins_without_images_do_not_diverge():
    told = []
    watch = Watch(RUNS, told.append)
    for step in (1, 2):
        watch.note(news(step, error=0.5, loss=float("nan"), gain=float("nan")))
    watch.note(News(CELL.digest, 2, done=True))
    assert told == []


class Diverges(InThisProcess):
    """Runs whose second seed's error is NaN from step 3 on."""

    def start(self, cell, library):
        error = np.full((len(cell.seeds), cell.steps), 0.5)
        error[-1, 2:] = np.nan
        arrays = {"error": error, "misalignment": error, "loss": np.full_like(error, np.nan)}
        arrays["seconds"] = np.full(cell.steps, 0.1)
        header = {"cell": cell.to_json(), "cpu_seconds": 0.0, "provenance": PROVENANCE.to_json()}
        npz.write(library.path(cell), header, arrays)
        means = {step: float(error[:, step].mean()) for step in range(cell.steps)}
        self.said = [News(cell.digest, step + 1, {"error": mean}) for step, mean in means.items()]
        self.said.append(Ended(cell, "exit code 0"))


def test_stored_results_that_are_not_finite_are_found(tmp_path):
    library = CellStore(tmp_path)
    run_all([CELL], library, Diverges(), lambda _: None)
    (found,) = diverged(RUNS, library)
    assert found == ("K=3: TPO, seeds 0 to 2", "error", 3)


def test_the_command_says_so_at_once_and_at_its_end_and_keeps_the_results(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "launching", lambda *_, **__: nullcontext(Diverges()))
    command = ["run", "figure3", "--scale", "smoke", "--output", str(tmp_path), "--set", "trainer.steps=5"]
    for again in (False, True):
        with pytest.raises(SystemExit) as caught:
            main(command)
        err = capsys.readouterr().err
        assert (caught.value.code, err) == (1, err)
        assert ("warning: " in err) is not again
        assert err.count("error is not finite from step 3 on. Lower its") == (0 if again else 4)
        assert err.count("error: ") - err.count("on: error: ") >= 4
        last = err.splitlines()[-1]
        assert last.startswith("4 of 4 runs diverged; their results are kept. Lower its learning rate")
    assert len(list((tmp_path / "cells").glob("*.npz"))) == 4


class DivergesIfShort(Diverges):
    """Cells of three steps diverge; longer ones do not."""

    def start(self, cell, library):
        super().start(cell, library)
        if cell.steps > 3:
            header, arrays = npz.read(library.path(cell))
            seconds = arrays.pop("seconds")
            finite = {name: np.full_like(values, 0.5) for name, values in arrays.items()}
            npz.write(library.path(cell), header, finite | {"seconds": seconds})


def test_a_run_that_diverged_is_told_though_one_of_another_plan_has_its_name(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "launching", lambda *_, **__: nullcontext(DivergesIfShort()))
    plans = {tmp_path / name: make_plan(steps=steps, arms={"tpo": ARMS["tpo"]}) for name, steps in (("a", 3), ("b", 4))}
    values = {"launcher": "processes", "address": None, "jobs": 1, "report_to": (), "overwrite": False}
    with pytest.raises(click.exceptions.Exit) as caught:
        run_plans(plans, CellStore(tmp_path / "cells"), {**values, "list": False, "estimate": False, "hours": None})
    assert caught.value.exit_code == 1
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "error: a: token-reversal: tpo, seeds 0 to 1: loss is not finite from step 1 on",
        f"1 of 2 runs diverged; their results are kept. {REMEDY}",
    ]


def test_a_run_that_panels_share_is_told_once_with_all_of_its_names(tmp_path):
    library = CellStore(tmp_path)
    run_all([CELL], library, Diverges(), lambda _: None)
    assert diverged({"K=3: TPO": CELL, "K=10: TPO": CELL}, library) == [("K=3: TPO = K=10: TPO", "error", 3)]


COMMAND = [
    *(sys.executable, "-m", "tpo", "run", "figure3", "--scale", "paper", "--jobs", "1"),
    *("--set", "trainer.steps=200000", "--set", "trainer.seeds=3"),
]


@pytest.mark.usefixtures("default_sigint")
def test_a_second_ctrl_c_ends_at_once_even_while_a_worker_is_stopped(tmp_path):
    with subprocess.Popen(
        [*COMMAND, "--output", str(tmp_path)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        log = tmp_path / "figure3-paper-numpy-"
        while not any(path.stat().st_size > 5000 for path in tmp_path.glob("*/events.jsonl")):
            assert process.poll() is None, log
            time.sleep(0.02)
        workers = children(process.pid)
        assert workers
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline().startswith("stopping: every run finishes its step and is kept; Ctrl-C again")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert time.monotonic() - began < PATIENCE
    assert not any(map(is_alive, workers))


def children(pid):
    """The processes that `pid` started, which train."""
    return [one.pid for one in psutil.Process(pid).children() if "spawn_main" in " ".join(one.cmdline())]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
