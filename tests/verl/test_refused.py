"""Settings of verl that are refused, with their reasons."""

import pytest

import tpo
from tpo_verl.plan import composed
from tpo_verl.refused import check_config, refusals

SELECTED = (
    "trainer.v1.trainer_mode=tpo_sync",
    "algorithm.adv_estimator=tpo",
    "actor_rollout_ref.actor.policy_loss.loss_mode=tpo",
    "actor_rollout_ref.actor.strategy=fsdp2",
    "actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=4",
    "actor_rollout_ref.rollout.name=vllm",
    "actor_rollout_ref.rollout.n=8",
)


def test_what_is_selected_as_a_whole_is_accepted():
    check_config(composed(SELECTED))


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("trainer.v1.trainer_mode=sync", "`trainer.v1.trainer_mode` must be tpo_sync; got 'sync'"),
        ("algorithm.adv_estimator=grpo", "`algorithm.adv_estimator` must be tpo; got 'grpo'"),
        ("actor_rollout_ref.actor.policy_loss.loss_mode=vanilla", "must be tpo; got 'vanilla'. All of"),
        ("trainer.use_v1=False", "the older trainer does not know this adapter. Set trainer.use_v1=True."),
        (
            "actor_rollout_ref.actor.shuffle=True",
            "shuffle its rows differently, which cuts groups. Set actor_rollout_ref",
        ),
        ("algorithm.rollout_correction.bypass_mode=True", "verl then uses another policy loss"),
        ("algorithm.rollout_correction.rollout_rs=token_k1", "takes tokens or candidates out of groups"),
        ("critic.enable=True", "group methods have no critic"),
        ("distillation.enabled=True", "its loss takes the place of the policy loss"),
        ("actor_rollout_ref.actor.use_prefix_grouper=True", "it regroups the rows of micro-batches"),
        ("actor_rollout_ref.rollout.n=1", "must not be 1: candidates of one prompt are compared"),
        ("trainer.critic_warmup=2", "there is no critic to warm up"),
        ("+algorithm.tpo.name=pmpo", "a reference policy must be computed for PMPO; got none. Set"),
        ("algorithm.rollout_correction.rollout_rs=seq_mean_k1", "takes tokens or candidates out of groups"),
        ("data.train_batch_size=64", "must be at most data.train_batch_size, 64; got 256"),
    ],
)
def test_what_is_refused(override, text):
    found = refusals(composed([*SELECTED, override]))
    assert [text in message for message in found] == [True], found
    with pytest.raises(tpo.InvalidArgumentError):
        check_config(composed([*SELECTED, override]))


def test_importance_weights_are_applied_once():
    weights = ("+algorithm.tpo.truncated_is=2.0", "actor_rollout_ref.rollout.calculate_log_probs=True")
    assert refusals(composed([*SELECTED, *weights])) == []
    (both,) = refusals(composed([*SELECTED, *weights, "algorithm.rollout_correction.rollout_is=token"]))
    assert both.startswith("importance weights must be applied once")
    (without,) = refusals(composed([*SELECTED, weights[0], "actor_rollout_ref.rollout.calculate_log_probs=False"]))
    assert without.startswith("`actor_rollout_ref.rollout.calculate_log_probs` must be True")


def test_all_refusals_are_told_at_once():
    config = composed([*SELECTED, "critic.enable=True", "actor_rollout_ref.actor.shuffle=True"])
    with pytest.raises(tpo.InvalidArgumentError, match=r"(?s)shuffle.*critic"):
        check_config(config)
