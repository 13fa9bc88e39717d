"""Completions that follow their prompt's draft are not decoded again, and are the same."""

from dataclasses import replace

import numpy as np
import pytest

from tpo import Transformer, settle_draft, train
from tpo_tasks.sequences import TokenReversal

POLICY = Transformer(vocab_size=3, prompt_length=4, completion_length=5)
SEEDS, BATCH, COMPLETIONS, CANDIDATES = 2, 6, 4, 3


@pytest.fixture
def backend(autodiff):
    return autodiff


@pytest.fixture
def drawn(backend):
    stacked = [POLICY.initial_parameters(np.random.default_rng(seed)) for seed in range(SEEDS)]
    params = {n: backend.asarray(np.stack([tree[n] for tree in stacked]) * 3, dtype="float64") for n in stacked[0]}
    rng = np.random.default_rng(2)
    return params, backend.asarray(rng.integers(0, 3, (SEEDS, BATCH, 4))), rng.random((5, SEEDS, BATCH, COMPLETIONS, 3))


def mostly_alike(noise):
    """Give all completions the first one's noise, except one that differs at once, and one that differs at its end."""
    alike = np.broadcast_to(noise[:, :, :, :1], noise.shape).copy()
    alike[:, 0, 1, 2] = 1 - alike[:, 0, 1, 2]
    alike[-1, 1, 0, 3] = 1 - alike[-1, 1, 0, 3]
    return alike


def sampled(backend, params, prompts, noise):
    """Decode all candidates together and with a draft; return both, the draft, and the completions that left it."""
    given = params, prompts, backend.asarray(noise, dtype="float64")
    draft = backend.compile(lambda *arrays: POLICY.draft(backend, *arrays))(*given)
    drafted = settle_draft(backend, draft)
    sample = backend.compile(lambda *arrays: POLICY.sample(backend, *arrays))
    together, after = (sample(*given, left)[1] for left in (None, drafted))
    return backend.to_numpy(together), backend.to_numpy(after), backend.to_numpy(draft.follows), drafted


def test_what_is_decoded_after_a_draft_is_what_is_decoded_together(backend, drawn):
    params, prompts, noise = drawn
    together, after, follows, drafted = sampled(backend, params, prompts, mostly_alike(noise))
    np.testing.assert_array_equal(after, together)
    assert len(np.unique(together[0, 1, :, :, 0], axis=0)) == 2
    assert np.argwhere(~follows).tolist() == [[0, 1, 2]]
    assert backend.to_numpy(drafted.places)[0, 0] == COMPLETIONS * 1 + 2
    assert backend.to_numpy(drafted.places).shape[1] < BATCH * COMPLETIONS / 2


def test_a_draft_that_all_follow_is_the_sample(backend, drawn):
    params, prompts, noise = drawn
    alike = np.broadcast_to(noise[:, :, :, :1], noise.shape)
    together, after, follows, _ = sampled(backend, params, prompts, alike)
    np.testing.assert_array_equal(after, together)
    assert follows.all()


def test_where_most_leave_the_draft_all_are_decoded_together(backend, drawn):
    sharp, prompts, noise = drawn
    params = {name: values / 3 for name, values in sharp.items()}
    together, after, follows, drafted = sampled(backend, params, prompts, noise)
    assert drafted is None
    assert 1 - follows.mean() > 0.5
    np.testing.assert_array_equal(after, together)


def test_a_completion_follows_where_it_takes_the_same_tokens_but_for_the_last(backend, drawn):
    params, prompts, noise = drawn
    together, _, follows, _ = sampled(backend, params, prompts, noise)
    fed = together[..., :-1, 0]
    np.testing.assert_array_equal(follows, (fed == fed[:, :, :1]).all(axis=-1))


class RepeatsItself(TokenReversal):
    """A task whose completions of a prompt have equal noise, except those of the first prompt."""

    def inputs(self, randomness, arm):
        drawn = super().inputs(randomness, arm)
        noise = np.broadcast_to(drawn["noise"][:, :, :1, :], drawn["noise"].shape).copy()
        noise[:, 0] = drawn["noise"][:, 0]
        return drawn | {"noise": noise}


class NeverDrafts(RepeatsItself):
    def settle(self, *_):
        return {}


def test_training_is_the_same_with_and_without_drafts(backend):
    options = {"length": 5, "reward": "terminal"}
    tasks = [cls(**options) for cls in (RepeatsItself, NeverDrafts)]
    arm = replace(tasks[0].arms["tpo"], batch_size=12, group_size=4, optimizer="adam")
    with_drafts, without = (list(train(task, arm, backend, seeds=(0, 1), steps=4, dtype="float64")) for task in tasks)
    for ours, plain in zip(with_drafts, without, strict=True):
        np.testing.assert_array_equal(ours.metrics.error, plain.metrics.error)
        np.testing.assert_allclose(ours.metrics.loss, plain.metrics.loss, rtol=1e-9)
