"""The transformer: its size, its cache, and the work shared between completions."""

import functools
import math

import numpy as np
import pytest

from tpo import InvalidArgumentError, Transformer, distinct, until_end

POLICY = Transformer(vocab_size=3, prompt_length=4, completion_length=5)
SEEDS, BATCH, COMPLETIONS, CANDIDATES = 2, 3, 4, 6


def count(policy):
    return sum(values.size for values in policy.initial_parameters(np.random.default_rng(0)).values())


def test_it_has_the_papers_number_of_parameters():
    assert count(Transformer(vocab_size=2, prompt_length=10, completion_length=10)) == 101_634


def test_muon_updates_the_embeddings_the_feed_forward_kernels_and_the_head():
    params = POLICY.initial_parameters(np.random.default_rng(0))
    shapes = {name: params[name].shape for name in POLICY.matrices}
    assert shapes == {
        "tokens": (3, 64),
        "positions": (9, 64),
        "layers.0.expand.kernel": (64, 256),
        "layers.0.contract.kernel": (256, 64),
        "layers.1.expand.kernel": (64, 256),
        "layers.1.contract.kernel": (256, 64),
        "head.kernel": (64, 3),
    }


def test_initial_parameters_have_the_documented_spread():
    policy = Transformer(vocab_size=500, prompt_length=200, completion_length=200)
    params = policy.initial_parameters(np.random.default_rng(1))
    assert params["tokens"].std() == pytest.approx(1 / 8, rel=0.02)
    assert params["positions"].std() == pytest.approx(0.02, rel=0.02)
    kernel = params["layers.0.contract.kernel"]
    assert kernel.std() == pytest.approx(1 / 16, rel=0.02)
    assert np.abs(kernel).max() <= 2 / (0.87962566 * 16) + 1e-9
    assert not params["layers.1.expand.bias"].any()
    assert (params["last.scale"] == 1).all()


@pytest.fixture
def backend(autodiff):
    return autodiff


@functools.cache
def compiled(backend, method):
    """A method of the policy as one compiled function of arrays."""
    return backend.compile(lambda *arrays: getattr(POLICY, method)(backend, *arrays))


def token_log_probs(backend, params, prompts, completions, candidates):
    return compiled(backend, "token_log_probs")(params, prompts, completions, candidates)


@pytest.fixture
def sampled(backend):
    rng = np.random.default_rng(2)
    stacked = [POLICY.initial_parameters(np.random.default_rng(seed)) for seed in range(SEEDS)]
    params = {n: backend.asarray(np.stack([tree[n] for tree in stacked]) * 3, dtype="float64") for n in stacked[0]}
    prompts = backend.asarray(rng.integers(0, 3, (SEEDS, BATCH, 4)))
    noise = rng.random((5, SEEDS, BATCH, COMPLETIONS, CANDIDATES))
    completions, candidates = compiled(backend, "sample")(params, prompts, backend.asarray(noise, dtype="float64"))
    return params, prompts, completions, candidates, noise


def every_log_prob(backend, params, prompts, completions):
    """`[S, B, C, T, V]`: the log-probs of the whole vocabulary at every prefix."""
    vocabulary = np.broadcast_to(np.arange(3), (*completions.shape, 3))
    return backend.to_numpy(
        token_log_probs(backend, params, prompts, completions, backend.asarray(np.array(vocabulary)))
    )


def test_sampling_inverts_the_distribution_of_the_causal_pass(backend, sampled):
    params, prompts, completions, candidates, noise = sampled
    log_probs = every_log_prob(backend, params, prompts, completions)
    np.testing.assert_allclose(np.exp(log_probs).sum(-1), 1, atol=1e-12)
    cumulative = np.exp(log_probs).cumsum(-1)[..., None, :-1]
    uniform = np.moveaxis(noise, 0, 3)[..., None]
    np.testing.assert_array_equal(backend.to_numpy(candidates), (uniform > cumulative).sum(-1))
    np.testing.assert_array_equal(backend.to_numpy(completions), backend.to_numpy(candidates)[..., 0])


