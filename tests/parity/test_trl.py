"""Our losses against the arithmetic of TRL's trainer, on the same random completions."""

from collections import defaultdict
from types import SimpleNamespace

import pytest
import torch
from trl import GRPOTrainer

from tests.parity.samples import ROWS, T, advantages, agree, completions, ours
from tpo import CISPO, DAPO, GRPO, GSPO, SAPO, DrGRPO

EXACT = 1e-12

seeds = pytest.mark.parametrize("seed", range(5))


def same(tensor, **_):
    return tensor


def trainer(log_probs, **options):
    """A stand-in for the trainer that `GRPOTrainer._compute_loss` uses, with log-probs in place of a model."""
    arguments = {
        "use_bias_correction_kl": False,
        "delta": None,
        "sapo_temperature_pos": 1.0,
        "sapo_temperature_neg": 1.25,
        "steps_per_generation": 1,
    }
    settings = {
        "loss_type": "grpo",
        "beta": 0.0,
        "epsilon_low": 0.2,
        "epsilon_high": 0.2,
        "importance_sampling_level": "token",
        "top_entropy_quantile": 1.0,
        "off_policy_mask_threshold": None,
        "use_vllm": False,
        "aux_loss_enabled": False,
        "_entropy_bonus_enabled": False,
        "current_gradient_accumulation_steps": 1,
        "max_completion_length": T,
    }
    return SimpleNamespace(
        args=SimpleNamespace(**arguments),
        model=SimpleNamespace(training=True),
        accelerator=SimpleNamespace(num_processes=1, gather=same, reduce=same),
        _metrics={"train": defaultdict(list)},
        _get_per_token_logps_and_entropies=lambda *_, **__: (log_probs, torch.zeros_like(log_probs), None),
        **settings | options,
    )


def trls(sample, given, **options):
    """TRL's loss of the batch, and its gradient."""
    log_probs = sample.rows("log_probs").clone().requires_grad_()
    tokens = torch.zeros(ROWS, T, dtype=torch.long)
    inputs = {
        "prompt_ids": tokens[:, :1],
        "prompt_mask": tokens[:, :1],
        "completion_ids": tokens,
        "completion_mask": sample.mask,
        "advantages": given,
        "old_per_token_logps": sample.rows("old_log_probs"),
        "ref_per_token_logps": sample.rows("ref_log_probs"),
        "num_items_in_batch": sample.mask.sum(),
    }
    loss = GRPOTrainer._compute_loss(trainer(log_probs, **options), None, inputs)  # noqa: SLF001
    (gradient,) = torch.autograd.grad(loss, log_probs)
    return loss.detach(), gradient


@seeds
@pytest.mark.parametrize(
    ("algorithm", "options"),
    [
        (GRPO(kl=0.0), {}),
        (GRPO(), {"beta": 0.04}),
        (
            GRPO(clip=0.4, kl=0.7, reduction="token-mean"),
            {"loss_type": "bnpo", "epsilon_low": 0.4, "epsilon_high": 0.4, "beta": 0.7},
        ),
        (DrGRPO(max_length=T), {"loss_type": "dr_grpo"}),
        (DAPO(), {"loss_type": "dapo", "epsilon_high": 0.28}),
        (GSPO(), {"importance_sampling_level": "sequence", "epsilon_low": 3e-4, "epsilon_high": 4e-4}),
        (GSPO(clip_low=0.1, clip_high=0.2), {"importance_sampling_level": "sequence", "epsilon_low": 0.1}),
        # TRL bounds the ratio above alone, by the option itself.
        (CISPO(), {"loss_type": "cispo", "epsilon_high": 5.0}),
        (CISPO(clip_high=0.2), {"loss_type": "cispo", "epsilon_high": 1.2}),
        # Temperatures that single precision holds, which TRL brings them to.
        (SAPO(tau_negative=1.25), {"loss_type": "sapo"}),
    ],
    ids=str,
)
def test_losses_are_those_of_trl(algorithm, options, seed):
    sample = completions(seed)
    agree(ours(algorithm, sample), trls(sample, advantages(algorithm, sample), **options), EXACT)
