"""`tpo run --spec FILE`: a user's own experiment, and what is refused in one."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest

from tpo import InvalidArgumentError, InvalidTypeError, UnknownNameError
from tpo.experiments import exhibit_file
from tpo.experiments.plan import plan

EXAMPLE = Path(__file__).parents[2] / "examples" / "experiments" / "temperature.toml"

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
    assert list(shown) == ["sharp", "usual", "GRPO"]
    assert all(0.8 < arm["final_error"]["mean"] <= 1 for arm in shown.values())
    assert "of 3:" not in tpo(*command).err
    assert "of 3:" in ran.err


def test_the_file_may_stand_for_the_name(tpo):
    one, other = (tpo("run", *how, "--list").out for how in ((EXAMPLE,), (f"--spec={EXAMPLE}",)))
    assert one == other
    assert one.count("to run") == 6


def test_what_is_left_out_is_as_the_task_has_it(tmp_path):
    exhibit = exhibit_file.read(written(tmp_path, LEAST))
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
    planned = plan(exhibit_file.read(written(tmp_path, text)), "full", {"task.vocab_size": 3})
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
        ("title = 3", InvalidTypeError, "`title` must be of type str; got 3, of type int."),
        ("statistic = 'final errors, %'", UnknownNameError, "Did you mean 'final error, %'?"),
        ("arms.TPO.epoch = 2", UnknownNameError, "got 'arms.TPO.epoch'. Did you mean 'arms.TPO.epochs'?"),
        ("arms.TPO.epochs = 'two'", InvalidTypeError, "`arms.TPO.epochs` must be of type int; got 'two', of type str."),
        ("arms.TPO.options.et = 2", UnknownNameError, "registered option of tpo; got 'et'. Did you mean 'eta'?"),
        ("arms.TPO.algorithm = 'tpu'", UnknownNameError, "registered algorithm; got 'tpu'. Did you mean 'tpo'?"),
        ("arms.TPO = { epochs = 2 }", InvalidArgumentError, "`arms.TPO.algorithm` must be given; got {'epochs': 2}."),
        ("trainer.step = 2", UnknownNameError, "got 'trainer.step'. Did you mean 'trainer.steps'?"),
        ("trainer.steps = 0", InvalidArgumentError, "`trainer.steps` must be at least 1; got 0."),
        ("trainer = { seeds = 1 }", InvalidArgumentError, "`trainer.steps` must be at least 1; got nothing."),
        (
            "scales.small.setting = {}",
            UnknownNameError,
            "of scale small; got 'setting'. Did you mean 'settings'?",
        ),
        ("arms = {}", InvalidArgumentError, "`arms` must be given; got {}."),
        ("options.lengths = 3", UnknownNameError, "got 'task.lengths'. Did you mean 'task.length'?"),
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
        exhibit_file.read(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert text in str(refusal.value)


def test_a_file_that_is_no_toml_or_not_there_is_refused(tpo, tmp_path):
    broken = tpo("run", "--spec", written(tmp_path, "name = "))
    assert broken.code == 2
    assert f"error: {tmp_path / 'my.toml'}: a spec must be a TOML file; got TOMLDecodeError" in broken.err
    gone = tpo("run", tmp_path / "no.toml")
    assert gone.code == 2
    assert "got FileNotFoundError" in gone.err
    other = tpo("run", "--spec", "my.json")
    assert other.code == 2
    assert "`--spec` must be followed by a .toml file; got 'my.json'." in other.err


def test_an_option_that_only_begins_like_it_is_unknown(tpo):
    outcome = tpo("run", "--specs", EXAMPLE, "--list")
    assert outcome.code == 2
    # Versions of click put the name in quotes or after a colon.
    assert re.search(r"No such option:? '?--specs", outcome.err)
