"""`--set NAME=VALUE` changes one setting, of a task as of an exhibit, or is refused before anything runs."""

from __future__ import annotations

import json

import pytest

from tpo.experiments.catalogue import catalogue

TASK = ("run", "token-reversal", "--backend", "torch", "--algorithms", "tpo,grpo")
TABLE = ("run", "table5", "--scale", "smoke")


def setting(*assignments):
    return [argument for assignment in assignments for argument in ("--set", assignment)]


@pytest.fixture
def settings_of(tpo, trainings, tmp_path):
    """The settings that a run of the task stores, by arm, when it is changed so; all of it is run."""

    def run(*assignments):
        assert tpo(*TASK, "--steps", "1", *setting(*assignments), "--output", tmp_path).code == 0
        assert trainings == ["tpo", "grpo"]
        kept = json.loads((tmp_path / "exhibit.json").read_text())["settings"]
        return {name.removeprefix("token-reversal: "): made for name, made in kept.items()}

    return run


def test_of_a_task_the_trainer_and_its_own_fields(settings_of):
    changes = ("trainer.steps=3", "trainer.seeds=2", "trainer.dtype=float64", "task.length=4", "task.target=copy")
    spec = settings_of(*changes)["tpo"]
    assert (spec["steps"], spec["seeds"], spec["dtype"]) == (3, [0, 1], "float64")
    assert spec["options"] == {"vocab_size": 2, "length": 4, "target": "copy", "reward": "bag-of-tokens"}


def test_of_a_task_all_arms_or_one_and_the_options_of_its_algorithm(settings_of):
    changes = ("arm.batch_size=50", "arms.tpo.epochs=2", "arms.tpo.options.eta=2", "arms.grpo.options.kl=0.5")
    arms = {label: made["arm"] for label, made in settings_of(*changes).items()}
    assert {name: (arm["batch_size"], arm["epochs"]) for name, arm in arms.items()} == {"tpo": (50, 2), "grpo": (50, 4)}
    assert repr(arms["tpo"]["options"]) == "{'eta': 2.0}"
    assert arms["grpo"]["options"] == {"reduction": "group-mean-token-sum", "kl": 0.5}


def test_a_standardizer_is_set_by_its_name(settings_of, tpo, tmp_path):
    arms = {label: made["arm"] for label, made in settings_of("arms.tpo.options.standardizer=ranks").items()}
    assert arms["tpo"]["options"] == {"standardizer": "ranks"}
    text = "got 'rank'. Did you mean 'ranks'?"
    check_refused(tpo, TASK, "arms.tpo.options.standardizer=rank", text, tmp_path / "new")


def test_the_arms_are_those_of_the_task_as_it_is_changed(settings_of):
    arms = {label: made["arm"] for label, made in settings_of("task.reward=terminal", "arms.tpo.gate=1").items()}
    assert [arm["grouping"] for arm in arms.values()] == ["sequence", "sequence"]
    assert [repr(arm["gate"]) for arm in arms.values()] == ["1.0", "None"]


def check_refused(tpo, command, assignment, text, folder):
    """It is one line of an error that has `text`, and nothing is written."""
    outcome = tpo(*command, *setting(assignment), "--output", folder)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert text in outcome.err
    assert outcome.err.count("\n") == 1
    assert not folder.exists()


@pytest.mark.parametrize(
    ("assignment", "text"),
    [
        ("trainer.step=3", "registered setting; got 'trainer.step'. Did you mean 'trainer.steps'?"),
        ("task.lenght=3", "registered setting; got 'task.lenght'. Did you mean 'task.length'?"),
        ("arms.tpo.epoch=3", "registered setting; got 'arms.tpo.epoch'. Did you mean 'arms.tpo.epochs'?"),
        ("arms.tppo.epochs=3", "registered setting; got 'arms.tppo'. Did you mean 'arms.tpo'?"),
        ("eta=0.5", "registered setting; got 'eta'. Registered: arm, arms, task, trainer."),
        ("arm.options.eta=0.5", "registered option of grpo; got 'eta'. Registered: clip, kl, reduction, skip_tied."),
        ("arms.tpo.options.et=0.5", "registered option of tpo; got 'et'. Did you mean 'eta'?"),
        ("arms.tpo.options.eta=x", "`arms.tpo.options.eta` must be of type float; got 'x', of type str."),
        (
            "arms.tpo.options.standardizer=3",
            "must be of type ZScore; got 3, of type int. Write the name of a standardizer.",
        ),
        ("arms.tpo.options.eta=Infinity", "`arms.tpo.options.eta` must be finite; got inf."),
        ("arms.tpo.gate=foo", "`arms.tpo.gate` must be of type float or None; got 'foo', of type str."),
        ("arm.learning_rate=NaN", "`arms.tpo.learning_rate` must be finite; got nan."),
        ("arm.learning_rate=-1", "`learning_rate` must be positive and finite; got -1.0."),
        ("trainer.steps=few", "`trainer.steps` must be of type int; got 'few', of type str."),
        ("trainer.seeds=0", "`seeds` must be at least 1; got 0."),
        ("trainer.steps=0", "`steps` must be at least 1; got 0."),
        ("task.length=x", "`task.length` must be of type int; got 'x', of type str. Write a whole number."),
        ("task.length", "`--set` must be NAME=VALUE; got 'task.length'."),
        ("arm.algorithm=tpu", "registered algorithm; got 'tpu'. Did you mean 'tpo'?"),
    ],
)
def test_what_makes_no_sense_for_a_task_is_refused_before_training(tpo, trainings, tmp_path, assignment, text):
    check_refused(tpo, TASK, assignment, text, tmp_path / "out")
    assert trainings == []