def test_the_greedy_completion_takes_the_likeliest_token_of_the_causal_pass(backend, sampled):
    params, prompts, *_ = sampled
    greedy = compiled(backend, "greedy")(params, prompts)
    assert tuple(greedy.shape) == (SEEDS, BATCH, 5)
    log_probs = every_log_prob(backend, params, prompts, greedy[:, :, None, :])[:, :, 0]
    np.testing.assert_array_equal(backend.to_numpy(greedy), log_probs.argmax(-1))


def test_tokens_after_an_end_change_no_log_prob_before_it(backend, sampled):
    params, prompts, completions, _, _ = sampled
    mask = backend.to_numpy(until_end(completions, 2))
    assert 0 < mask.mean() < 1
    replaced = np.where(mask, backend.to_numpy(completions), 2)
    before, after = (every_log_prob(backend, params, prompts, one) for one in (completions, backend.asarray(replaced)))
    np.testing.assert_allclose(after[mask], before[mask], atol=1e-13)


def test_log_probs_are_those_of_the_chosen_tokens(backend, sampled):
    params, prompts, completions, candidates, _ = sampled
    log_probs = every_log_prob(backend, params, prompts, completions)
    chosen = np.take_along_axis(log_probs, backend.to_numpy(candidates).astype(np.int64), axis=-1)
    ours = backend.to_numpy(token_log_probs(backend, params, prompts, completions, candidates))
    np.testing.assert_allclose(ours, chosen, atol=1e-13)


def test_a_later_token_changes_no_earlier_log_prob(backend, sampled):
    params, prompts, completions, _, _ = sampled
    before = every_log_prob(backend, params, prompts, completions)
    changed = np.array(backend.to_numpy(completions))
    changed[..., 2] = (changed[..., 2] + 1) % 3
    after = every_log_prob(backend, params, prompts, backend.asarray(changed))
    np.testing.assert_allclose(after[..., :3, :], before[..., :3, :], atol=1e-13)
    assert np.abs(after[..., 3:, :] - before[..., 3:, :]).max() > 1e-3


def test_completions_of_one_prompt_do_not_see_each_other(backend, sampled):
    params, prompts, completions, _, _ = sampled
    together = every_log_prob(backend, params, prompts, completions)
    for index in range(COMPLETIONS):
        alone = every_log_prob(backend, params, prompts, completions[:, :, index : index + 1, :])
        np.testing.assert_allclose(together[:, :, index : index + 1], alone, atol=1e-12)


def test_a_prompt_with_one_completion_is_evaluated_as_one_of_several(backend, sampled):
    params, prompts, completions, candidates, _ = sampled
    together = backend.to_numpy(token_log_probs(backend, params, prompts, completions, candidates))
    alone = token_log_probs(backend, params, prompts, completions[:, :, 1:2, :], candidates[:, :, 1:2, :, :])
    np.testing.assert_allclose(backend.to_numpy(alone), together[:, :, 1:2], atol=1e-12)


def with_repeats(completions):
    """Make some completions equal to another one of their prompt, fully or except for the last token."""
    repeated = np.array(completions)
    repeated[:, 0, :, :] = repeated[:, 0, :1, :]
    repeated[1, 1, 2, :-1] = repeated[1, 1, 0, :-1]
    return repeated


