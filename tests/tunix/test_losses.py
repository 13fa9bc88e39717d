"""The loss that tunix differentiates, against the loss of whole groups written out."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from tunix.rl import function_registry
from tunix.rl.grpo.grpo_learner import TrainExample
from tunix.tests import test_common as toys

import tpo
from tpo_tunix import TargetPOConfig
from tpo_tunix.check import check
from tpo_tunix.losses import advantages, group_loss, policy_loss, register

K, GROUPS, PROMPT, TOKENS, VOCABULARY = 4, 3, 5, 6, 22
ALGORITHMS = [
    {},
    {"anchor": "policy"},
    {"anchor": "policy", "length_exponent": 1.0, "eta": 0.5},
    {"divergence": "reverse"},
    {"token_clip": 0.2},
    {"name": "grpo"},
    {"name": "dr-grpo"},
    {"name": "gspo"},
]


def toy(seed=0):
    return toys.ToyTransformer(config=toys.ModelConfig(vocab_size=VOCABULARY), rngs=nnx.Rngs(seed))


def example(model, *, moved=0.3, seed=0):
    numbers = np.random.default_rng(seed)
    rows = K * GROUPS
    lengths = numbers.integers(1, TOKENS + 1, (rows, 1))
    mask = np.arange(TOKENS) < lengths
    completions = np.where(mask, numbers.integers(3, VOCABULARY, (rows, TOKENS)), 0)
    prompts = numbers.integers(3, VOCABULARY, (rows, PROMPT))
    old = log_probs(model, jnp.asarray(prompts), jnp.asarray(completions)) + moved * numbers.normal(size=(rows, TOKENS))
    return TrainExample(
        prompt_ids=jnp.asarray(prompts),
        prompt_mask=jnp.ones_like(prompts),
        completion_ids=jnp.asarray(completions),
        completion_mask=jnp.asarray(mask),
        ref_per_token_logps=None,
        advantages=jnp.asarray(numbers.integers(0, 3, rows), jnp.float32),
        old_per_token_logps=old,
    )


def log_probs(model, prompts, completions):
    tokens = jnp.concatenate([prompts, completions], axis=1)
    logits, _ = model(tokens, None)
    chosen = jax.nn.log_softmax(logits[:, PROMPT - 1 : -1])
    return jnp.take_along_axis(chosen, completions[..., None], axis=-1)[..., 0]


def exact(model, given, settings):
    """The mean over groups, one group after another."""
    now = log_probs(model, given.prompt_ids, given.completion_ids)
    values, weights = [], []
    for start in range(0, K * GROUPS, K):
        rows = slice(start, start + K)
        mask = given.completion_mask[rows]
        current, old = (jnp.where(mask, array[rows], 0.0) for array in (now, given.old_per_token_logps))
        more = {"token_mask": mask} if settings.takes_tokens else {}
        if not settings.takes_tokens:
            scale = mask.sum(-1) ** -settings.length_exponent
            current, old = current.sum(-1) * scale, old.sum(-1) * scale
        group = tpo.Group(scores=given.advantages[rows], old_log_probs=old, **more)
        value, weight = settings.algorithm.loss(current, settings.algorithm.prepare(group))
        values.append(value)
        weights.append(weight)
    return sum(values) / sum(weights)


def configuration(**options):
    made = TargetPOConfig(num_generations=K, tpo=options)
    made.temperature = 1.0
    return made


@pytest.mark.parametrize("options", ALGORITHMS, ids=str)
def test_loss_and_gradient_are_those_of_whole_groups(options):
    model, config = toy(), configuration(**options)
    given = example(model)
    ours = nnx.value_and_grad(lambda model: policy_loss(model, given, config, pad_id=0, eos_id=2)[0])(model)
    theirs = nnx.value_and_grad(lambda model: exact(model, given, config.settings))(model)
    assert float(ours[0]) == pytest.approx(float(theirs[0]), rel=1e-5, abs=1e-6)
    mine, yours = (jnp.concatenate([x.ravel() for x in jax.tree.leaves(found[1])]) for found in (ours, theirs))
    assert jnp.linalg.norm(yours) > 1e-4
    assert jnp.linalg.norm(mine - yours) <= 1e-5 * jnp.linalg.norm(yours)


def test_without_old_log_probs_the_policy_has_not_moved():
    model, config = toy(), configuration()
    given = example(model, moved=0.0)
    fresh = TrainExample(**{**vars(given), "old_per_token_logps": None})
    found = [float(policy_loss(model, one, config, pad_id=0, eos_id=2)[0]) for one in (given, fresh)]
    assert found == pytest.approx([np.log(K)] * 2, abs=1e-5)


def test_a_candidate_without_tokens_is_left_out():
    settings = configuration().settings
    mask = jnp.asarray([[1, 1], [1, 0], [0, 0]])
    arrays = {"now": -jnp.ones((3, 2)), "old": -jnp.ones((3, 2)), "mask": mask, "reference": None}
    found = group_loss(settings, scores=jnp.asarray([1.0, 0.0, 5.0]), size=3, **arrays)
    assert float(found) == pytest.approx(np.log(2), rel=1e-6)


def test_cut_groups_and_packed_sequences_are_refused():
    settings = configuration().settings
    ones = jnp.ones((3, 2))
    with pytest.raises(tpo.InvalidArgumentError, match="whole groups of 2; got 3 rows"):
        group_loss(settings, scores=jnp.ones(3), now=ones, old=ones, mask=ones, reference=None, size=2)
    packed = type("Packed", (), {"segment_ids": ones})
    with pytest.raises(tpo.InvalidArgumentError, match="must not be packed"):
        policy_loss(None, packed, configuration(), pad_id=0, eos_id=2)


def test_wrong_options_are_errors():
    with pytest.raises(tpo.TPOError, match=r"`tpo\.eta` must be a number"):
        TargetPOConfig(num_generations=K, tpo={"eta": "warm"})


@pytest.mark.parametrize("name", ["path", "tie_tolerance", "truncated_is"])
def test_settings_that_the_loss_does_not_read_are_unknown(name):
    with pytest.raises(tpo.UnknownNameError, match=f"option of tpo; got '{name}'"):
        TargetPOConfig(num_generations=K, tpo={name: 0.5})


def test_an_algorithm_with_a_reference_policy_needs_beta():
    with pytest.raises(tpo.InvalidArgumentError, match="a reference policy must be computed for PMPO; got beta=0"):
        TargetPOConfig(num_generations=K, tpo={"name": "pmpo"})
    assert TargetPOConfig(num_generations=K, beta=0.01, tpo={"name": "pmpo"}).settings.needs_reference


def test_the_check_passes_with_the_tested_versions():
    assert {finding.subject: finding.ok for finding in check()} == {
        "google-tunix": True,
        "jax": True,
        "flax": True,
        "registry of tunix": True,
    }


def test_nothing_is_overwritten(monkeypatch):
    monkeypatch.setitem(function_registry.default_registry._registry["policy_loss_fn"], "tpo", print)
    with pytest.raises(tpo.InvalidArgumentError, match="the policy_loss_fn 'tpo' of tunix must be this adapter's"):
        register()
    assert [finding.ok for finding in check() if finding.subject == "registry of tunix"] == [False]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_rewards_must_be_finite(wrong):
    assert advantages(np.asarray([0.0, 1.0]), 2).tolist() == [0.0, 1.0]
    with pytest.raises(tpo.InvalidArgumentError, match="every reward must be finite; got 1 of 2 that are not"):
        advantages(np.asarray([0.0, wrong]), 2)