@pytest.mark.parametrize("rate", ["inf", "nan"])
def test_a_flag_takes_no_number_that_is_not_finite_either(tpo, trainings, tmp_path, rate):
    outcome = tpo(*TASK, "--learning-rate", rate, "--output", tmp_path / "out")
    text = f"error: `learning_rate` must be positive and finite; got {rate}. For example 0.001.\n"
    assert (outcome, trainings) == ((2, "", text), [])


def test_help_of_a_task_shows_it_with_an_example(tpo):
    words = " ".join(tpo("run", "token-reversal", "--help").out.split())
    text = "Change a setting: trainer.steps, arm.epochs in all arms, arms.LABEL.options.eta in one; may be repeated."
    assert f"--set NAME=VALUE {text}" in words
    assert "tpo run token-reversal --steps 5 --set arms.tpo.learning_rate=0.01" in words


def test_the_labels_of_arms_may_hold_dots_and_equals_signs(tpo, trainings, tmp_path):
    changes = setting("arm.batch_size=5", "arms.eta=0.25.epochs=2", "arms.eta=0.5.options.eta=0.75")
    assert tpo(*TABLE, *changes, "--output", tmp_path).code == 0
    assert len(trainings) == 5
    (path,) = tmp_path.glob("*/exhibit.json")
    record = json.loads(path.read_text())
    arms = {place.partition(": ")[2]: made["arm"] for place, made in record["settings"].items()}
    assert {label: (arm["batch_size"], arm["epochs"], arm["options"]["eta"]) for label, arm in arms.items()} == {
        "eta=0.25": (5, 2, 0.25),
        "eta=0.5": (5, 4, 0.75),
        "eta=1.0": (5, 4, 1.0),
        "eta=2.0": (5, 4, 2.0),
        "eta=4.0": (5, 4, 4.0),
    }
    assert "arms.eta=0.25.epochs 2 instead of 4" in record["deviations"]


@pytest.mark.parametrize(
    ("assignment", "text"),
    [
        ("arms.eta=0.3.epochs=2", "registered setting; got 'arms.eta'. Did you mean 'arms.eta=4.0'?"),
        ("arms.eta=0.25.epoch=2", "got 'arms.eta=0.25.epoch'. Did you mean 'arms.eta=0.25.epochs'?"),
        ("arms.eta=0.25.epochs", "`--set` must be NAME=VALUE; got 'arms.eta=0.25.epochs'."),
        ("arm.gate=foo", "`arms.eta=0.25.gate` must be of type float or None; got 'foo', of type str."),
        ("arm.options.eta=few", "`arms.eta=0.25.options.eta` must be of type float; got 'few', of type str."),
        ("arm.learning_rate=Infinity", "`arms.eta=0.25.learning_rate` must be finite; got inf."),
    ],
)
def test_what_makes_no_sense_for_an_exhibit_is_refused(tpo, trainings, tmp_path, assignment, text):
    check_refused(tpo, TABLE, assignment, text, tmp_path / "out")
    assert trainings == []


def test_all_exhibits_can_be_changed_at_once(tpo, tmp_path):
    outcome = tpo("run", "all", "--scale", "smoke", *setting("trainer.seeds=2"), "--list", "--output", tmp_path)
    assert outcome.code == 0
    assert outcome.out.count("seeds 0 to 1\n") + outcome.out.count("seed 1\n") >= len(catalogue())
