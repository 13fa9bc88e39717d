"""The names under which verl finds this adapter."""

from __future__ import annotations

LOSS_MODE = "tpo"
"""The policy loss: `actor_rollout_ref.actor.policy_loss.loss_mode`."""

ESTIMATOR = "tpo"
"""The advantage estimator: `algorithm.adv_estimator`."""

TRAINER = "tpo_sync"
"""The trainer: `trainer.v1.trainer_mode`."""

SECTION = "algorithm.tpo."
"""The section of verl's configuration with the adapter's settings, as it stands before their names."""
