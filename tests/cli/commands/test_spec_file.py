"""`tpo run --spec FILE`: a user's own experiment, and errors in one."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest

from tpo import InvalidArgumentError, InvalidTypeError, UnknownNameError
from tpo.experiments import toml_file
from tpo.experiments.analysis import record as records
from tpo.experiments.spec.plan import plan

EXAMPLE = Path(__file__).parents[3] / "examples" / "experiments" / "temperature.toml"

LEAST = """
    name = "mine"
    task = "token-reversal"
    arms.TPO.algorithm = "tpo"
    trainer = { steps = 3, seeds = 2 }
"""


def written(folder, text):
    path = folder / "my.toml"
    path.write_text(textwrap.dedent(text))
    return path


def test_the_example_runs_and_is_not_run_twice(tpo, tmp_path):
    command = ("run", "--spec", EXAMPLE, "--scale", "quick", "--backend", "torch", "--output", tmp_path)
    ran = tpo(*command)
    assert ran.code == 0
    assert "Temperature under terminal reward (temperature.toml); quick scale, torch" in " ".join(ran.out.split())
    assert "changed: trainer.steps 5 instead of 100" in ran.out
    shown = json.loads(tpo("show", tmp_path / "temperature-quick-torch", "--json").out)["arms"]
    assert list(shown) == ["K=4: sharp", "K=4: usual", "K=4: GRPO"]
    assert all(0.8 < arm["final_error"]["mean"] <= 1 for arm in shown.values())
    assert "of 3:" not in tpo(*command).err
    assert "of 3:" in ran.err


def test_the_file_may_stand_for_the_name(tpo):
    one, other = (tpo("run", *how, "--list").out for how in ((EXAMPLE,), (f"--spec={EXAMPLE}",)))
    assert one == other
    assert one.count("to run") == 6


def test_what_is_left_out_is_as_the_task_has_it(tmp_path):
    exhibit = toml_file.read(written(tmp_path, LEAST))
    ((panel, label), (cell,)) = next(iter(plan(exhibit, "full", {}).cells.items()))
    assert (panel, label, cell.seeds, cell.steps) == ("token-reversal", "TPO", (0, 1), 3)
    assert (cell.arm.epochs, cell.arm.group_size, cell.arm.grouping, cell.backend) == (4, 8, "token", "jax")
    assert (exhibit.title, exhibit.statistic) == ("mine", "steps to 1 %")


def test_what_is_said_is_what_is_run(tmp_path):
    text = f"""{LEAST}
    backend = "torch"
    options.length = 5
    [arms.GRPO]
    algorithm = "grpo"
    epochs = 1
    learning_rate = 1
    options.kl = 0.0
    [panels.small]
    "arm.batch_size" = 7
    """
    planned = plan(toml_file.read(written(tmp_path, text)), "full", {"task.vocab_size": 3})
    (cell,) = planned.cells["small", "GRPO"]
    assert cell.backend == "torch"
    assert (cell.options["length"], cell.options["vocab_size"]) == (5, 3)
    assert (cell.arm.epochs, cell.arm.learning_rate, cell.arm.batch_size) == (1, 1.0, 7)
    assert cell.arm.options == {"kl": 0.0, "reduction": "group-mean-token-sum"}


@pytest.mark.parametrize(
    ("change", "kind", "text"),
    [
        ("name = 'table1'", InvalidArgumentError, "`name` must be new; got 'table1', the name of a task or exhibit."),
        ("name = 'token-reversal'", InvalidArgumentError, "`name` must be new; got 'token-reversal'"),
        ("task = 'token-reversals'", UnknownNameError, "Did you mean 'token-reversal'?"),
        ("tasks = 'x'", UnknownNameError, "registered field of a spec; got 'tasks'. Did you mean 'task'?"),
        (
            "title = 3",
            InvalidTypeError,
            "every field of a spec must be of its type; got: Expected `str | null`, got `int` - at `$.title`.",
        ),
        ("statistic = 'final errors, %'", UnknownNameError, "Did you mean 'final error, %'?"),
        ("arms.TPO.epoch = 2", UnknownNameError, "got 'arms.TPO.epoch'. Did you mean 'arms.TPO.epochs'?"),
        ("arms.TPO.epochs = 'two'", InvalidTypeError, "`arms.TPO.epochs` must be of type int; got 'two', of type str."),
        ("arms.TPO.options.et = 2", UnknownNameError, "registered option of tpo; got 'et'. Did you mean 'eta'?"),
        ("arms.TPO.algorithm = 'tpu'", UnknownNameError, "registered algorithm; got 'tpu'. Did you mean 'tpo'?"),
        ("arms.TPO = { epochs = 2 }", InvalidTypeError, "missing required field `algorithm` - at `$.arms.TPO`."),
        ("trainer.step = 2", UnknownNameError, "got 'trainer.step'. Did you mean 'trainer.steps'?"),
        ('arms.TPO.algoritm = "tpo"', UnknownNameError, "got 'arms.TPO.algoritm'. Did you mean 'arms.TPO.algorithm'?"),
        ("arms.TPO.eta = 0.5", UnknownNameError, "An option of the algorithm is arms.TPO.options.eta."),
        ("trainer.steps = 0", InvalidArgumentError, "`trainer.steps` must be at least 1; got 0."),
        (
            "trainer = { seeds = 1 }",
            InvalidArgumentError,
            "`trainer.steps` must be given; got none.",
        ),
        (
            "scales.small.setting = {}",
            InvalidTypeError,
            "Object contains unknown field `setting` - at `$.scales[...]`.",
        ),
        ("arms = {}", InvalidTypeError, "Expected `object` of length >= 1 - at `$.arms`."),
        ("options.lengths = 3", UnknownNameError, "got 'task.lengths'. Did you mean 'task.length'?"),
        ("panels.a = 3", InvalidTypeError, "Expected `object`, got `int` - at `$.panels[...]`."),
        ("scales.small = 3", InvalidTypeError, "Expected `object`, got `int` - at `$.scales[...]`."),
        ("scales.small.panels = ['a']", UnknownNameError, "panel of mine, at scale small; got 'a'."),
        ("scales.small.panels = [3]", InvalidTypeError, "Expected `str`, got `int` - at `$.scales[...].panels[0]`."),
        ("curves = ['error', 3]", InvalidTypeError, "Expected `str`, got `int` - at `$.curves[1]`."),
        ("arms.TPO.options = 3", InvalidTypeError, "Expected `object`, got `int` - at `$.arms.TPO.options`."),
        ("arms.TPO.algorithm = 3", InvalidTypeError, "Expected `str`, got `int` - at `$.arms.TPO.algorithm`."),
        ("arms.TPO.gate = 'foo'", InvalidTypeError, "`arms.TPO.gate` must be of type float or None; got 'foo'"),
        ("arms.TPO.options.eta = 'x'", InvalidTypeError, "`arms.TPO.options.eta` must be of type float; got 'x'"),
        ("arms.TPO.options.eta = 0", InvalidArgumentError, "arms.TPO: `eta` must be a positive number; got 0.0."),
        ("arms.TPO.epochs = 0", InvalidArgumentError, "arms.TPO: `epochs` must be at least 1; got 0."),
        (
            "arms.TPO.group_size = 1",
            InvalidArgumentError,
            "arms.TPO: the group size must be at least 2 for tpo; got 1.",
        ),
        (
            "arms.TPO.grouping = 'tokens'",
            UnknownNameError,
            "arms.TPO: the name must be a registered grouping; got 'tokens'",
        ),
        (
            "arms.TPO.optimizer = 'sdg'",
            UnknownNameError,
            "arms.TPO: the name must be a registered optimizer; got 'sdg'",
        ),
        (
            "panels.a.arm.group_size = 1",
            InvalidArgumentError,
            "arms.TPO: the group size must be at least 2 for tpo; got 1.",
        ),
        ("backend = 'trch'", UnknownNameError, "toml: the name must be a registered backend that trains; got 'trch'."),
        ("trainer.dtype = 'float16'", UnknownNameError, "toml: the name must be a registered dtype; got 'float16'."),
        (
            "arms.TPO.learning_rate = inf",
            InvalidTypeError,
            "a finite number, got `inf` - at `$.arms.TPO.learning_rate`",
        ),
        (
            "arms.TPO.learning_rate = nan",
            InvalidTypeError,
            "a finite number, got `nan` - at `$.arms.TPO.learning_rate`",
        ),
        ("trainer.steps = inf", InvalidTypeError, "Expected a finite number, got `inf` - at `$.trainer.steps`."),
        (
            "name = 'a/../../b'",
            InvalidArgumentError,
            "`name` must consist of letters, digits, '-', '_' and '.', and",
        ),
        ("name = '.b'", InvalidArgumentError, "begin with '.'; got '.b'. Choose another: it is also the name of"),
        (
            "scales.full = {}",
            InvalidArgumentError,
            "a scale must not be called 'full'; got `scales.full`. Choose another name: that is",
        ),
        ("scales.'../b' = {}", InvalidArgumentError, "`scales.../b` must consist of letters, digits, '-', '_' and '.'"),
        ("options.length = 'x'", InvalidTypeError, "`task.length` must be of type int; got 'x', of type str."),
    ],
)
def test_what_makes_no_sense_is_refused_by_file_and_field(tmp_path, change, kind, text):
    changed = change.partition("=")[0].strip()
    kept = [line for line in textwrap.dedent(LEAST).splitlines() if not line.replace(" ", "").startswith(changed + "=")]
    if changed in {"arms", "arms.TPO"}:
        kept = [line for line in kept if not line.startswith("arms")]
    if changed.startswith("trainer."):
        kept = [line for line in kept if not line.startswith("trainer")]
        kept.append("trainer.seeds = 2")
        kept += ["trainer.steps = 3"] if changed != "trainer.steps" else []
    path = written(tmp_path, "\n".join([*kept, change]))
    with pytest.raises(kind) as refusal:
        toml_file.read(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert text in str(refusal.value)


@pytest.mark.parametrize("name", ["a", "A.b_c-1", "_", "1.toml"])
def test_a_name_that_is_that_of_a_folder_is_taken(tmp_path, name):
    assert toml_file.read(written(tmp_path, LEAST.replace("mine", name))).name == name


def test_labels_of_arms_may_hold_dots(tmp_path):
    text = f"""{LEAST}
    [arms."eta=0.5"]
    algorithm = "tpo"
    epochs = 2
    options = {{ eta = 0.5 }}
    [panels.small]
    "arms.eta=0.5.batch_size" = 7
    """
    cells = plan(toml_file.read(written(tmp_path, text)), "full", {"arms.eta=0.5.group_size": 3}).cells
    (cell,), (other,) = cells["small", "eta=0.5"], cells["small", "TPO"]
    assert (cell.arm.epochs, cell.arm.options, cell.arm.batch_size, cell.arm.group_size) == (2, {"eta": 0.5}, 7, 3)
    assert (other.arm.epochs, other.arm.options, other.arm.batch_size, other.arm.group_size) == (4, {}, 100, 8)


def test_a_method_that_only_its_task_knows_can_be_an_arm(tmp_path):
    text = LEAST.replace("token-reversal", "single-context-bandit").replace('"tpo"', '"reinforce"')
    exhibit = toml_file.read(written(tmp_path, text.replace('"single-', '"multi-').replace("reinforce", "ce")))
    assert exhibit.arms["TPO"].algorithm == "ce"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('curves = ["eror"]', "got 'eror'. Did you mean 'error'? Registered: effective_sample_size, error, "),
        ('error = "test_error"', "got 'test_error'. Did you mean 'error'?"),
        ('measure = "gradient_nrm"', "got 'gradient_nrm'. Did you mean 'gradient_norm'?"),
    ],
)
def test_what_is_not_measured_is_refused_before_anything_runs(tpo, trainings, tmp_path, line, text):
    path = written(tmp_path, f"{line}\n{textwrap.dedent(LEAST)}")
    outcome = tpo("run", path, "--output", tmp_path / "runs")
    assert (outcome.code, outcome.out, trainings) == (2, "", [])
    assert f"error: {path}: the name must be a registered measure of tpo on this task; {text}" in outcome.err
    assert not (tmp_path / "runs").exists()


def test_what_is_measured_can_be_reported(tpo, trainings, tmp_path):
    text = f'measure = "loss"\nstatistic = "final error, %"\n{textwrap.dedent(LEAST)}'
    assert tpo("run", written(tmp_path, text), "--output", tmp_path / "runs").code == 0
    assert trainings == ["tpo"]
    (arm,) = records.read(next(tmp_path.glob("runs/mine*")))["panels"]["token-reversal"].values()
    # The error of step 2 is a third, and its loss 2.
    assert (round(arm["final_error"]["mean"], 3), arm["ours"]["of_mean"]) == (0.333, 200.0)


@pytest.mark.parametrize("flag", [("--spec", EXAMPLE), (f"--spec={EXAMPLE}",)])
def test_options_may_stand_before_the_file(tpo, flag):
    options = ("--scale", "quick", "--backend", "torch", "--list")
    expected = tpo("run", EXAMPLE, *options)
    assert expected.code == 0
    assert expected.out.count("to run") == 3
    for place in range(len(options) + 1):
        if place not in {1, 3}:
            assert tpo("run", *options[:place], *flag, *options[place:]) == expected


def test_after_a_name_an_option_is_one_of_what_is_named(tpo):
    outcome = tpo("run", "table1", "--spec", EXAMPLE)
    assert outcome.code == 2
    assert re.search(r"No such option:? '?--spec", outcome.err)


@pytest.mark.parametrize("line", ['note = "{}"', 'title = "{}"', '[panels."{}"]', '[arms."{}"]\nalgorithm = "dg"'])
def test_texts_that_records_cannot_hold_are_refused_before_anything_runs(tpo, trainings, tmp_path, line):
    path = tmp_path / "my.toml"
    first, last = (line.format("x" * 2001), "") if "=" in line.partition("\n")[0] else ("", line.format("x" * 2001))
    path.write_text(
        f'{first}\nname = "mine"\ntask = "token-reversal"\ntrainer = {{ steps = 1, seeds = 1 }}\n'
        f'[arms.TPO]\nalgorithm = "tpo"\n{last}\n'
    )
    told = tpo("run", "--spec", path)
    assert (told.code, trainings) == (2, [])
    assert "Expected `str` of length <= 2000" in told.err


def test_a_file_that_is_no_toml_or_not_there_is_refused(tpo, tmp_path):
    broken = tpo("run", "--spec", written(tmp_path, "name = "))
    assert broken.code == 2
    assert f"error: {tmp_path / 'my.toml'}: a spec must be a TOML file; got TOMLDecodeError" in broken.err
    gone = tpo("run", tmp_path / "no.toml")
    assert gone.code == 2
    assert "a spec must be a file that can be read; got: No such file or directory." in gone.err
    other = tpo("run", "--spec", "my.json")
    assert other.code == 2
    assert "`--spec` must be followed by a .toml file; got 'my.json'." in other.err


def test_an_option_that_only_begins_like_it_is_unknown(tpo):
    outcome = tpo("run", "--specs", EXAMPLE, "--list")
    assert outcome.code == 2
    # Versions of click put the name in quotes or after a colon.
    assert re.search(r"No such option:? '?--specs", outcome.err)


def test_of_a_task_that_is_evaluated_the_error_on_the_test_set_is_reported(tmp_path):
    images = LEAST.replace("token-reversal", "mnist") + 'options.dataset = "made-up"\n'
    exhibit = toml_file.read(written(tmp_path, images))
    assert (exhibit.error, exhibit.curves) == ("test_error", ("test_error",))
    exhibit = toml_file.read(written(tmp_path, images + 'error = "error"\n'))
    assert (exhibit.error, exhibit.curves) == ("error", ("error",))
    exhibit = toml_file.read(written(tmp_path, LEAST))
    assert (exhibit.error, exhibit.curves) == ("error", ("error",))


def test_a_scale_must_not_make_panels_alike(tmp_path):
    panels = 'panels.short = { "task.length" = 2 }\npanels.long = { "task.length" = 3 }\n'
    path = written(tmp_path, f'{LEAST}{panels}scales.small.settings = {{ "task.length" = 2 }}\n')
    with pytest.raises(InvalidArgumentError) as caught:
        toml_file.read(path)
    assert str(caught.value).startswith(
        f"{path}: a setting must not change what the panels of mine differ in; got 'task.length'."
    )


def test_settings_may_be_nested_as_toml_has_them(tmp_path):
    nested = f"{LEAST}panels.short.task.length = 2\nscales.small.settings.arm.epochs = 1\n"
    exhibit = toml_file.read(written(tmp_path, nested))
    ((_, (cell,)),) = plan(exhibit, "small", {}).cells.items()
    assert (cell.options["length"], cell.arm.epochs) == (2, 1)
