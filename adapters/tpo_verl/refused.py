"""Settings of verl under which groups would be cut, or the algorithm dropped, without a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError
from tpo_llm.refusals import Refusal, reference_needed, weighted_twice
from tpo_llm.settings import read_settings
from tpo_verl.names import ESTIMATOR, LOSS_MODE, SECTION, TRAINER
from tpo_verl.sizes import look_up, read_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo_llm.settings import Settings

SELECTED_BY: Mapping[str, tuple[str | None, ...]] = {
    "actor_rollout_ref.actor.policy_loss.loss_mode": (LOSS_MODE,),
    "algorithm.adv_estimator": (ESTIMATOR,),
    # Whoever creates our trainer directly need not name it.
    "trainer.v1.trainer_mode": (TRAINER, None),
}
"""The settings of verl that select the adapter, each with the values that are accepted. All three are needed."""

REFUSALS = (
    Refusal(
        "trainer.use_v1",
        lambda value: value is False,
        "the older trainer does not know this adapter",
        "Set trainer.use_v1=True.",
    ),
    Refusal(
        "actor_rollout_ref.actor.shuffle",
        bool,
        "each rank would shuffle its rows differently, which cuts groups",
        "Set actor_rollout_ref.actor.shuffle=False; prompts are shuffled by data.shuffle.",
    ),
    Refusal(
        "algorithm.rollout_correction.bypass_mode",
        bool,
        "verl then uses another policy loss, whatever was asked for, and the engine's log-probs as the old ones",
        "Set algorithm.rollout_correction.bypass_mode=False, and algorithm.tpo.truncated_is=2.0 against a mismatch.",
    ),
    Refusal(
        "algorithm.rollout_correction.rollout_rs",
        bool,
        "it takes tokens or candidates out of groups after they were scored",
        "Set algorithm.rollout_correction.rollout_rs=null, and algorithm.tpo.truncated_is=2.0 against a mismatch.",
    ),
    Refusal(
        "critic.enable",
        bool,
        "group methods have no critic, and its mini-batches would cut groups",
        "Set critic.enable=False.",
    ),
    Refusal(
        "trainer.critic_warmup",
        bool,
        "verl would not train the policy in those steps, and there is no critic to warm up",
        "Set trainer.critic_warmup=0.",
    ),
    Refusal(
        "distillation.enabled",
        bool,
        "its loss takes the place of the policy loss",
        "Set distillation.enabled=False.",
    ),
    Refusal(
        "actor_rollout_ref.actor.use_prefix_grouper",
        bool,
        "it regroups the rows of micro-batches, which is not proven to keep their weights",
        "Set actor_rollout_ref.actor.use_prefix_grouper=False.",
    ),
    Refusal(
        "actor_rollout_ref.rollout.n",
        lambda value: value == 1,
        "candidates of one prompt are compared",
        "Set actor_rollout_ref.rollout.n to 8 or 16.",
    ),
)


REFERENCE = ("actor_rollout_ref.actor.use_kl_loss", "algorithm.use_kl_in_reward")
"""Settings by which verl computes a reference policy."""


def refusals(config: Mapping[str, Any]) -> list[str]:
    """List what is refused in a configuration, in full sentences; empty if all is well."""
    found = [_unselected(config, name, accepted) for name, accepted in SELECTED_BY.items()]
    found += [refusal.message(look_up(config, refusal.setting)) for refusal in REFUSALS]
    found += [_sizes(config), _corrections(config)]
    return [message for message in found if message]


def settings_of(config: Mapping[str, Any]) -> Settings:
    """The settings of the section `algorithm.tpo`."""
    section = look_up(config, "algorithm.tpo")
    return read_settings({} if section is None else section, SECTION)


def check_config(config: Mapping[str, Any]) -> None:
    """Raise an error for a configuration with refused settings; all are named.

    Raises:
        InvalidArgumentError: Some setting is refused.
    """
    found = refusals(config)
    if found:
        raise InvalidArgumentError("\n".join(found))


def _unselected(config: Mapping[str, Any], name: str, accepted: tuple[str | None, ...]) -> str:
    value = look_up(config, name)
    if value in accepted:
        return ""
    return f"`{name}` must be {accepted[0]}; got {value!r}. All of {', '.join(SELECTED_BY)} select the algorithm."


def _sizes(config: Mapping[str, Any]) -> str:
    try:
        read_sizes(config)
    except InvalidArgumentError as error:
        return str(error)
    return ""


def _corrections(config: Mapping[str, Any]) -> str:
    settings = settings_of(config)
    if settings.needs_reference and not any(look_up(config, name) for name in REFERENCE):
        remedy = f"Set {REFERENCE[0]}=True, with kl_loss_coef=0 if its own penalty is enough."
        return reference_needed(settings, "none", remedy)
    if not settings.needs_rollout_log_probs:
        return ""
    if look_up(config, "algorithm.rollout_correction.rollout_is"):
        given = "algorithm.tpo.truncated_is and algorithm.rollout_correction.rollout_is"
        return weighted_twice(given, "Leave one of them out.")
    if not look_up(config, "actor_rollout_ref.rollout.calculate_log_probs"):
        message = "`actor_rollout_ref.rollout.calculate_log_probs` must be True for algorithm.tpo.truncated_is; got"
        return f"{message} False. Set it, so that the engine returns its log-probs."
    return ""
