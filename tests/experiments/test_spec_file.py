"""Exhibits from files: what a file says, what it leaves to the task, and how mistakes are answered."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tpo import TPOError
from tpo.arms import Arm
from tpo.experiments import spec_file
from tpo.experiments.exhibit import Exhibit, Scale, Trainer, plan
from tpo.experiments.spec_file import load

WHOLE = """
title = "A title"
source = "Somewhere"
task = "token-reversal"
statistic = "steps to 1 %"
curves = ["error", "loss"]
backend = "torch"
note = "A note."
options = { length = 4 }

[arms.TPO]
algorithm = "tpo"
learning_rate = 1

[arms.GRPO]
algorithm = "grpo"
grouping = "sequence"
options = { kl = 0 }

[panels.two]
task.vocab_size = 2

[panels.three]
"task.vocab_size" = 3
arms.TPO.options.eta = 0.5

[trainer]
steps = 7
seeds = 3
seeds_per_cell = 2
dtype = "float64"

[scales.smoke]
panels = ["three"]
settings = { trainer.steps = 2, arm.batch_size = 4 }
"""
LEAST = """
task = "token-reversal"
[arms.TPO]
algorithm = "tpo"
"""


@pytest.fixture
def file(tmp_path):
    """A function that writes a file and gives its path."""

    def write(text, name="mine.toml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_every_field_of_an_exhibit_may_stand_in_it():
    assert set(spec_file.FIELDS) == {field.name for field in fields(Exhibit)} - {"whole", "as_is"}


def test_a_file_is_an_exhibit(file):
    grpo = {"reduction": "group-mean-token-sum", "kl": 0.0}
    assert load(file(WHOLE)) == Exhibit(
        name="mine",
        title="A title",
        source="Somewhere",
        task="token-reversal",
        options={"length": 4},
        arms={
            "TPO": Arm(algorithm="tpo", grouping="token", learning_rate=1.0),
            "GRPO": Arm(algorithm="grpo", grouping="sequence", options=grpo),
        },
        panels={"two": {"task.vocab_size": 2}, "three": {"task.vocab_size": 3, "arms.TPO.options.eta": 0.5}},
        trainer=Trainer(steps=7, seeds=3, seeds_per_cell=2, dtype="float64"),
        scales={"smoke": Scale(settings={"trainer.steps": 2, "arm.batch_size": 4}, panels=("three",))},
        statistic="steps to 1 %",
        curves=("error", "loss"),
        backend="torch",
        note="A note.",
        whole="full",
        as_is="as in mine.toml",
    )


def test_its_cells_are_those_that_the_same_exhibit_has(file):
    cells = plan(load(file(WHOLE)), "smoke", {"task.length": 5}).cells
    assert [cell.seeds for cell in cells["three", "TPO"]] == [(0, 1), (2,)]
    (cell, _), _ = cells.values()
    assert (cell.options["vocab_size"], cell.options["length"], cell.steps, cell.backend) == (3, 5, 2, "torch")
    assert (cell.arm.options, cell.arm.batch_size, cell.arm.learning_rate) == ({"eta": 0.5}, 4, 1.0)


def test_what_it_leaves_out_is_the_tasks_own(file):
    exhibit = load(file(LEAST, "least-of-all.toml"))
    assert (exhibit.name, exhibit.title, exhibit.source) == ("least-of-all", "least-of-all", "least-of-all.toml")
    assert (exhibit.backend, exhibit.statistic, exhibit.curves) == ("jax", "final error, %", ("error",))
    assert exhibit.trainer == Trainer(steps=100, seeds=1)
    assert exhibit.panels == {"token-reversal": {}}
    (cell,) = plan(exhibit, "full", {}).all_cells()
    assert cell.validate().arms["tpo"] == cell.arm


def test_a_task_in_closed_form_has_arms_of_its_own(file):
    exhibit = load(file('task = "multi-context-bandit"\n[arms.CE]\nalgorithm = "ce"\n'))
    assert (exhibit.arms["CE"].grouping, exhibit.backend) == ("actions", "numpy")


@pytest.mark.parametrize(
    ("text", "key", "answer"),
    [
        ('titel = "x"\n' + LEAST, "titel", "must be a registered field; got 'titel'. Did you mean 'title'?"),
        ("title = 3\n" + LEAST, "title", "the value must be a text; got 3, a whole number."),
        ('curves = "error"\n' + LEAST, "curves", "the value must be a list; got 'error', a text."),
        ("curves = [1]\n" + LEAST, "curves", "the value must be a text; got 1, a whole number."),
        ('trainer = "x"\n' + LEAST, "trainer", "the value must be a table; got 'x', a text."),
        (LEAST.replace("-reversal", "-revrsal"), "task", "got 'token-revrsal'. Did you mean 'token-reversal'?"),
        ('task = "token-reversal"\n', "arms", "the field must be there; got none."),
        ("[arms.TPO]\nalgorithm='tpo'", "task", "the field must be there; got none."),
        (LEAST.replace("arms.TPO", "arms.'TPO 0.5'"), "arms.TPO 0.5", "must have no dot; got 'TPO 0.5'."),
        (LEAST.replace('"tpo"', '"tpoo"'), "arms.TPO.algorithm", "got 'tpoo'. Did you mean 'tpo'?"),
        (LEAST.replace('"tpo"', "1"), "arms.TPO.algorithm", "the value must be a text; got 1, a whole number."),
        (LEAST + "epoch = 1", "arms.TPO", "must be a registered setting; got 'epoch'. Did you mean 'epochs'?"),
        (LEAST + "epochs = 1.5", "arms.TPO", "`epochs` must be of type int; got 1.5, of type float."),
        (LEAST + "epochs = 0", "arms.TPO", "`epochs` must be at least 1; got 0."),
        (LEAST + 'grouping = "tokn"', "arms.TPO.grouping", "got 'tokn'. Did you mean 'token'?"),
        (LEAST + 'optimizer = "muo"', "arms.TPO.optimizer", "got 'muo'. Did you mean 'muon'?"),
        (LEAST + "options.etta = 1", "arms.TPO.options", "got 'etta'. Did you mean 'eta'?"),
        (LEAST + "options.eta = 'x'", "arms.TPO.options", "`eta` must be of type float; got 'x', of type str."),
        ('task = "token-reversal"\n[arms]\nTPO = 1', "arms.TPO", "the value must be a table; got 1, a whole number."),
        (LEAST + "[options]\nlenght = 3", "options", "got 'lenght'. Did you mean 'length'?"),
        (LEAST + "[options]\nlength = 'x'", "options", "`length` must be of type int; got 'x', of type str."),
        (LEAST + "[trainer]\nstep = 3", "trainer", "got 'step'. Did you mean 'steps'?"),
        (LEAST + "[trainer]\nseeds_per_cell = 0", "trainer", "`trainer.seeds_per_cell` must be at least 1; got 0."),
        (LEAST + "[panels]\na = 1", "panels.a", "the value must be a table; got 1, a whole number."),
        (LEAST + "[panels.a]\ntask.lenght = 1", "panels.a", "got 'task.lenght'. Did you mean 'task.length'?"),
        (LEAST + "[panels.a]\narm.epochs = 'x'", "panels.a", "`arms.TPO.epochs` must be of type int; got 'x'"),
        (LEAST + "[scales.a]\nsetting = {}", "scales.a.setting", "got 'setting'. Did you mean 'settings'?"),
        (LEAST + "[scales.a]\nsettings = 1", "scales.a.settings", "the value must be a table; got 1"),
        (LEAST + "[scales.a]\npanels = ['x']", "scales.a.panels", "must be a registered panel; got 'x'."),
        (LEAST + "[scales.a]\nsettings.trainer.step = 1", "scales.a.settings", "Did you mean 'trainer.steps'?"),
        (LEAST + "[scales.full]", "scales.full", "a scale must not be called 'full'; got that."),
        ('statistic = "error"\n' + LEAST, "statistic", "must be a registered statistic; got 'error'."),
        ('backend = "trch"\n' + LEAST, "backend", "got 'trch'. Did you mean 'torch'?"),
        ('name = "a/b"\n' + LEAST, "name", "must be of letters, digits, '.', '_' and '-'; got 'a/b'."),
        ('name = "table1"\n' + LEAST, "name", "must not be that of a task or exhibit; got 'table1'."),
        ('name = "token-reversal"\n' + LEAST, "name", "must not be that of a task or exhibit; got 'token-reversal'."),
        ('name = "all"\n' + LEAST, "name", "must not be that of a task or exhibit; got 'all'."),
    ],
)
def test_a_mistake_is_answered_with_the_file_and_the_key(file, text, key, answer):
    path = file(text)
    with pytest.raises(TPOError) as caught:
        load(path)
    assert str(caught.value).startswith(f"in '{path}', `{key}`: ")
    assert answer in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"), [(None, "No such file or directory"), ("a =", "Invalid value (at end of document)")]
)
def test_what_is_no_toml_is_refused_by_name(file, tmp_path, text, reason):
    path = tmp_path / "none.toml" if text is None else file(text)
    with pytest.raises(TPOError) as caught:
        load(path)
    assert str(caught.value) == (
        f"`--spec` must name a file in TOML; got {str(path)!r} ({reason}). "
        "examples/my-experiment.toml shows how it is written."
    )
