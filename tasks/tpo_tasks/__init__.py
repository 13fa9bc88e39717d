"""The tasks of the paper, registered through the plug-in hook."""

from __future__ import annotations

from tpo import TaskInfo, hookimpl

TASKS = (
    TaskInfo(
        name="single-context-bandit",
        load="tpo_tasks.bandits:SingleContextBandit",
        summary="find the one arm that pays, from samples; updates in closed form",
        default_backend="numpy",
    ),
    TaskInfo(
        name="multi-context-bandit",
        load="tpo_tasks.bandits:MultiContextBandit",
        summary="many contexts share the length of a step; exact updates in closed form",
        default_backend="numpy",
    ),
    TaskInfo(
        name="mnist",
        load="tpo_tasks.mnist:ImageBandit",
        summary="classify images by a single guess, told whether it was right",
        default_backend="torch",
    ),
    TaskInfo(
        name="token-reversal",
        load="tpo_tasks.sequences:TokenReversal",
        summary="a transformer copies, flips or reverses a prompt",
        default_backend="jax",
    ),
)


@hookimpl
def tpo_tasks() -> tuple[TaskInfo, ...]:
    """Register the tasks in this package."""
    return TASKS
