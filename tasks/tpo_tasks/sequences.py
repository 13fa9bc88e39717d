"""Token reversal: a transformer learns to answer a prompt with a function of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import (
    Arm,
    Array,
    Autodiff,
    InvalidArgumentError,
    Parameters,
    Randomness,
    Rollout,
    Transformer,
    distinct,
    groupings,
    settle_draft,
    unknown_name,
)
from tpo_tasks.ranges import check_least
from tpo_tasks.rewards import REWARDS, WHOLE_COMPLETIONS
from tpo_tasks.trained_network import TrainedNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

SMALLEST = 2
FAILED_GROUPS = "failed_groups"
"""Name of the metric for the share of groups without a success."""

TARGETS: Mapping[str, tuple[bool, bool]] = {
    "copy": (False, False),
    "flip": (False, True),
    "reverse-copy": (True, False),
    "reverse-flip": (True, True),
}
"""Targets by name: whether the prompt is reversed, and whether each token t is flipped to V - 1 - t."""


@dataclass(frozen=True, kw_only=True)
class TokenReversal(TrainedNetwork):
    """Answer a prompt of random tokens with its copy, its flip, or the reverse of either.

    Attributes:
        vocab_size: Distinct tokens, at least 2.
        length: Tokens of a prompt, and of its completion, at least 2.
        target: What to answer: copy, flip, reverse-copy or reverse-flip.
        reward: What is rewarded: bag-of-tokens, sequential or terminal.

    Raises:
        InvalidArgumentError: A number is too small.
        UnknownNameError: `target` or `reward` does not exist.

    Source:
        Kaddour 2026, sections 3.4 to 3.6, after Osband 2026.
    """

    vocab_size: int = 2
    length: int = 10
    target: str = "reverse-copy"
    reward: str = "bag-of-tokens"

    measures = (FAILED_GROUPS,)

    def __post_init__(self) -> None:
        """Check the options."""
        check_least(self, {"vocab_size": SMALLEST, "length": SMALLEST})
        for name, known in (("target", TARGETS), ("reward", REWARDS)):
            if getattr(self, name) not in known:
                raise unknown_name(name, getattr(self, name), known)

    @property
    def policy(self) -> Transformer:
        """The transformer of the paper, sized for this task."""
        return Transformer(vocab_size=self.vocab_size, prompt_length=self.length, completion_length=self.length)

    @property
    def arms(self) -> Mapping[str, Arm]:
        """The arms of the paper: four epochs, or one for methods without a trust region."""
        grouped = {"tpo": {}, "grpo": {"reduction": "group-mean-token-sum"}}
        single = {"ppo": 4, "dg": 1, "reinforce": 1}
        return {
            name: Arm(algorithm=name, grouping=self._grouping, epochs=4, options=options)
            for name, options in grouped.items()
        } | {name: Arm(algorithm=name, grouping="batch", epochs=n) for name, n in single.items()}

    @property
    def _grouping(self) -> str:
        return "sequence" if self.reward in WHOLE_COMPLETIONS else "token"

    def default_arm(self, algorithm: str, *, compares_candidates: bool) -> Arm:
        """Create an arm of one epoch, with the grouping that fits the reward."""
        grouping = self._grouping if compares_candidates else "batch"
        return Arm(algorithm=algorithm, grouping=grouping, epochs=1)

    def check(self, arm: Arm) -> None:
        """Raise an error for token groups under a reward that needs whole completions.

        Raises:
            InvalidArgumentError: The two are combined, or the grouping is not one of tokens.
        """
        sampled = groupings.token_groups(arm.grouping).sampling(arm)
        if sampled.candidates > 1 and self.reward in WHOLE_COMPLETIONS:
            message = f"the grouping must be sequence or batch under {self.reward} reward; got {arm.grouping!r}."
            raise InvalidArgumentError(f"{message} A single token has no {self.reward} reward: --grouping sequence.")

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Draw prompts `[B, P]`, and uniform noise `[T, B, C, M]` for sampling."""
        completions, candidates = groupings.token_groups(arm.grouping).sampling(arm)
        prompts = randomness.generator("prompts").integers(0, self.vocab_size, (arm.batch_size, self.length))
        shape = (self.length, arm.batch_size, completions, candidates)
        return {"prompts": prompts, "noise": randomness.generator("sampling").random(shape)}

    def draft(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Any:
        """Decode a draft of each prompt's completions along the first; none if there is only one completion."""
        if groupings.token_groups(arm.grouping).sampling(arm).completions == 1:
            return None
        return self.policy.draft(backend, params, inputs["prompts"], _by_position(backend, inputs))

    def settle(self, backend: Autodiff, draft: Any) -> Mapping[str, Any]:
        """Find the completions that differ from the draft, and so must still be decoded."""
        return {} if draft is None else {"drafted": settle_draft(backend, draft)}

    def rollout(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Complete the prompts and reward every candidate token."""
        xp = backend.namespace()
        prompts = inputs["prompts"]
        noise = _by_position(backend, inputs)
        completions, candidates = self.policy.sample(backend, params, prompts, noise, inputs.get("drafted"))
        answer = self.answer(xp, prompts)[:, :, None, :]
        dtype = params["tokens"].dtype
        taken = xp.astype(completions == answer, dtype)
        right = xp.astype(candidates == answer[..., None], dtype)
        rewards = REWARDS[self.reward](xp, taken, right)
        scores = groupings.token_groups(arm.grouping).scores(rewards)
        error = xp.mean(1 - rewards[..., 0], axis=(1, 2, 3))
        failed = xp.astype(xp.max(scores, axis=-1) <= 0, dtype)
        more = {FAILED_GROUPS: xp.mean(failed, axis=tuple(range(1, failed.ndim)))}
        return Rollout((prompts, completions, candidates), scores, error, more)

    def answer(self, xp: Any, prompts: Array) -> Array:
        """Compute the right completions `[..., T]` of prompts `[..., P]`."""
        reverses, flips = TARGETS[self.target]
        answer = xp.flip(prompts, axis=-1) if reverses else prompts
        return self.vocab_size - 1 - answer if flips else answer

    def share(self, backend: Autodiff, data: Any) -> Any:
        """Find equal completions of a prompt, so that each is evaluated once."""
        prompts, completions, candidates = data
        if completions.shape[2] == 1:
            return data
        return prompts, completions, candidates, distinct(backend, completions)

    def log_probs(self, backend: Autodiff, params: Parameters, data: Any, arm: Arm) -> Array:
        """Compute log-probs of the candidates, `[S, ..., K]`."""
        per_token = self.policy.token_log_probs(backend, params, *data)
        return groupings.token_groups(arm.grouping).log_probs(per_token)


def _by_position(backend: Autodiff, inputs: Mapping[str, Array]) -> Array:
    """Move the position axis of the noise first, `[S, T, B, C, M]` to `[T, S, B, C, M]`."""
    return backend.namespace().permute_dims(inputs["noise"], (1, 0, 2, 3, 4))
