"""The plug-in that verl loads in every process, by the entry point `verl.plugins`.

verl hides errors of plug-ins: `tpo check verl` shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from verl.trainer.ppo.core_algos import ADV_ESTIMATOR_REGISTRY, POLICY_LOSS_REGISTRY, register_adv_est
from verl.trainer.ppo.core_algos import register_policy_loss as register_loss
from verl.trainer.ppo.v1 import register_trainer
from verl.trainer.ppo.v1.trainer_base import TRAINER_REGISTRY

from tpo import PluginError
from tpo_verl.losses import advantages, policy_loss
from tpo_verl.names import ESTIMATOR, LOSS_MODE, TRAINER
from tpo_verl.trainer import TPOTrainerSync

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_free(kind: str, name: str, registry: Mapping[str, Any], ours: Any) -> None:
    """Raise an error if verl has another object under the name: it would be overwritten.

    Raises:
        PluginError: The name is taken.
    """
    other = registry.get(name)
    if other is not None and (other.__module__, other.__qualname__) != (ours.__module__, ours.__qualname__):
        message = f"the name of a {kind} must be free in verl; got {name!r}, which is {other.__module__}'s."
        raise PluginError(f"{message} Uninstall the other plug-in, or leave tpo out by VERL_USE_EXTERNAL_PLUGINS.")


check_free("policy loss", LOSS_MODE, POLICY_LOSS_REGISTRY, policy_loss)
check_free("advantage estimator", ESTIMATOR, ADV_ESTIMATOR_REGISTRY, advantages)
check_free("trainer", TRAINER, TRAINER_REGISTRY, TPOTrainerSync)
register_loss(LOSS_MODE)(policy_loss)
register_adv_est(ESTIMATOR)(advantages)
register_trainer(TRAINER)(TPOTrainerSync)
