"""Settings of verl under which groups would be cut, or the algorithm dropped, without a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError
from tpo_llm.settings import read_settings
from tpo_verl.names import SELECTED_BY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Refusal:
    """A setting that is refused.

    Attributes:
        setting: Its dotted name.
        refuses: Whether a value is refused; `None` stands for a setting that is not there.
        reason: Why.
        remedy: What to do.
    """

    setting: str
    refuses: Callable[[Any], bool]
    reason: str
    remedy: str


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
        lambda value: value is None or value < 2,  # noqa: PLR2004 - two can be compared
        "candidates of one prompt are compared",
        "Set actor_rollout_ref.rollout.n to 8 or 16.",
    ),
)


def refusals(config: Mapping[str, Any]) -> list[str]:
    """List what is refused in a configuration, in full sentences; empty if all is well."""
    found = [_unselected(config, name, wanted) for name, wanted in SELECTED_BY.items()]
    found += [_refused(config, refusal) for refusal in REFUSALS]
    found += [_sizes(config), _corrections(config)]
    return [message for message in found if message]


def check_config(config: Mapping[str, Any]) -> None:
    """Raise an error for a configuration with refused settings; all are named.

    Raises:
        InvalidArgumentError: Some setting is refused.
    """
    found = refusals(config)
    if found:
        raise InvalidArgumentError("\n".join(found))


def look_up(config: Mapping[str, Any], name: str) -> Any:
    """The setting of a dotted name; `None` if it is not there."""
    value: Any = config
    for part in name.split("."):
        value = None if value is None else value.get(part)
    return value


def _unselected(config: Mapping[str, Any], name: str, wanted: str) -> str:
    value = look_up(config, name)
    if value == wanted or (name == "trainer.v1.trainer_mode" and value is None):
        return ""
    return f"`{name}` must be {wanted}; got {value!r}. All of {', '.join(SELECTED_BY)} select the algorithm."


def _refused(config: Mapping[str, Any], refusal: Refusal) -> str:
    value = look_up(config, refusal.setting)
    if not refusal.refuses(value):
        return ""
    return f"`{refusal.setting}` must not be {value!r}: {refusal.reason}. {refusal.remedy}"


def _sizes(config: Mapping[str, Any]) -> str:
    """Whether ranks can share a mini-batch evenly is known only once there are ranks; this needs no ranks."""
    prompts, mini_batch = (
        look_up(config, name) for name in ("data.train_batch_size", "actor_rollout_ref.actor.ppo_mini_batch_size")
    )
    if prompts is None or mini_batch is None or mini_batch <= prompts:
        return ""
    message = f"`actor_rollout_ref.actor.ppo_mini_batch_size` must be at most data.train_batch_size, {prompts}"
    return f"{message}; got {mini_batch}. Lower it, or the rest of every mini-batch is padding."


def _corrections(config: Mapping[str, Any]) -> str:
    settings = read_settings(look_up(config, "algorithm.tpo") or {})
    if not settings.needs_rollout_log_probs:
        return ""
    if look_up(config, "algorithm.rollout_correction.rollout_is"):
        message = "importance weights must be applied once; got algorithm.tpo.truncated_is and"
        return f"{message} algorithm.rollout_correction.rollout_is. Leave one of them out."
    if not look_up(config, "actor_rollout_ref.rollout.calculate_log_probs"):
        message = "`actor_rollout_ref.rollout.calculate_log_probs` must be True for algorithm.tpo.truncated_is; got"
        return f"{message} False. Set it, so that the engine returns its log-probs."
    return ""
