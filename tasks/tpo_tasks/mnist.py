"""MNIST as a contextual bandit: classify an image by a single guess, and hear whether it was right.

In shapes: S seeds, B images per step, D pixels, K classes, M images of the test set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo import (
    MLP,
    Arm,
    Array,
    Autodiff,
    InvalidArgumentError,
    Parameters,
    Randomness,
    Rollout,
    check_data_set,
    load_data_set,
    unknown_name,
)
from tpo_tasks.feedback import ARRANGEMENTS, Feedback
from tpo_tasks.gains import surplus_by_concentration

if TYPE_CHECKING:
    from collections.abc import Mapping

PIXELS, CLASSES = 784, 10
HIDDEN = (50, 50)
BRIGHTEST = 255
PIECE = 1000
"""So many images of the test set are classified at once."""

SINGLE: Mapping[str, Mapping[str, Any]] = {
    "dg": {"advantages": "given"},
    "grpo": {"kl": 0.0},
    "reinforce": {"advantages": "given"},
}
"""Methods that see the action taken alone, and their options. GRPO standardizes rewards over the batch."""

GROUPED: Mapping[str, Mapping[str, Any]] = {"tpo": {}, "group-pg": {}}
"""Methods that see all actions, of which the one taken has a score."""


@dataclass(frozen=True, kw_only=True)
class ImageBandit:
    """Classify an image by a single guess, told only whether it was right.

    Attributes:
        dataset: What to classify: mnist, fashion-mnist, or made-up, which needs no download.
        evaluate_every: Steps between two measurements of the error on the test set.
        gains: Whether to measure the gains of Figure 5b, too.

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
        if self.evaluate_every < 1:
            message = f"`evaluate_every` must be at least 1; got {self.evaluate_every}."
            raise InvalidArgumentError(f"{message} It is a number of steps.")

    @property
    def policy(self) -> MLP:
        """The network of the paper."""
        return MLP(widths=(PIXELS, *HIDDEN, CLASSES))

    @property
    def matrices(self) -> tuple[str, ...]:
        """The parameters that Muon updates."""
        return self.policy.matrices

    @property
    def arms(self) -> Mapping[str, Arm]:
        """The arms of the paper, one epoch each."""
        single = {name: self._arm(name, "batch", options) for name, options in SINGLE.items()}
        return single | {name: self._arm(name, "actions", options) for name, options in GROUPED.items()}

    def default_arm(self, algorithm: str, *, compares_candidates: bool) -> Arm:
        """One epoch; over all actions, if the algorithm compares candidates."""
        return self._arm(algorithm, "actions" if compares_candidates else "batch", {})

    def _arm(self, algorithm: str, grouping: str, options: Mapping[str, Any]) -> Arm:
        return Arm(algorithm=algorithm, grouping=grouping, options=options, epochs=1, optimizer="adam")

    def check(self, arm: Arm) -> None:
        """Refuse a grouping of tokens, and images that are not on this machine.

        Raises:
            UnknownNameError: The grouping or the data set does not exist, or is none of this task.
            DataError: The data set has not been fetched.
        """
        if arm.grouping not in ARRANGEMENTS:
            raise unknown_name("grouping of actions", arm.grouping, ARRANGEMENTS)
        check_data_set(self.dataset)

    def initial_parameters(self, randomness: Randomness) -> dict[str, np.ndarray[Any, Any]]:
        """The parameters of one seed, float64."""
        return self.policy.initial_parameters(randomness.generator("parameters"))

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Images `[B, D]` as bytes, drawn with replacement, their labels `[B]`, and uniform noise `[B]` to guess by."""
        data = load_data_set(self.dataset)
        chosen = randomness.generator("examples").integers(0, len(data.train_labels), arm.batch_size)
        labels = data.train_labels[chosen].astype(np.int64)
        noise = randomness.generator("sampling").random(arm.batch_size)
        return {"images": data.train_images[chosen], "labels": labels, "noise": noise}

    def rollout(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Guess each image's class, and hear whether it was right."""
        xp, labels = backend.namespace(), inputs["labels"]
        images = _brightness(xp, inputs["images"], inputs["noise"].dtype)
        log_probs = self.policy.log_probs(backend, params, images)
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
            data=(images, feedback.taken),
            scores=arrangement.scores(xp, feedback),
            error=1 - xp.mean(rewards, axis=-1),
            group=arrangement.more(xp, feedback),
        )

    def log_probs(self, backend: Autodiff, params: Parameters, data: Any, arm: Arm) -> Array:
        """`[S, ..., K]` log-probs of what the groups hold."""
        images, taken = data
        log_probs = self.policy.log_probs(backend, params, images)
        return ARRANGEMENTS[arm.grouping].log_probs(backend.namespace(), taken, log_probs)

    def held_out(self) -> Mapping[str, np.ndarray[Any, Any]]:
        """The test set in pieces: images `[n, M / n, D]` as bytes, and labels `[n, M / n]`."""
        data = load_data_set(self.dataset)
        labels = data.test_labels.astype(np.int64)
        return {"images": data.test_images.reshape(-1, PIECE, PIXELS), "labels": labels.reshape(-1, PIECE)}

    def evaluate(self, backend: Autodiff, params: Parameters, data: Mapping[str, Array]) -> Mapping[str, Array]:
        """The share of the test set that the likeliest class gets wrong, and the gains of Figure 5b if asked for."""
        xp = backend.namespace()
        dtype = params[self.matrices[0]].dtype

        def classify(carry: Any, images: Array) -> tuple[Any, Array]:
            return carry, self.policy.log_probs_on_shared(backend, params, _brightness(xp, images, dtype))

        _, pieces = backend.scan(classify, backend.asarray(0), data["images"])
        log_probs = xp.reshape(xp.permute_dims(pieces, (1, 0, 2, 3)), (pieces.shape[1], -1, CLASSES))
        labels = xp.reshape(data["labels"], (-1,))
        wrong = xp.argmax(log_probs, axis=-1) != labels
        measured = {"test_error": xp.mean(xp.astype(wrong, dtype), axis=-1)}
        if self.gains:
            right = labels[:, None] == backend.asarray(np.arange(CLASSES))
            measured |= surplus_by_concentration(xp, xp.exp(log_probs), xp.astype(right, dtype), wrong)
        return measured


def _brightness(xp: Any, images: Array, dtype: Any) -> Array:
    """Bytes as numbers from 0 to 1."""
    return xp.astype(images, dtype) / BRIGHTEST
