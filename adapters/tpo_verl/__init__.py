"""The adapter for verl: Target Policy Optimization, and every group method of the core, without a fork.

This module is the plug-in of `tpo`; `tpo_verl.plugin` is the one of verl. Neither imports verl before it is needed.
"""

from __future__ import annotations

from tpo import BatchPlannerInfo, CheckInfo, hookimpl

REQUIRES = ("verl", "transfer_queue")
HINT = 'pip install "tpo[verl]"'


@hookimpl
def tpo_checks() -> tuple[CheckInfo, ...]:
    """Register the check of the installation."""
    summary = "whether verl sees this adapter, in this process and in a Ray worker"
    return (CheckInfo(name="verl", load="tpo_verl.check:check", summary=summary, requires=REQUIRES, hint=HINT),)


@hookimpl
def tpo_batch_planners() -> tuple[BatchPlannerInfo, ...]:
    """Register the planner of batches."""
    summary = "overrides of verl's hydra configuration"
    requires = ("verl", "hydra")
    return (BatchPlannerInfo(name="verl", load="tpo_verl.plan:plan", summary=summary, requires=requires, hint=HINT),)
