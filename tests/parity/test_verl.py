"""Our losses and advantages against the functions of verl, on the same random completions."""

import math

import numpy as np
import pytest
import torch
from verl.trainer.config import AlgoConfig
from verl.trainer.ppo import core_algos
from verl.workers.config import ActorConfig

from tests.parity.samples import K, T, advantages, agree, completions, ours
from tpo import CISPO, DAPO, GPG, GRPO, GSPO, PPO, RLOO, SAPO, DrGRPO, GroupPG, REINFORCEPlusPlus, ReMax

EXACT = 1e-12
NO_DUAL_CLIP = 1e30
REDUCTIONS = ("token-mean", "seq-mean-token-sum", "seq-mean-token-mean")

seeds = pytest.mark.parametrize("seed", range(5))


def verls(name, sample, given, mode, **options):
    """verl's loss of the batch, and its gradient."""
    config = ActorConfig(strategy="fsdp", rollout_n=K, ppo_micro_batch_size_per_gpu=1, **options)
    log_probs = sample.rows("log_probs").clone().requires_grad_()
    loss, _ = core_algos.get_policy_loss_fn(name)(
        old_log_prob=sample.rows("old_log_probs"),
        log_prob=log_probs,
        advantages=given,
        response_mask=sample.mask,
        loss_agg_mode=mode,
        config=config,
    )
    (gradient,) = torch.autograd.grad(loss, log_probs)
    return loss.detach(), gradient


def lengthened(given, sample):
    """Advantages that compensate for the 1e-8 that verl adds to the length of a completion before it divides by it."""
    lengths = sample.mask.sum(-1, keepdim=True)
    return given * (lengths + 1e-8) / lengths


def clip(low, high=None, dual=NO_DUAL_CLIP):
    return {"clip_ratio_low": low, "clip_ratio_high": low if high is None else high, "clip_ratio_c": dual}


@seeds
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    ("algorithm", "name", "options"),
    [
        (PPO, "vanilla", clip(0.2)),
        (lambda **options: PPO(clip=0.3, dual_clip=1.4, **options), "vanilla", clip(0.3, dual=1.4)),
        (lambda **options: GRPO(kl=0.0, **options), "vanilla", clip(0.2)),
        (DAPO, "vanilla", clip(0.2, 0.28)),
        (DrGRPO, "vanilla", clip(0.2)),
        (lambda **options: REINFORCEPlusPlus(kl=0.1, **options), "vanilla", clip(0.2)),
        (GSPO, "gspo", clip(3e-4, 4e-4)),
        (lambda **options: GSPO(clip_low=0.1, clip_high=0.2, **options), "gspo", clip(0.1, 0.2)),
        (CISPO, "cispo", clip(1.0, 4.0)),
        (lambda **options: CISPO(clip_low=0.2, clip_high=0.3, **options), "cispo", clip(0.2, 0.3)),
        (GPG, "gpg", {}),
        (GroupPG, "gpg", {}),
        (RLOO, "gpg", {}),
        (ReMax, "gpg", {}),
    ],
)
def test_losses_are_those_of_verl(algorithm, name, options, reduction, seed):
    sample = completions(seed)
    method = algorithm(reduction=reduction)
    given = advantages(method, sample)
    if reduction == "seq-mean-token-mean":
        given = lengthened(given, sample)
    agree(ours(method, sample), verls(name, sample, given, reduction, **options), EXACT)


@seeds
@pytest.mark.parametrize(("positive", "negative"), [(1.0, 1.05), (0.5, 3.0)])
def test_sapo_is_that_of_verl(positive, negative, seed):
    sample, method = completions(seed), SAPO(tau_positive=positive, tau_negative=negative)
    # verl reduces it by `seq-mean-token-mean`, whatever it is asked for.
    given = lengthened(advantages(method, sample), sample)
    expected = verls("sapo", sample, given, "token-mean", tau_pos=positive, tau_neg=negative)
    agree(ours(method, sample), expected, EXACT)


@seeds
def test_dr_grpo_divides_by_the_longest_length_as_verl_does(seed):
    sample, method = completions(seed), DrGRPO(max_length=T)
    expected = verls("vanilla", sample, advantages(method, sample), "seq-mean-token-sum-norm", **clip(0.2))
    agree(ours(method, sample), expected, EXACT)


def rewards(sample):
    """Rewards as verl expects them, `[ROWS, T]`: the score at the last token of each completion."""
    last = sample.mask.sum(-1).long() - 1
    return torch.nn.functional.one_hot(last, T) * sample.rows("scores")[:, None]


def penalised_rewards(sample, kl):
    """Rewards as verl expects them, minus the KL penalty to the reference at every token."""
    log_ratio = sample.rows("old_log_probs") - sample.rows("ref_log_probs")
    return rewards(sample) - kl * log_ratio * sample.mask


def prompts(sample):
    """The group of each row."""
    return np.repeat(np.arange(len(sample.scores)), sample.scores.shape[1])


@seeds
@pytest.mark.parametrize(
    ("algorithm", "estimator", "options", "factor"),
    [
        # verl divides by the unbiased deviation.
        (GRPO(), "grpo", {"epsilon": 0.0}, math.sqrt((K - 1) / K)),
        (DrGRPO(), "grpo", {"norm_adv_by_std_in_grpo": False}, 1),
        (RLOO(), "rloo", {}, 1),
        # All scores count as right, since none is 0.
        (GPG(), "gpg", {}, 1),
        (GPG(f_norm=0.3), "gpg", {"f_norm": 0.3}, 1),
    ],
)
def test_advantages_are_those_of_verl(algorithm, estimator, options, factor, seed):
    sample = completions(seed)
    compute = core_algos.get_adv_estimator_fn(estimator)
    given = {"token_level_rewards": rewards(sample), "response_mask": sample.mask, "index": prompts(sample)}
    expected, _ = compute(**given, **options)
    agree((advantages(algorithm, sample) * factor,), (expected,), EXACT)


@seeds
def test_the_advantages_of_remax_are_those_of_verl(seed):
    sample = completions(seed)
    baselines = sample.baseline_scores[prompts(sample)]
    given = {"token_level_rewards": penalised_rewards(sample, 0.3), "response_mask": sample.mask}
    expected, _ = core_algos.compute_remax_outcome_advantage(**given, reward_baselines=baselines)
    agree((advantages(ReMax(kl=0.3), sample),), (expected,), EXACT)


@seeds
@pytest.mark.parametrize("kl", [0.0, 0.3])
def test_the_advantages_of_reinforce_plus_plus_are_those_of_verl(kl, seed):
    # The group is the batch.
    sample = completions(seed, groups=1, k=16)
    given = {"token_level_rewards": penalised_rewards(sample, kl), "response_mask": sample.mask}
    config = AlgoConfig(gamma=1.0)
    expected, _ = core_algos.compute_reinforce_plus_plus_outcome_advantage(**given, config=config)
    tokens = float(sample.mask.sum())
    got = advantages(REINFORCEPlusPlus(kl=kl), sample) * math.sqrt((tokens - 1) / tokens)
    # verl adds 1e-8 to the variance, which is about .1 here.
    agree((got,), (expected,), 5e-7)
