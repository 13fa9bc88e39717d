"""Options shared by the commands that train."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.cli.options.option import Positive, choices, option
from tpo.cli.options.running import running_options
from tpo.experiments.spec.arms import algorithms_of
from tpo.optimizers import OPTIMIZERS
from tpo.training.checks import DTYPES
from tpo.training.groupings import GROUPINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

    from tpo.plugins.hookspecs import TaskInfo

EXAMPLES = """\b
Examples:
  tpo run {task} --steps 5 --seeds 2
  tpo run {task} --algorithms tpo,grpo --group-size 16 --seeds 20
  tpo run {task} --backend torch --device cuda:0 --output runs/torch
  tpo run {task} --steps 5 --set arms.tpo.learning_rate=0.01
"""

SETTING = "Change a setting: trainer.steps, arm.epochs in all arms, arms.LABEL.options.eta in one; may be repeated."


def task_options(info: TaskInfo, backends: Iterable[str], groupings: Iterable[str]) -> list[click.Option]:
    """Create the options of a task's command, with the defaults of the task in `info`.

    Args:
        info: The task.
        backends: The backends to choose from.
        groupings: The groupings to choose from.
    """
    usual = ",".join(algorithms_of(info.name))
    return [
        option("--algorithms", metavar="A,B,...", help="What to compare.", show_default=usual),
        option("--steps", type=int, default=100, help="Rollouts per algorithm and seed."),
        option("--seeds", type=int, default=1, help="How many seeds to run, from 0 on."),
        option("--dtype", metavar=choices(DTYPES), default=DTYPES[0], help="Floating dtype to train in."),
        *arm_options(groupings),
        *common_options(backends, f"runs/{info.name}", default=info.default_backend),
    ]


def arm_options(groupings: Iterable[str] = GROUPINGS) -> list[click.Option]:
    """Create the options that set a field of every arm; by default the arms keep their own values."""
    known = ", ".join(groupings)
    grouping = f"How candidates form groups, in algorithms that compare candidates of one context: {known}."
    options = (
        option("--grouping", metavar="NAME", help=grouping),
        option("--group-size", "--num-generations", type=int, help="Candidates per group."),
        option("--batch-size", type=int, help="Contexts per step."),
        option("--epochs", type=int, help="Gradient passes over one rollout."),
        option("--learning-rate", type=float, help="Learning rate of the optimizer."),
        option("--optimizer", metavar=choices(OPTIMIZERS), help="What updates the policy."),
    )
    for one in options:
        one.show_default = "each algorithm's own"
    return list(options)


def common_options(backends: Iterable[str], output: str, **backend: str) -> list[click.Option]:
    """Create the options of all commands that train.

    Args:
        backends: The backends to choose from.
        output: The default folder.
        **backend: `default=NAME`, or `show_default` with a description of the default.
    """
    return [
        option("--backend", metavar=choices(backends), help="Array library to train on.", **backend),
        option("--device", help="Where to train, such as cpu or cuda:0.", show_default="the backend's own"),
        option("--set", metavar="NAME=VALUE", multiple=True, help=SETTING),
        *running_options(),
        option("--output", metavar="DIR", default=output, help="Where results are kept."),
        option("--overwrite", is_flag=True, show_default=False, help="Train again, and replace existing results."),
        option(
            "--estimate",
            is_flag=True,
            show_default=False,
            help="Measure some steps, and print the time that the rest needs.",
        ),
        option("--hours", type=Positive(), help="Train only what fits into this many hours, the cheapest first."),
        option(
            "--list",
            is_flag=True,
            show_default=False,
            help="List the cells (an arm and a block of seeds each), and run nothing.",
        ),
    ]
