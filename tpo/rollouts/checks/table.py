"""The table of checks, in the order of the report."""

from __future__ import annotations

from tpo.rollouts.checks.advantages import advantages
from tpo.rollouts.checks.base import Check
from tpo.rollouts.checks.doubled import doubled
from tpo.rollouts.checks.drift import drift
from tpo.rollouts.checks.groups import cut_groups, mixed_prompts, singletons, sizes
from tpo.rollouts.checks.length import cut_off, score_by_length
from tpo.rollouts.checks.log_probs import impossible, lengths
from tpo.rollouts.checks.mismatch import mismatch
from tpo.rollouts.checks.policy import effective_size
from tpo.rollouts.checks.scores import missing_scores, near_ties, tied_groups

CHECKS = (
    Check(subject="singletons", needs=(), run=singletons),
    Check(subject="mixed prompts", needs=("group", "prompt"), run=mixed_prompts, blocks_recommendations=True),
    Check(subject="cut groups", needs=("group", "prompt"), run=cut_groups, blocks_recommendations=True),
    Check(subject="group sizes", needs=("groups",), run=sizes),
    Check(subject="doubled rows", needs=("groups", "completion"), run=doubled, blocks_recommendations=True),
    Check(subject="scores", needs=("score",), run=missing_scores),
    Check(subject="ties", needs=("groups",), run=tied_groups),
    Check(subject="near-ties", needs=("groups",), run=near_ties),
    Check(subject="advantages", needs=("groups", "advantage"), run=advantages),
    Check(subject="log-probs", needs=("log_probs",), run=impossible, blocks_recommendations=True),
    Check(subject="log-prob lengths", needs=("token_log_probs",), run=lengths),
    Check(subject="effective sample size", needs=("groups", "old_log_probs"), run=effective_size),
    Check(subject="drift", needs=("old_log_probs", "new_log_probs", "length"), run=drift),
    Check(subject="train/inference mismatch", needs=("old_log_probs", "rollout_log_probs", "mismatch"), run=mismatch),
    Check(subject="score by length", needs=("groups", "length"), run=score_by_length),
    Check(subject="truncation", needs=("truncated",), run=cut_off),
)
"""The checks. `audit` takes others as well."""
