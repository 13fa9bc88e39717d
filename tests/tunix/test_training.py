"""Training a toy model by tunix's learner, over seeds."""

import jax
import numpy as np
import optax
import pytest
from flax import nnx
from jax.sharding import Mesh
from tunix.rl import rl_cluster
from tunix.rl.grpo.grpo_learner import GRPOLearner
from tunix.rl.rollout.base_rollout import RolloutConfig
from tunix.tests import test_common as toys

from tpo_tunix import TargetPOConfig

ROLES = (rl_cluster.Role.ACTOR, rl_cluster.Role.REFERENCE, rl_cluster.Role.ROLLOUT)
PROMPTS = ["input string", "hello world", "My name", "Hello there"]
REWARDED = {"input", "string", "hello", "world", "Hello", "there"}
TOKENS, ITERATIONS = 8, 2


def toy(seed):
    return toys.ToyTransformer(config=toys.ModelConfig(vocab_size=22), rngs=nnx.Rngs(seed))


def learned(options, seed, *, steps=12):
    """The mean reward of each rollout: the share of words that are rewarded."""
    rewards = []

    def reward(prompts, completions, **_):
        found = [sum(word in REWARDED for word in text.split()) / TOKENS for text in completions]
        rewards.append(np.mean(found))
        return found

    training = rl_cluster.RLTrainingConfig(
        actor_optimizer=optax.adam(1e-2),
        eval_every_n_steps=1000,
        max_steps=steps * ITERATIONS,
        mini_batch_size=4,
        train_micro_batch_size=2,
    )
    rollout = RolloutConfig(max_tokens_to_generate=TOKENS, max_prompt_length=8, kv_cache_size=64, temperature=1.0)
    mesh = Mesh(np.asarray(jax.devices()[:1]).reshape(1, 1), ("fsdp", "tp"))
    config = rl_cluster.ClusterConfig(
        role_to_mesh=dict.fromkeys(ROLES, mesh), training_config=training, rollout_config=rollout
    )
    models = {"actor": toy(seed), "reference": toy(seed)}
    cluster = rl_cluster.RLCluster(**models, tokenizer=toys.MockVocab(), cluster_config=config)
    algorithm = TargetPOConfig(num_generations=8, num_iterations=ITERATIONS, tpo=options)
    GRPOLearner(cluster, reward_fns=reward, algo_config=algorithm).train([{"prompts": PROMPTS} for _ in range(steps)])
    return rewards


@pytest.mark.parametrize("options", [{}, {"name": "grpo"}], ids=str)
def test_the_reward_rises_over_seeds(options):
    gains = []
    for seed in range(3):
        rewards = learned(options, seed)
        gains.append(np.mean(rewards[-3:]) - np.mean(rewards[:3]))
    print(f"gains {gains}")  # noqa: T201 - the figure, under -s
    assert np.mean(gains) >= 0.2
    assert np.mean(gains) > 2 * np.std(gains, ddof=1) / np.sqrt(3)
