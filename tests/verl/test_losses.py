"""The policy loss and the estimator that verl calls."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from verl.trainer.ppo import core_algos

import tpo
import tpo_verl.plugin
from tpo_verl.losses import WEIGHED, advantages, policy_loss

OLD, NOW = torch.tensor([[-1.0, -2.0], [-3.0, -1.0]]), torch.tensor([[-1.5, -2.0], [-3.0, -0.5]])
WEIGHTS = torch.tensor([[0.5, 0.5], [-0.25, 0.0]])
MASK = torch.tensor([[1, 1], [1, 0]])


def called(**more):
    sizes = {"dp_size": 2, "batch_num_tokens": 3, "global_batch_size": 4, "loss_scale_factor": None}
    token = WEIGHED.set(True)
    try:
        return policy_loss(
            old_log_prob=OLD,
            log_prob=NOW,
            advantages=WEIGHTS,
            response_mask=MASK,
            loss_agg_mode="token-mean",
            config=SimpleNamespace(global_batch_info=sizes),
            **more,
        )
    finally:
        WEIGHED.reset(token)


def test_the_loss_is_linear_and_divided_by_the_rows_of_the_mini_batch():
    loss, metrics = called()
    # -(.5 * -1.5 + .5 * -2 - .25 * -3) / 4 rows * 2 ranks
    assert float(loss) == pytest.approx((0.75 + 1.0 - 0.75) / 4 * 2)
    assert metrics["actor/ppo_kl"] == pytest.approx(0.5 / 3)


def test_verls_own_importance_weights_multiply_it():
    loss, _ = called(rollout_is_weights=torch.tensor([[2.0, 1.0], [0.0, 1.0]]))
    assert float(loss) == pytest.approx((1.5 + 1.0) / 4 * 2)


def by_another_loss():
    policy_loss(OLD, NOW, WEIGHTS, MASK, config=SimpleNamespace(global_batch_info={}))


def by_another_estimator():
    advantages(torch.zeros(2, 2), MASK, config={"tpo": None}, index=np.asarray(["a", "a"]))


@pytest.mark.parametrize(
    ("kind", "call"), [("policy loss", by_another_loss), ("advantage estimator", by_another_estimator)]
)
def test_another_trainer_is_refused(kind, call):
    with pytest.raises(tpo.InvalidArgumentError, match=rf"the {kind} `tpo` must be used by the trainer tpo_sync"):
        call()


def test_the_estimator_reports_standardized_scores():
    rewards = torch.tensor([[0.0, 1.0], [0.0, 0.0], [3.0, 0.0]])
    mask = torch.tensor([[1, 1], [1, 0], [1, 1]])
    index = np.asarray(["a", "a", "b"], dtype=object)
    found, returns = advantages(rewards, mask, config={"tpo": {"ready": True}}, index=index)
    assert found.tolist() == [[1.0, 1.0], [-1.0, 0.0], [0.0, 0.0]]
    assert torch.equal(found, returns)


def test_verl_has_them_and_nothing_is_overwritten():
    assert core_algos.POLICY_LOSS_REGISTRY["tpo"] is policy_loss
    assert core_algos.ADV_ESTIMATOR_REGISTRY["tpo"] is advantages
    with pytest.raises(tpo.PluginError, match=r"the name of a policy loss must be free in verl; got 'tpo'"):
        tpo_verl.plugin.check_free("policy loss", "tpo", {"tpo": len}, policy_loss)
