"""Options of TRL that would change or drop the algorithm without a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo_llm.refusals import Refusal, reference_needed, weighted_twice
from tpo_trl.options import read_options

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_LOSS = "it belongs to GRPO's own loss, which is not used"

DEFAULT_EPSILON = 0.2

REFUSALS = (
    Refusal("loss_type", lambda value: value != "dapo", OWN_LOSS, "Leave it out, and name the algorithm by tpo_name."),
    Refusal(
        "epsilon",
        lambda value: value != DEFAULT_EPSILON,
        OWN_LOSS,
        'Leave it out; for GRPO, set tpo_options={"clip": 0.1}.',
    ),
    Refusal(
        "epsilon_high",
        lambda value: value is not None,
        OWN_LOSS,
        'Leave it out; DAPO has tpo_options={"clip_high": 0.28}.',
    ),
    Refusal("delta", lambda value: value is not None, OWN_LOSS, "Leave it out."),
    Refusal(
        "importance_sampling_level",
        lambda value: value != "token",
        OWN_LOSS,
        'Leave it out; for ratios of whole completions, set tpo_name="gspo".',
    ),
    Refusal(
        "scale_rewards",
        # TRL writes "group" for true.
        lambda value: value not in {"group", True},
        "it standardizes rewards for GRPO's own loss, which is not used",
        'Leave it out, and set tpo_standardizer="centred", or tpo_name="dr-grpo".',
    ),
    Refusal(
        "top_entropy_quantile",
        lambda value: value != 1,
        "it takes tokens out of completions after these were weighed",
        "Leave it out.",
    ),
    Refusal(
        "off_policy_mask_threshold",
        lambda value: value is not None,
        "it takes completions out of groups after they were scored",
        "Leave it out; tpo_truncated_is corrects for an engine that differs.",
    ),
)
"""Options of TRL's own loss; all values but TRL's defaults are refused."""


def refusals(values: Mapping[str, Any]) -> list[str]:
    """List what is refused among the options of a configuration, in full sentences; empty if all is well."""
    found = [refusal.message(values[refusal.setting]) for refusal in REFUSALS if refusal.setting in values]
    return [message for message in [*found, *_of_algorithm(values)] if message]


def _of_algorithm(values: Mapping[str, Any]) -> list[str]:
    settings, found = read_options(values), []
    if settings.needs_reference and not values.get("beta"):
        remedy = "Set beta above 0: a small one, if the algorithm's own penalty is enough."
        found.append(reference_needed(settings, "beta=0", remedy))
    if settings.needs_rollout_log_probs and not values.get("use_vllm"):
        message = "`tpo_truncated_is` needs the log-probs of the engine that sampled; got use_vllm=False."
        found.append(f"{message} Leave it out: the model itself samples, with the same probabilities.")
    if settings.needs_rollout_log_probs and values.get("vllm_importance_sampling_correction", True):
        remedy = "Set vllm_importance_sampling_correction=False, or leave tpo_truncated_is out."
        found.append(weighted_twice("tpo_truncated_is and TRL's own", remedy))
    return found
