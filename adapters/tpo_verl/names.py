"""The names under which verl finds this adapter."""

from __future__ import annotations

LOSS_MODE = "tpo"
"""The policy loss: `actor_rollout_ref.actor.policy_loss.loss_mode`."""

ESTIMATOR = "tpo"
"""The advantage estimator: `algorithm.adv_estimator`."""

TRAINER = "tpo_sync"
"""The trainer: `trainer.v1.trainer_mode`."""

SELECTED_BY = {
    "actor_rollout_ref.actor.policy_loss.loss_mode": LOSS_MODE,
    "algorithm.adv_estimator": ESTIMATOR,
    "trainer.v1.trainer_mode": TRAINER,
}
"""The settings of verl that select the adapter. All three are needed."""

PLACE = "tpo_place"
"""Field of a row, `[4]` int64: group, candidate, part, and how many rows the group has."""

SCORE = "tpo_score"
"""Field of a row, `[1]` float32: the score of its candidate."""
