"""The adapter for TRL: `TargetPOTrainer`, a `GRPOTrainer` that trains by any group method of the core.

TRL is imported when one of the public names is first used.
"""

from __future__ import annotations

import lazy_loader

from tpo import BatchPlannerInfo, CheckInfo, hookimpl

# `__dir__` stays the usual one: the hooks are found by it.
__getattr__, _, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "config": ["TargetPOConfig"],
        "reward": ["AS_REWARD", "as_reward"],
        "trainer": ["TargetPOTrainer"],
    },
)

REQUIRES = ("trl",)
HINT = 'pip install "tpo[trl]"'


@hookimpl
def tpo_checks() -> tuple[CheckInfo, ...]:
    """Register the check of the installation."""
    summary = "whether the installed TRL is one that this adapter was tested with"
    return (CheckInfo(name="trl", load="tpo_trl.check:check", summary=summary, requires=REQUIRES, hint=HINT),)


@hookimpl
def tpo_batch_planners() -> tuple[BatchPlannerInfo, ...]:
    """Register the planner of batches."""
    summary = "options of TargetPOConfig, as a YAML file and NAME=VALUE"
    return (BatchPlannerInfo(name="trl", load="tpo_trl.plan:plan", summary=summary, requires=REQUIRES, hint=HINT),)
