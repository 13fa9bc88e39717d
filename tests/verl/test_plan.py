"""`tpo explain-batch` for verl."""

import json

import pytest
from click.testing import CliRunner

import tpo
from tests.verl.test_refused import SELECTED
from tpo.cli import cli
from tpo_verl.plan import plan

SIZES = (
    "data.train_batch_size=64",
    "actor_rollout_ref.actor.ppo_mini_batch_size=32",
    "actor_rollout_ref.actor.ppo_epochs=3",
    "trainer.n_gpus_per_node=4",
    "data.max_prompt_length=100",
    "data.max_response_length=200",
)


def facts(*more):
    found = plan([*SELECTED, *SIZES, *more])
    assert found.refused == ()
    return dict(found.facts)


def test_the_numbers_of_a_batch():
    found = facts()
    assert found["prompts, completions per rollout"] == "64, 512 (8 per prompt)"
    assert found["optimizer steps per rollout"] == "6: mini-batches 2 x epochs 3"
    assert found["mini-batch"] == "32 groups, 256 rows"
    assert found["rows of a mini-batch per rank"] == "64"
    assert found["groups split over ranks"] == "0 of 64"
    assert found["path of the weights"] == "gathered, since micro-batches of 4 rows cut groups of 8"
    assert found["extra passes without gradients per rollout"].startswith("5, ")
    # 32 + 4 + 8 + 8 + 1 bytes for each of 256 rows
    assert found["gathered per optimizer step"] == "at most 0.01 MB on each rank"


def test_micro_batches_of_whole_groups_take_no_extra_pass():
    found = facts("actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=16")
    assert found["micro-batch"] == "16 rows, 2 groups"
    assert found["path of the weights"] == "in micro-batches of whole groups"
    assert found["extra passes without gradients per rollout"] == "0"


@pytest.mark.parametrize(("tokens", "whole"), [(2400, True), (2399, False)])
def test_a_group_must_fit_into_a_dynamic_micro_batch(tokens, whole):
    dynamic = "actor_rollout_ref.actor.use_dynamic_bsz=True"
    found = facts(dynamic, f"actor_rollout_ref.actor.ppo_max_token_len_per_gpu={tokens}")
    assert (found["path of the weights"] == "in micro-batches of whole groups") == whole


def test_ranks_of_sequence_parallelism_share_rows():
    found = facts("actor_rollout_ref.actor.ulysses_sequence_parallel_size=2")
    assert found["data-parallel ranks"] == "2, of 2 processes each"


def test_more_ranks_than_groups_split_them():
    found = facts("trainer.n_gpus_per_node=64")
    assert found["groups split over ranks"] == "64 of 64"


def test_warnings_and_refusals():
    found = plan([*SELECTED, *SIZES, "+algorithm.tpo.anchor=policy", "actor_rollout_ref.actor.shuffle=True"])
    assert any("nearly one-hot" in warning for warning in found.warnings)
    assert len(found.refused) == 1


def test_both_settings_of_sequence_parallelism_count():
    found = facts("actor_rollout_ref.actor.fsdp_config.ulysses_sequence_parallel_size=4")
    assert found["data-parallel ranks"] == "1, of 4 processes each"


def test_a_last_mini_batch_that_is_not_full_is_told():
    found = plan([*SELECTED, *SIZES, "data.train_batch_size=72"])
    assert dict(found.facts)["padding rows"] == "192"
    (warning,) = found.warnings
    assert warning.startswith("the last mini-batch of a rollout has 8 of 32 groups and counts as a full one.")


@pytest.mark.parametrize(
    ("override", "text"),
    [
        (
            "actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=null",
            "size_per_gpu` must be an integer",
        ),
        ("actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=0", "integer of at least 1; got 0"),
        (
            "actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=5",
            "must be a multiple of ppo_micro_batch_size_per_gpu",
        ),
        (
            "actor_rollout_ref.rollout.n=eight",
            "`actor_rollout_ref.rollout.n` must be an integer of at least 1; got 'eight'",
        ),
        ("actor_rollout_ref.rollout.n=null", "must be an integer of at least 1; got None"),
        ("data.train_batch_size=abc", "must be an integer of at least 1; got 'abc'"),
        ("actor_rollout_ref.actor.ppo_mini_batch_size=null", "must be an integer of at least 1; got None"),
        ("actor_rollout_ref.actor.ppo_epochs=0", "must be an integer of at least 1; got 0"),
        ("trainer.n_gpus_per_node=0", "must be an integer of at least 1; got 0"),
        ("trainer.n_gpus_per_node=7", "must be a multiple of the 7 data-parallel ranks"),
        ("actor_rollout_ref.actor.ulysses_sequence_parallel_size=16", "must be a multiple of the 16 that share rows"),
    ],
)
def test_impossible_sizes_are_refused_with_their_setting(override, text):
    found = plan([*SELECTED, *SIZES, override])
    assert [text in message for message in found.refused] == [True], found.refused


def test_a_file_that_is_no_yaml(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text("a: [1,\n")
    with pytest.raises(tpo.InvalidArgumentError, match="got an error of hydra"):
        plan([str(file)])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["+algorithm.tpo=grpo"], "must be a section of settings; got 'grpo'"),
        (["+algorithm.tpo.name=null"], "`algorithm.tpo.name` must be a string; got None"),
        (["+algorithm.tpo.name=5"], "`algorithm.tpo.name` must be a string; got 5"),
        (["algorithm.tpo.eta=1.0"], "need a + before"),
        (["no-such-recipe"], "Recipes: countdown, paper"),
        (["paper", "countdown"], "one recipe or file at most"),
        ([*SELECTED, "+algorithm.tpo.nmae=grpo"], "option of tpo; got 'nmae'"),
    ],
)
def test_bad_input(arguments, text):
    with pytest.raises(tpo.TPOError, match=text.replace("+", r"\+")):
        plan(arguments)


def test_the_command_line():
    done = CliRunner().invoke(cli, ["explain-batch", "--json", *SELECTED, *SIZES], standalone_mode=False)
    assert (done.exception, done.return_value) == (None, 0)
    assert ["mini-batch", "32 groups, 256 rows"] in json.loads(done.output)["facts"]
    done = CliRunner().invoke(cli, ["explain-batch", *SELECTED, "critic.enable=True"], standalone_mode=False)
    assert done.return_value == 1
    assert "refused: `critic.enable` must not be True" in done.output
