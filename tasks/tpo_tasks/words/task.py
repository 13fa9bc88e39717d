"""Word problems: a small language model writes solutions, and is rewarded for right answers.

In shapes: S seeds, B prompts, C completions per prompt, P prompt tokens, T tokens of a completion, A of an answer, N
problems.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import Arm, Array, Autodiff, Parameters, Randomness, Rollout, Transformer, WarmUp, groupings, until_end
from tpo_tasks.ranges import check_range
from tpo_tasks.rlvr.stories import longest_question
from tpo_tasks.whole_completions import WholeCompletions
from tpo_tasks.words.answers import is_right
from tpo_tasks.words.characters import END, VOCABULARY
from tpo_tasks.words.pool import TRAINING, completion_length, pool_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

SHORTEST, LONGEST = 1, 1000
MOST_STEPS = 4
MOST_SUPERVISED = 100_000
LONGEST_INTERVAL = 100_000
"""The most steps between two measurements of the error."""
SUPERVISED_RATE = 3e-3

BEGINNING = 29
"""Tokens of the beginning of a solution, which has the first sum; the whole of one of 20 characters."""

BEGINNING_STEPS, BEGINNING_BATCH, WHOLE_BATCH = 300, 64, 32
"""The updates on beginnings; the solutions of each of these; the solutions of each later update, on whole ones."""

CHARACTERS_PER_STEP, FEWEST_PROMPTS, MOST_PROMPTS = 640, 4, 16
"""The characters of the typical solutions of a step, and limits on the number of prompts that follows from it."""

COMPLETION_LENGTH, ENDED = "completion_length", "ended"
"""Names of the metrics for the mean number of tokens of a completion, and for the share that ends by itself."""


@dataclass(frozen=True, kw_only=True)
class WordProblemTask(WholeCompletions):
    """Solve word problems by writing, character by character, with the final answer as the only feedback.

    Attributes:
        length: Characters of a typical solution, from 1 to 1000. Longer ones repeat each sum, each time after a
            remark.
        changes: How often the number in a problem changes, from 1 to 4: the sums of a solution.
        supervised_steps: Updates on batches of solutions before step 0. The first 300 see the beginnings of 64
            solutions, later ones 32 whole solutions.
        evaluate_every: Steps between two measurements of the error on held-out problems.

    Raises:
        InvalidArgumentError: A number is out of its range.
    """

    length: int = 20
    changes: int = 1
    supervised_steps: int = 300
    evaluate_every: int = 20

    measures = (COMPLETION_LENGTH, ENDED)

    def __post_init__(self) -> None:
        """Check the options."""
        check_range("length", self.length, SHORTEST, LONGEST)
        check_range("changes", self.changes, 1, MOST_STEPS)
        check_range("supervised_steps", self.supervised_steps, 0, MOST_SUPERVISED)
        check_range("evaluate_every", self.evaluate_every, 1, LONGEST_INTERVAL)

    @property
    def policy(self) -> Transformer:
        """A transformer of some 110,000 parameters, sized for the problems."""
        return Transformer(
            vocab_size=VOCABULARY,
            prompt_length=longest_question(self.changes),
            completion_length=completion_length(self.changes, self.length),
        )

    @property
    def warm_up(self) -> WarmUp:
        """The supervision on solutions before step 0."""
        return WarmUp(steps=self.supervised_steps, learning_rate=SUPERVISED_RATE)

    @property
    def arm_settings(self) -> Mapping[str, Any]:
        """Settings that all arms share."""
        prompts = min(max(CHARACTERS_PER_STEP // self.length, FEWEST_PROMPTS), MOST_PROMPTS)
        return {"epochs": 2, "batch_size": prompts, "learning_rate": 1e-4}

    def examples(self, randomness: Randomness) -> dict[str, np.ndarray[Any, Any]]:
        """Draw problems to train on, `[N, P]`, and their solutions or the beginnings of these, `[N, T]`."""
        pool, begins = pool_of(self.changes, self.length).training, randomness.step < BEGINNING_STEPS
        count, longest = (BEGINNING_BATCH, BEGINNING) if begins else (WHOLE_BATCH, self.policy.completion_length)
        chosen = randomness.generator("examples").integers(0, TRAINING, count)
        return {"prompts": pool.prompts[chosen], "solutions": pool.solutions[chosen, :longest]}

    def supervised_loss(self, backend: Autodiff, params: Parameters, examples: Mapping[str, Array]) -> Array:
        """Cross-entropy of solutions in nats per token, with the end token: `[S]`.

        The mean over all tokens and that over the tokens of beginnings count half each: most tokens of a long solution
        repeat a sum, and alone they would teach the policy to copy, and to forget how to add.
        """
        xp, solutions = backend.namespace(), examples["solutions"][:, :, None, :]
        log_probs = self._token_log_probs(backend, params, examples["prompts"], solutions)
        counted = xp.astype(until_end(solutions, END), log_probs.dtype)
        parts = [(counted[..., :count], log_probs[..., :count]) for count in (BEGINNING, solutions.shape[-1])]
        axes = (1, 2, 3)
        means = [xp.sum(ones * values, axis=axes) / xp.sum(ones, axis=axes) for ones, values in parts]
        return -(means[0] + means[1]) / 2

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Draw prompts `[B, P]`, the endings of right solutions `[B, A]`, and uniform noise `[T, B, C, 1]`."""
        pool = pool_of(self.changes, self.length).training
        chosen = randomness.generator("prompts").integers(0, TRAINING, arm.batch_size)
        count = groupings.completion_groups(arm.grouping).sampling(arm).completions
        shape = (self.policy.completion_length, arm.batch_size, count, 1)
        noise = randomness.generator("sampling").random(shape)
        return {"prompts": pool.prompts[chosen], "endings": pool.endings[chosen], "noise": noise}

    def rollout(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Write solutions to the prompts; a right one scores 1, and others 0."""
        xp, dtype = backend.namespace(), params["tokens"].dtype
        noise = xp.permute_dims(inputs["noise"], (1, 0, 2, 3, 4))
        sampled, _ = self.policy.sample(backend, params, inputs["prompts"], noise)
        completions, mask = _ended(xp, sampled)
        scores = xp.astype(is_right(backend, completions, mask, inputs["endings"]), dtype)
        arrange = groupings.completion_groups(arm.grouping)
        return Rollout(
            data=(inputs["prompts"], completions, mask),
            scores=arrange.by_completion(scores),
            error=1 - xp.mean(scores, axis=(1, 2)),
            more={
                COMPLETION_LENGTH: xp.mean(xp.sum(xp.astype(mask, dtype), axis=-1), axis=(1, 2)),
                ENDED: xp.mean(xp.astype(xp.any(sampled == END, axis=-1), dtype), axis=(1, 2)),
            },
            group=arrange.of_completions(mask),
        )

    def log_probs(self, backend: Autodiff, params: Parameters, data: Any, arm: Arm) -> Array:
        """Compute log-probs of the candidates of the groups, or of their tokens."""
        prompts, completions, mask = data
        per_token = self._token_log_probs(backend, params, prompts, completions)
        return groupings.completion_groups(arm.grouping).completion_log_probs(per_token, mask)

    def held_out(self) -> Mapping[str, np.ndarray[Any, Any]]:
        """Return the problems that are held out: prompts `[N, P]` and endings of right solutions `[N, A]`."""
        pool = pool_of(self.changes, self.length).held_out
        return {"prompts": pool.prompts, "endings": pool.endings}

    def evaluate(
        self, backend: Autodiff, params: Parameters, data: Mapping[str, Array], arm: Arm
    ) -> Mapping[str, Array]:
        """Compute the error of solutions whose every character is the likeliest."""
        del arm
        xp, seeds = backend.namespace(), params["tokens"].shape[0]
        prompts, endings = (xp.broadcast_to(data[name], (seeds, *data[name].shape)) for name in ("prompts", "endings"))
        completions, mask = _ended(xp, self.policy.greedy(backend, params, prompts)[:, :, None, :])
        right = is_right(backend, completions, mask, endings)
        return {"test_error": 1 - xp.mean(xp.astype(right, params["tokens"].dtype), axis=(1, 2))}

    def _token_log_probs(self, backend: Autodiff, params: Parameters, prompts: Array, completions: Array) -> Array:
        """Log-probs of all tokens of completions, `[S, B, C, T]`, also of those after the end."""
        return self.policy.token_log_probs(backend, params, prompts, completions, completions[..., None])[..., 0]


def _ended(xp: Any, sampled: Array) -> tuple[Array, Array]:
    """Replace tokens after the first end token by it, so that equal completions are equal arrays; and their mask."""
    mask = until_end(sampled, END)
    return xp.where(mask, sampled, xp.full_like(sampled, END)), mask
