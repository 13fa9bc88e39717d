"""The real `verl.trainer.main_ppo` on two ranks: two epochs of two mini-batches per rollout."""

import json

import pytest

from tests.verl.cpu import run


@pytest.fixture(scope="module")
def steps(problem, tmp_path_factory):
    """The metrics of each step."""
    folder = tmp_path_factory.mktemp("run")
    record = folder / "metrics.jsonl"
    settings = [
        *run.overrides(problem, ranks=2, steps=3),
        *run.TPO,
        "+algorithm.tpo.anchor=ratio",
        "+algorithm.tpo.path=gather",
        "actor_rollout_ref.actor.ppo_epochs=2",
        "actor_rollout_ref.actor.ppo_mini_batch_size=4",
    ]
    status = run.train(settings, log=folder / "log.txt", VERL_FILE_LOGGER_PATH=str(record))
    assert status == 0, (folder / "log.txt").read_text()[-4000:]
    return [json.loads(line)["data"] for line in record.read_text().splitlines()]


def test_groups_are_whole_and_the_engines_agree(steps):
    assert len(steps) == 3
    for step in steps:
        assert step["tpo/incomplete_groups"] == 0
        assert step["tpo/groups"] == 8
        assert step["training/rollout_probs_diff_max"] <= 1e-6


def test_one_step_of_four_is_the_first_after_the_rollout(steps):
    for step in steps:
        assert [step[f"tpo/path/{path}"] for path in ("first", "gather", "whole")] == [0.25, 0.75, 0.0]


def test_the_measures_are_in_verls_log(steps):
    for step in steps:
        assert 0 < step["tpo/excess_cross_entropy"] < 2
        assert 0 < step["tpo/remaining_variation"] < 1
        assert 0 < step["tpo/weights_norm"] < 1
        assert 1 <= step["tpo/effective_sample_size"] <= 4
        assert 0 <= step["tpo/tied"] <= 1
        assert step["actor/grad_norm"] > 0
