"""The same rollout through JAX, PyTorch and the weights of rows: targets equal to the bit, gradients close."""

import numpy as np
import pytest
import torch

import tpo
from tests.llm.made_up import rows, settings_of
from tpo_llm.weights import join, weigh


@pytest.mark.parametrize("anchor", ["ratio", "policy"])
def test_targets_and_gradients_of_one_rollout(anchor):
    jax_backend = tpo.backend("jax")
    settings = settings_of({"anchor": anchor})
    given = rows(settings, prompts=40, group_size=16, short=True)
    joined = join(settings, given)
    group, now = joined.group, joined.now
    here = settings.algorithm.prepare(group).q
    there = tpo.Group(
        scores=jax_backend.asarray(group.scores.numpy()),
        old_log_probs=jax_backend.asarray(group.old_log_probs.numpy()),
        mask=jax_backend.asarray(group.mask.numpy()),
    )
    q = np.asarray(settings.algorithm.prepare(there).q)
    assert here.numpy().tobytes() == q.tobytes()
    gradient = np.asarray(tpo.row_weights(settings.algorithm, there, jax_backend.asarray(now.numpy())))
    on_rows = joined.groups.gather(joined.rows.gather(weigh(settings, given).weights[joined.order])[:, 0, 0])
    np.testing.assert_allclose(on_rows.numpy(), gradient, rtol=0, atol=1e-6)
    assert torch.equal(here.sum(-1) > 0.99, torch.ones(40, dtype=torch.bool))
