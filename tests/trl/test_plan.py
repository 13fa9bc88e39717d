"""`tpo explain-batch --trainer trl`, against what the trainer does."""

import math

import pytest

import tpo
from tests.trl.cases import BATCHES
from tests.trl.training import train
from tpo_trl import trainer
from tpo_trl.plan import plan
from tpo_trl.sizes import read_sizes

REST = {"gradient_accumulation_steps": 1, "num_iterations": 1, "max_completion_length": 6}


@pytest.mark.parametrize("name", BATCHES)
def test_the_extra_passes_are_those_that_the_trainer_makes(folder, name, monkeypatch):
    rows = []
    original = trainer.TargetPOTrainer._log_probs
    monkeypatch.setattr(
        trainer.TargetPOTrainer,
        "_log_probs",
        lambda self, chunks: rows.append(sum(len(one["completion_ids"]) for one in chunks)) or original(self, chunks),
    )
    options = BATCHES[name]
    sizes = read_sizes(REST | options, 1)
    per_rollout = sizes.chunks * sizes.iterations
    steps = math.lcm(sizes.window, per_rollout) // sizes.window
    train(folder, {"options": options | {"max_steps": steps}})
    # TRL itself computes the old log-probs where they are needed.
    assert sum(rows) == pytest.approx(steps * sizes.window / per_rollout * sizes.rows * sizes.extra_passes)


def test_a_plan_in_words():
    found = plan(["per_device_train_batch_size=8", "num_generations=4", "num_iterations=2", "num_processes=2"])
    assert found.refused == found.warnings == ()
    facts = dict(found.facts)
    assert facts["prompts, completions per rollout"] == "4, 16 (4 per prompt)"
    assert facts["optimizer steps per rollout"] == "2: micro-batches 1 x passes 2 / 1 accumulated"
    assert facts["groups"] == "each on one process"
    assert facts["optimizer steps see"] == "whole groups"
    assert facts["passes over a rollout without gradients"].startswith("2, ")


def test_a_file_with_options_after_it(tmp_path):
    (tmp_path / "run.yaml").write_text("num_generations: 4\nper_device_train_batch_size: 6\nsteps_per_generation: 2\n")
    found = plan([str(tmp_path / "run.yaml"), "--tpo_anchor=policy"])
    assert dict(found.facts)["optimizer steps see"] == "parts of groups, completed for the weights"
    assert [warning.split(":")[0] for warning in found.warnings] == [
        "optimizer steps see parts of groups, as with TRL's own loss",
        "the anchor `policy` compares summed log-probs",
    ]


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["num_generations=1"], "`num_generations` must be at least 2 and divide the 8 rows"),
        (["num_generations=3"], "divide the 8 rows of a rollout; got 3"),
        (["num_generations=many"], "`num_generations` must be an integer of at least 1; got 'many'"),
        (["loss_type=grpo"], "`loss_type` must not be 'grpo'"),
        (["tpo_name=gpro"], "grpo"),
        (["generation_batch_size=12"], "must be a multiple of 8"),
        (["generation_batch_size=16", "steps_per_generation=2"], "must not both be set"),
    ],
)
def test_what_would_fail_is_refused(arguments, refusal):
    found = plan(arguments)
    assert len(found.refused) == 1
    assert refusal in found.refused[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["num_generation=8"], "num_generations"), (["missing.yaml"], "readable"), (["num_generations=[1"], "YAML")],
)
def test_what_is_no_option_is_an_error(arguments, message):
    with pytest.raises(tpo.TPOError, match=message):
        plan(arguments)


def test_numbers_may_be_written_as_on_trls_command_line():
    assert dict(plan(["tpo_eta=1e-3"]).facts)["algorithm"].startswith("TPO(eta=0.001, ")
    assert plan(["tpo_eta=x1e-3"]).refused == ("`tpo_eta` must be a number; got 'x1e-3'. Change it, or leave it out.",)


def test_a_reference_policy_needs_a_pass_for_old_log_probs():
    sizes = ["per_device_train_batch_size=8", "num_generations=4", "tpo_name=grpo", 'tpo_options={"kl": 0.5}']
    passes = [
        dict(plan([*sizes, *more]).facts)["passes over a rollout without gradients"].partition(",")[0]
        for more in ([], ["beta=0.1"])
    ]
    assert passes == ["0", "1"]
