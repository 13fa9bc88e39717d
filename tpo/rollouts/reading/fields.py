"""The fields of a row, with the names that trainers give their columns."""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """A field of a row.

    Attributes:
        name: Its name here; with dashes, the option that names its column.
        synonyms: Names of columns that are taken for it, the first one that is there.
        meaning: What it holds, for the help.
        remedy: What to do if it is missing.
    """

    name: str
    synonyms: tuple[str, ...]
    meaning: str
    remedy: str


FIELDS = (
    Field(
        "group",
        (
            *("group", "group_id", "group_ids", "group_idx", "group_index", "uid", "prompt_uid", "prompt_id"),
            *("problem_id", "question_id", "example_id", "task_id"),
        ),
        "The id of the group, equal for the completions that are compared.",
        "Log an id that all completions of one sampled prompt share, and no others.",
    ),
    Field(
        "prompt",
        ("prompt", "input", "inputs", "question", "query", "problem", "messages", "prompt_text"),
        "The prompt: a text, messages or an id.",
        "Log the prompt of each row.",
    ),
    Field(
        "completion",
        ("completion", "output", "outputs", "response", "responses", "generation", "completion_text", "response_text"),
        "The completion.",
        "Log the completion of each row.",
    ),
    Field(
        "step",
        ("step", "global_step", "global_steps", "training_step", "rollout_step", "iteration"),
        "The step of the rollout. Ids and prompts name a group within a step.",
        "Log the number of the rollout or step.",
    ),
    Field(
        "score",
        ("score", "scores", "reward", "rewards", "total_reward", "final_reward"),
        "The score. May be repeated, and weighted (format=0.2): the columns are summed.",
        "Log the score of each completion.",
    ),
    Field(
        "advantage",
        ("advantage", "advantages"),
        "The advantage that the trainer computed, one number per row.",
        "Log the trainer's advantages to have the groups compared with those it used.",
    ),
    Field(
        "old_log_probs",
        ("old_log_probs", "old_log_prob", "old_logprobs", "old_logps", "old_logp", "old_per_token_logps"),
        "Log-probs before the update, as the trainer computes them: of the completion, or a list per token.",
        "Log the trainer's log-probs before the update; or use the engine's instead: --old-log-probs COLUMN.",
    ),
    Field(
        "new_log_probs",
        (
            *("new_log_probs", "new_logprobs", "new_logps", "current_log_probs", "log_probs", "logps"),
            *("per_token_logps", "policy_logps"),
        ),
        "Log-probs under the current policy.",
        "Log the log-probs of the policy being trained, in a later epoch or update.",
    ),
    Field(
        "rollout_log_probs",
        (
            *("rollout_log_probs", "rollout_logprobs", "rollout_logps", "sampling_per_token_logps"),
            *("sampling_log_probs", "sampling_logprobs", "inference_logprobs", "vllm_logprobs", "engine_log_probs"),
        ),
        "Log-probs as the engine that sampled computed them.",
        "Have the engine return the log-probs of the sampled tokens, and log them.",
    ),
    Field(
        "length",
        (
            *("completion_length", "response_length", "completion_len", "response_len", "length", "num_tokens"),
            *("completion_tokens", "response_tokens", "completion_ids", "response_ids", "token_count"),
        ),
        "Tokens of the completion: their number, or a list of them.",
        "Log the number of tokens of each completion.",
    ),
    Field(
        "truncated",
        ("truncated", "is_truncated", "finish_reason", "stop_reason"),
        "Whether the completion was cut off: a boolean, or the engine's finish reason.",
        "Log whether the completion was cut off, such as the engine's finish_reason.",
    ),
    Field(
        "token_mask",
        ("completion_mask", "response_mask", "loss_mask", "token_mask"),
        "A list that is true (1) for the tokens of the completion, for lists that are padded.",
        "Log the mask of padded lists.",
    ),
)
"""The fields, in the order of the options."""

BY_NAME = {field.name: field for field in FIELDS}

LOG_PROBS = ("old_log_probs", "new_log_probs", "rollout_log_probs")
"""Fields that are log-probs."""
