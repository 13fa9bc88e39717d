"""Bad input is refused in one line, before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points

import pytest

from tests.absent import Absent
from tpo import LauncherInfo, TaskInfo, hookimpl
from tpo.plugins import registry

RUN = ("run", "token-reversal", "--backend", "torch")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("--steps 0", "`steps` must be at least 1; got 0. A step is a rollout and its epochs."),
        ("--seeds -1", "`seeds` must be at least 1; got -1. It is how many seeds to run, from 0 on."),
        ("--seeds 0", "`seeds` must be at least 1; got 0. It is how many seeds to run, from 0 on."),
        (
            "--seeds 1000000000000",
            (
                "`trainer.seeds` must be at most 1000000000, and at least -1000000000; got 1000000000000. "
                "Choose one within these limits."
            ),
        ),
        (
            "--algorithms tpo,mpo",
            (
                "the task must give `advantages` for mpo; got one that does not (tpo.ProvidesGroupFields). "
                "Choose another algorithm or task, or train in a loop of your own."
            ),
        ),
        ("--vocab-size 1", "`vocab_size` must be at least 2; got 1. With less there is nothing to learn."),
        (
            "--group-size 1",
            "the group size must be at least 2 for tpo; got 1. Use larger groups: --set arm.group_size=2.",
        ),
        (
            "--num-generations 1",
            "the group size must be at least 2 for tpo; got 1. Use larger groups: --set arm.group_size=2.",
        ),
        (
            "--algorithms dg --batch-size 1",
            "the batch size must be at least 2 for dg; got 1. Use larger groups: --set arm.batch_size=2.",
        ),
        (
            "--learning-rate 0",
            "`learning_rate` must be positive and finite; got 0.0. For example 0.001.",
        ),
        ("--algorithms tpo,tpo", "`algorithms` must name each algorithm once; got 'tpo,tpo'. Try tpo,grpo."),
        (
            "--reward terminal --grouping token",
            (
                "the grouping must be sequence or batch under terminal reward; got 'token'. "
                "A single token has no terminal reward: --grouping sequence."
            ),
        ),
        (
            "--algorithms tpo,gpro",
            (
                "the name must be a registered algorithm; got 'gpro'. Did you mean 'grpo'? "
                f"Registered: {', '.join(registry.host().algorithms())}."
            ),
        ),
        (
            "--grouping tokn",
            (
                "the name must be a registered grouping; got 'tokn'. Did you mean 'token'? "
                "Registered: actions, batch, scored-actions, sequence, sequence-mean, "
                "sequence-sqrt, sequence-tokens, token."
            ),
        ),
        (
            "--backend trch",
            (
                "the name must be a registered backend that trains; got 'trch'. Did you mean 'torch'? "
                "Registered: jax, torch."
            ),
        ),
        ("--backend numpy", "the name must be a registered backend that trains; got 'numpy'. Registered: jax, torch."),
        (
            "--optimizer muo",
            ("the name must be a registered optimizer; got 'muo'. Did you mean 'muon'? Registered: adam, muon, sgd."),
        ),
        (
            "--dtype float16",
            (
                "the name must be a registered dtype; got 'float16'. Did you mean 'float64'? "
                "Registered: float32, float64."
            ),
        ),
    ],
)
def test_it_is_refused_before_training(tpo, trainings, tmp_path, arguments, text):
    output = tmp_path / "out"
    outcome = tpo(*RUN, "--output", output, *arguments.split())
    assert outcome == (2, "", f"error: {text}\n")
    assert trainings == []
    assert not output.exists()


def test_an_unknown_task_is_refused(tpo):
    text = "the name must be a registered task or exhibit; got 'token-revrsal'. Did you mean 'token-reversal'?"
    outcome = tpo("run", "token-revrsal")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {text} Registered: ")


def test_an_unknown_command_is_refused(tpo):
    text = "the name must be a registered command; got 'rn'. Did you mean 'run'?"
    known = "check, check-loss, compare, data, doctor, explain-batch, list, report, run, show"
    assert tpo("rn") == (2, "", f"error: {text} Registered: {known}.\n")


def test_a_number_that_is_none_is_refused(tpo):
    outcome = tpo(*RUN, "--steps", "many")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines()[-1] == "Error: Invalid value for '--steps': 'many' is not a valid integer."


@pytest.mark.parametrize(("place", "reason"), [("file/below", "Not a directory"), ("file", "File exists")])
def test_a_file_where_a_folder_should_be_is_refused_before_training(tpo, trainings, tmp_path, place, reason):
    (tmp_path / "file").write_text("")
    outcome = tpo(*RUN, "--output", tmp_path / place)
    text = f"the output folder must be writable; got '{tmp_path / place}' ({reason})."
    remedy = "Remove the file that is in the way, or choose another folder: --output."
    assert outcome == (2, "", f"error: {text} {remedy}\n")
    assert trainings == []


def test_a_folder_with_another_run_is_refused(tpo, trainings, tmp_path):
    assert tpo(*RUN, "--output", tmp_path, "--steps", "2").code == 0
    trainings.clear()
    outcome = tpo(*RUN, "--output", tmp_path, "--steps", "3")
    text = (
        f"the output folder must be empty or hold this very run; got '{tmp_path}', which holds another run "
        "(the steps of token-reversal: tpo is 2, not 3). Choose another --output or pass --overwrite."
    )
    assert outcome == (2, "", f"error: {text}\n")
    assert trainings == []


def test_a_truncated_result_is_refused_by_name(tpo, trainings, tmp_path):
    path = tmp_path / "result.json"
    path.write_text('{"format": 1, "completed": tr')
    outcome = tpo(*RUN, "--output", tmp_path)
    text = (
        f"'{path}' must be a result of tpo; got a damaged or foreign file (JSONDecodeError: Expecting value: "
        "line 1 column 28 (char 27)). Delete it, or run the task again. To replace it, pass --overwrite."
    )
    assert outcome == (2, "", f"error: {text}\n")
    assert trainings == []


@dataclass(frozen=True, kw_only=True)
class Clash:
    """A task with a field that is an option of every task.

    Attributes:
        steps: Of something else.
    """

    steps: int = 1


class Strange(Absent):
    """A plug-in with a missing backend, and a task with a bad field."""

    @hookimpl
    def tpo_tasks(self):
        return (TaskInfo(name="clash", load=f"{__name__}:Clash", default_backend="absent"),)

    @hookimpl
    def tpo_launchers(self):
        hint = "pip install absent"
        return (LauncherInfo(name="far", load="m:x", requires=("nowhere_to_be_found",), hint=hint),)


@pytest.fixture
def strange(monkeypatch):
    """Register the plug-in `Strange` in addition to the installed ones."""
    host = registry.PluginHost(entry_points(group="tpo"))
    host.register(Strange(), "strange")
    monkeypatch.setattr(registry, "host", lambda: host)


@pytest.mark.usefixtures("strange")
def test_a_backend_that_is_not_installed_is_refused_with_the_command_that_installs_it(tpo, tmp_path):
    outcome = tpo(*RUN, "--output", tmp_path, "--backend", "absent")
    text = (
        "the backend must be installed; 'absent' is registered but nowhere_to_be_found is missing. "
        "Install it: pip install absent."
    )
    assert outcome == (2, "", f"error: {text}\n")


@pytest.mark.usefixtures("strange")
@pytest.mark.parametrize("more", [(), ("--list",), ("--estimate",)])
def test_a_launcher_that_is_not_installed_is_refused_in_the_same_way(tpo, tmp_path, more):
    outcome = tpo("run", "figure3", "--output", tmp_path / "out", "--launcher", "far", *more)
    text = "the launcher must be installed; 'far' is registered but nowhere_to_be_found is missing."
    assert outcome == (2, "", f"error: {text} Install it: pip install absent.\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("strange")
def test_a_task_cannot_take_an_option_of_every_task(tpo):
    text = "a task's field must not be called like an option of every task; got 'steps' in 'clash'. Rename it, "
    text += "or its flag: field(metadata={'flag': NAME})."
    assert tpo("run", "clash") == (2, "", f"error: {text}\n")
