"""MNIST as a contextual bandit: classify an image by one guess, with its correctness as the only feedback.

In shapes: S seeds, B images per step, D pixels, K classes, M images of the test set.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo import (
    MLP,
    Arm,
    Array,
    Autodiff,
    Parameters,
    Randomness,
    Rollout,
    check_data_set,
    load_data_set,
    unknown_name,
)
from tpo_tasks.feedback import ARRANGEMENTS, Feedback
from tpo_tasks.gains import DIRECTIONS, SURPLUSES, Guess, surplus_by_concentration
from tpo_tasks.ranges import check_least
from tpo_tasks.trained_network import TrainedNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo import LabelledImages

PIXELS, CLASSES = 784, 10
HIDDEN = (50, 50)
BRIGHTEST = 255
BLOCK = 32
"""The number of steps whose numbers are drawn at once: creating a generator takes longer than drawing from it."""

PIECE = 1000
"""The number of test images classified at once."""

SINGLE: Mapping[str, Mapping[str, Any]] = {
    "dg": {"advantages": "given"},
    "grpo": {"kl": 0.0},
    "reinforce": {"advantages": "given"},
}
"""Options of methods that see only the action taken. GRPO standardizes rewards over the batch."""

GROUPED: Mapping[str, Mapping[str, Any]] = {"tpo": {"precision": "fast"}, "group-pg": {}}
"""Options of methods that see all actions, of which only the action taken has a nonzero score."""


@dataclass(frozen=True, kw_only=True)
class ImageBandit(TrainedNetwork):
    """Classify an image by a single guess, with its correctness as the only feedback.

    Attributes:
        dataset: What to classify: mnist, fashion-mnist, or made-up, which needs no download.
        evaluate_every: Steps between two measurements of the error on the test set.
        gains: Whether to measure, with the error on the test set, what the method gains where it is wrong (Figure 5b).

    Raises:
        InvalidArgumentError: `evaluate_every` is below 1.

    Source:
        Kaddour 2026, section 3.3 and appendix C, after Osband 2026.
    """

    dataset: str = "mnist"
    evaluate_every: int = 200
    gains: bool = False

    def __post_init__(self) -> None:
        """Check the options."""
        check_least(self, {"evaluate_every": 1}, "It is a number of steps.")

    @functools.cached_property
    def _data(self) -> LabelledImages:
        return load_data_set(self.dataset)

    @property
    def policy(self) -> MLP:
        """The network of the paper, sized for the images."""
        return MLP(widths=(PIXELS, *HIDDEN, CLASSES), input_scale=1 / BRIGHTEST)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the metrics for gains, if they are enabled."""
        return SURPLUSES if self.gains else ()

    @property
    def arms(self) -> Mapping[str, Arm]:
        """The arms of the paper, one epoch each."""
        single = {name: self._arm(name, "batch", options) for name, options in SINGLE.items()}
        return single | {name: self._arm(name, "actions", options) for name, options in GROUPED.items()}

    def group_fields(self, arm: Arm) -> tuple[str, ...]:
        """Names of the group fields that the arm's arrangement provides."""
        return tuple(ARRANGEMENTS[arm.grouping].given)

    def default_arm(self, algorithm: str, *, compares_candidates: bool) -> Arm:
        """Create an arm of one epoch, over all actions if the algorithm compares candidates."""
        return self._arm(algorithm, "actions" if compares_candidates else "batch", {})

    def _arm(self, algorithm: str, grouping: str, options: Mapping[str, Any]) -> Arm:
        return Arm(algorithm=algorithm, grouping=grouping, options=options, epochs=1, optimizer="adam")

    def check(self, arm: Arm) -> None:
        """Raise an error for a grouping of tokens, or for images that are not on this machine.

        Raises:
            UnknownNameError: The grouping or the data set does not exist or is none of this task, or the gains of the
                method are not known.
            DataError: The data set has not been fetched.
        """
        if arm.grouping not in ARRANGEMENTS:
            raise unknown_name("grouping of actions", arm.grouping, ARRANGEMENTS)
        if self.gains and arm.algorithm not in DIRECTIONS:
            raise unknown_name("method with known gains", arm.algorithm, DIRECTIONS)
        check_data_set(self.dataset)

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Draw images `[B, D]` as bytes, with replacement, their labels `[B]`, and uniform noise `[B]` for guesses."""
        data, (block, number) = self._data, divmod(randomness.step, BLOCK)
        examples, noise = _draw(randomness.seed, block, len(data.train_labels), arm.batch_size)
        chosen = examples[number]
        labels = data.train_labels[chosen].astype(np.int64)
        return {"images": data.train_images[chosen], "labels": labels, "noise": noise[number]}

    def rollout(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Guess each image's class and score the guess."""
        return self.act(backend, self.all_log_probs(backend, params, inputs), inputs, arm)

    def log_probs(self, backend: Autodiff, params: Parameters, data: Any, arm: Arm) -> Array:
        """Compute log-probs of the candidates of the groups, `[S, ..., K]`."""
        images, _ = data
        return self.select(backend, self.all_log_probs(backend, params, {"images": images}), data, arm)

    def all_log_probs(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array]) -> Array:
        """Compute log-probs of all classes, `[S, B, K]`."""
        images = backend.namespace().astype(inputs["images"], params[self.matrices[0]].dtype)
        return self.policy.log_probs(backend, params, images)

    def act(self, backend: Autodiff, log_probs: Array, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Sample guesses from `log_probs`, `[S, B, K]`, and score them."""
        xp, labels = backend.namespace(), inputs["labels"]
        guesses = self.policy.sample(backend, log_probs, inputs["noise"], labels.dtype)
        classes = backend.asarray(np.arange(CLASSES))
        rewards = xp.astype(guesses == labels, log_probs.dtype)
        feedback = Feedback(
            taken=guesses[..., None] == classes,
            right=labels[..., None] == classes,
            rewards=rewards,
            advantages=rewards - xp.sum(xp.exp(2 * log_probs), axis=-1),
        )
        arrangement = ARRANGEMENTS[arm.grouping]
        return Rollout(
            data=(inputs["images"], feedback.taken),
            scores=arrangement.scores(xp, feedback),
            error=1 - xp.mean(rewards, axis=-1),
            group=arrangement.more(xp, feedback),
        )

    def select(self, backend: Autodiff, log_probs: Array, data: Any, arm: Arm) -> Array:
        """Select log-probs of the candidates of the groups, `[S, ..., K]`, from those of all classes, `[S, B, K]`."""
        _, taken = data
        return ARRANGEMENTS[arm.grouping].log_probs(backend.namespace(), taken, log_probs)

    def held_out(self) -> Mapping[str, np.ndarray[Any, Any]]:
        """Return the test set in pieces: images `[n, M / n, D]` as bytes, and labels `[n, M / n]`."""
        data = self._data
        labels = data.test_labels.astype(np.int64)
        return {"images": data.test_images.reshape(-1, PIECE, PIXELS), "labels": labels.reshape(-1, PIECE)}

    def evaluate(
        self, backend: Autodiff, params: Parameters, data: Mapping[str, Array], arm: Arm
    ) -> Mapping[str, Array]:
        """Compute the error of the likeliest class on the test set, and the gains of Figure 5b if enabled."""
        xp = backend.namespace()
        dtype = params[self.matrices[0]].dtype

        def classify(carry: Any, images: Array) -> tuple[Any, Array]:
            return carry, self.policy.log_probs_on_shared(backend, params, xp.astype(images, dtype))

        _, pieces = backend.scan(classify, backend.asarray(0), data["images"])
        log_probs = xp.reshape(xp.permute_dims(pieces, (1, 0, 2, 3)), (pieces.shape[1], -1, CLASSES))
        labels = xp.reshape(data["labels"], (-1,))
        wrong = xp.argmax(log_probs, axis=-1) != labels
        measured = {"test_error": xp.mean(xp.astype(wrong, dtype), axis=-1)}
        if self.gains:
            right = labels[:, None] == backend.asarray(np.arange(CLASSES))
            guess = Guess(xp, xp.exp(log_probs), xp.astype(right, dtype))
            measured |= surplus_by_concentration(guess, DIRECTIONS[arm.algorithm], wrong)
        return measured


@functools.lru_cache(maxsize=512)
def _draw(seed: int, block: int, images: int, batch_size: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Draw image indices and uniform noise for a block of steps, `[BLOCK, B]` each."""
    randomness, shape = Randomness(seed, block), (BLOCK, batch_size)
    return randomness.generator("examples").integers(0, images, shape), randomness.generator("sampling").random(shape)