def test_distinct_finds_each_completion_once_per_prompt(backend, sampled):
    completions = with_repeats(backend.to_numpy(sampled[2]))
    first, row = (backend.to_numpy(part) for part in distinct(backend, backend.asarray(completions)))
    fed = completions[..., :-1].reshape(SEEDS, BATCH * COMPLETIONS, -1)
    for seed in range(SEEDS):
        places = first[seed, row[seed]]
        np.testing.assert_array_equal(fed[seed, places], fed[seed])
        np.testing.assert_array_equal(places // COMPLETIONS, np.arange(BATCH * COMPLETIONS) // COMPLETIONS)
        expected = sum(len(np.unique(fed[seed].reshape(BATCH, COMPLETIONS, -1)[b], axis=0)) for b in range(BATCH))
        assert len(np.unique(row[seed])) == expected < BATCH * COMPLETIONS


def test_equal_completions_evaluated_once_have_the_same_log_probs_and_gradients(backend, sampled):
    params, prompts, completions, _, _ = sampled
    repeated = backend.asarray(with_repeats(backend.to_numpy(completions)))
    candidates = repeated[..., None]
    weights = backend.asarray(np.random.default_rng(4).normal(size=tuple(candidates.shape)), dtype="float64")

    @backend.compile
    def evaluate(shared):
        log_probs, pull = backend.vjp(
            lambda params: POLICY.token_log_probs(backend, params, prompts, repeated, candidates, shared), params
        )
        return log_probs, pull(weights)

    (plain, theirs), (once, ours) = evaluate(None), evaluate(distinct(backend, repeated))
    np.testing.assert_allclose(backend.to_numpy(once), backend.to_numpy(plain), atol=1e-13)
    for name in params:
        np.testing.assert_allclose(
            backend.to_numpy(ours[name]), backend.to_numpy(theirs[name]), atol=1e-10, err_msg=name
        )


def test_it_computes_what_a_plain_transformer_computes(backend, sampled):
    params, prompts, completions, _, _ = sampled
    ours = every_log_prob(backend, params, prompts, completions)[1, 2, 3]
    one = {name: np.asarray(backend.to_numpy(values))[1] for name, values in params.items()}
    tokens = np.concatenate([backend.to_numpy(prompts)[1, 2], backend.to_numpy(completions)[1, 2, 3]])
    np.testing.assert_allclose(ours, plain_transformer(one, tokens)[3:8], atol=1e-11)


def plain_transformer(params, tokens):
    """A textbook transformer for one sequence: log-probs of the next token after each of `tokens`."""

    def dense(name, x):
        return x @ params[f"{name}.kernel"] + params[f"{name}.bias"]

    def norm(name, x):
        standard = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6)
        return standard * params[f"{name}.scale"] + params[f"{name}.bias"]

    def softmax(x):
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    x = params["tokens"][tokens] + params["positions"][: len(tokens)]
    visible = np.tril(np.ones((len(tokens), len(tokens)), dtype=bool))
    for layer in range(2):
        q, k, v = np.split(dense(f"layers.{layer}.attention_in", norm(f"layers.{layer}.before_attention", x)), 3, -1)
        heads = []
        for head in (slice(0, 32), slice(32, 64)):
            scores = np.where(visible, q[:, head] @ k[:, head].T / math.sqrt(32), -np.inf)
            heads.append(softmax(scores) @ v[:, head])
        x = x + dense(f"layers.{layer}.attention_out", np.concatenate(heads, -1))
        hidden = dense(f"layers.{layer}.expand", norm(f"layers.{layer}.before_expand", x))
        gelu = hidden / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (hidden + 0.044715 * hidden**3)))
        x = x + dense(f"layers.{layer}.contract", gelu)
    return np.log(softmax(dense("head", norm("last", x))))


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        ({"heads": 3}, "`heads` must be a divisor of `width`, 64; got 3. Each head takes an equal share of the width."),
        ({"completion_length": 1}, "`completion_length` must be at least 2; got 1. Choose a larger number."),
        ({"layers": 0}, "`layers` must be at least 1; got 0. Choose a larger number."),
    ],
)
def test_sizes_that_do_not_fit_are_errors(sizes, text):
    with pytest.raises(InvalidArgumentError) as caught:
        Transformer(**{"vocab_size": 2, "prompt_length": 3, "completion_length": 3, **sizes})
    assert str(caught.value) == text
