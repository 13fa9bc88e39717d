"""The tasks of the paper, registered as any third party's are."""

from __future__ import annotations

from tpo import TaskInfo, hookimpl

TASKS = (
    TaskInfo(
        name="token-reversal",
        load="tpo_tasks.sequences:TokenReversal",
        summary="a transformer copies, flips or reverses a prompt",
        default_backend="jax",
    ),
)


@hookimpl
def tpo_tasks() -> tuple[TaskInfo, ...]:
    """The tasks in this package."""
    return TASKS
