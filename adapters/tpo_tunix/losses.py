"""The advantage estimator and the policy loss that tunix calls. Its micro-batches hold whole groups.

In shapes: B rows, G groups, K candidates per group, T tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from tunix.rl import common, function_registry

from tpo import Group, InvalidArgumentError, sequence_log_probs

if TYPE_CHECKING:
    from tpo_llm.settings import Settings

NAME = "tpo"
"""The name under which tunix knows loss and estimator."""


def register() -> None:
    """Register loss and estimator with tunix, unless they are.

    Raises:
        InvalidArgumentError: Something else has their name.
    """
    registry = function_registry.default_registry
    for category, function in (("policy_loss_fn", policy_loss), ("advantage_estimator", advantages)):
        if NAME not in registry.list_functions(category):
            registry.register(category, NAME)(function)
        elif registry.get(category, NAME) is not function:
            message = f"the {category} {NAME!r} of tunix must be this adapter's; got {registry.get(category, NAME)!r}."
            raise InvalidArgumentError(f"{message} Leave the other one out.")


def advantages(rewards: np.ndarray[Any, Any], num_generations: int) -> np.ndarray[Any, Any]:
    """Hand on the scores, `[B]`: the loss standardizes them.

    Raises:
        InvalidArgumentError: A reward is NaN or infinite.
    """
    del num_generations
    scores = np.asarray(rewards, np.float32)
    wrong = int((~np.isfinite(scores)).sum())
    if wrong:
        message = f"every reward must be finite; got {wrong} of {scores.size} that are not."
        raise InvalidArgumentError(f"{message} Repair the function that gives them.")
    return scores


def policy_loss(
    model: Any, train_example: Any, algo_config: Any, pad_id: int, eos_id: int, **unused: Any
) -> tuple[jax.Array, dict[str, Any]]:
    """The mean loss of the algorithm over the groups of a micro-batch.

    Args:
        model: The policy.
        train_example: tunix's batch of G * K rows, K consecutive ones per prompt, with scores as advantages.
        algo_config: A `TargetPOConfig`.
        pad_id: As tunix passes it.
        eos_id: As tunix passes it.
        **unused: Whatever else tunix passes.

    Returns:
        The loss, and tunix's metrics.

    Raises:
        InvalidArgumentError: Sequences are packed.
    """
    del unused
    if getattr(train_example, "segment_ids", None) is not None:
        message = "sequences must not be packed: candidates are compared whole; got packed ones."
        raise InvalidArgumentError(f"{message} Switch sequence packing off.")
    graphdef, state = nnx.split(model)
    now = common.compute_per_token_logps(
        graphdef,
        state,
        prompt_tokens=train_example.prompt_ids,
        completion_tokens=train_example.completion_ids,
        pad_id=pad_id,
        eos_id=eos_id,
        stop_gradient=False,
        temperature=algo_config.temperature,
    ).astype(jnp.float32)
    old = train_example.old_per_token_logps
    old = jax.lax.stop_gradient(now) if old is None else old.astype(jnp.float32)
    mask, reference = train_example.completion_mask, train_example.ref_per_token_logps
    loss = group_loss(
        algo_config.settings,
        scores=train_example.advantages,
        now=now,
        old=old,
        mask=mask,
        reference=reference,
        size=algo_config.num_generations,
    )
    metrics = {"kl": jnp.zeros(()), "pg_clipfrac": jnp.zeros(())}
    if reference is not None:
        kl = common.compute_kl_divergence(
            now, reference, algo_config.kl_loss_mode, clamp_value=algo_config.kl_clamp_value
        )
        metrics["kl"] = (kl * mask).sum() / jnp.clip(mask.sum(), min=1)
        loss = loss + algo_config.beta * common.aggregate_loss(kl, mask, algo_config.loss_agg_mode)
    return loss, metrics


def group_loss(
    settings: Settings,
    *,
    scores: jax.Array,
    now: jax.Array,
    old: jax.Array,
    mask: jax.Array,
    reference: jax.Array | None,
    size: int,
) -> jax.Array:
    """The mean loss over groups of consecutive rows, `[]`.

    Args:
        settings: The algorithm.
        scores: `[B]`.
        now: `[B, T]` current log-probs of tokens, in nats, differentiable.
        old: `[B, T]` old ones.
        mask: `[B, T]`, not 0 where a token counts.
        reference: `[B, T]` those of a fixed policy, or `None`.
        size: K.

    Raises:
        InvalidArgumentError: The rows are no whole groups.
    """
    if len(scores) % size:
        message = f"the rows of a micro-batch must be whole groups of {size}; got {len(scores)} rows."
        raise InvalidArgumentError(f"{message} tunix makes them so: leave its batches as they are.")
    tokens = jnp.reshape(mask.astype(bool), (-1, size, mask.shape[-1]))

    def of_groups(array: jax.Array | None) -> Any:
        if array is None:
            return None
        wide = jnp.where(tokens, jnp.reshape(array, tokens.shape), 0.0)
        if settings.takes_tokens:
            return wide
        return sequence_log_probs(wide, tokens, length_exponent=settings.length_exponent)

    group = Group(
        scores=jnp.reshape(scores, (-1, size)).astype(jnp.float32),
        old_log_probs=of_groups(old),
        # A candidate without a token that counts has no log-prob: its 0 would be the largest of all.
        mask=tokens.any(-1),
        token_mask=tokens if settings.takes_tokens else None,
        ref_log_probs=of_groups(reference),
    )
    loss: jax.Array = settings.algorithm.loss(of_groups(now), settings.algorithm.prepare(group)).mean()
    return loss
