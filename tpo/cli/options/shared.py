"""The options that commands which train have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.cli.options.option import choices, option
from tpo.cli.options.running import running_options
from tpo.experiments.spec.run_spec import DEFAULT_ALGORITHMS
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


def common_options(info: TaskInfo, backends: Iterable[str]) -> list[click.Option]:
    """What can be set for every task, with the defaults of the task that `info` describes, which runs on `backends`."""
    return [
        *_run_options(info, backends),
        *arm_options(),
        set_option(),
        *running_options(),
        *_output_options(info.name),
    ]


def arm_options() -> list[click.Option]:
    """What changes a field of every arm; the arms' own values hold where one is left out."""
    grouping = "How candidates form groups, in algorithms that compare candidates of one context."
    options = (
        option("--grouping", metavar=choices(GROUPINGS), help=grouping),
        option("--group-size", "--num-generations", type=int, help="Candidates per group."),
        option("--batch-size", type=int, help="Contexts per step."),
        option("--epochs", type=int, help="Gradient passes over one rollout."),
        option("--learning-rate", type=float, help="Of the optimizer."),
        option("--optimizer", metavar=choices(OPTIMIZERS), help="What updates the policy."),
    )
    for one in options:
        one.show_default = "each algorithm's own"
    return list(options)


def set_option() -> click.Option:
    """What changes a setting by its dotted name."""
    return option("--set", metavar="NAME=VALUE", multiple=True, help=SETTING)


def backend_options(backends: Iterable[str], **default: str) -> list[click.Option]:
    """What trains, one of `backends`, and on which device: `default=NAME`, or `show_default` what stands for one."""
    return [
        option("--backend", metavar=choices(backends), help="Array library to train on.", **default),
        option("--device", help="Such as cpu or cuda:0.", show_default="the backend's own"),
    ]


def _run_options(info: TaskInfo, backends: Iterable[str]) -> list[click.Option]:
    usual = f"{','.join(DEFAULT_ALGORITHMS)}, or all that the task was tuned for"
    return [
        option("--algorithms", metavar="A,B,...", help="What to compare.", show_default=usual),
        option("--steps", type=int, default=100, help="Rollouts per algorithm and seed."),
        option("--seeds", type=int, default=1, help="How many seeds to run, from 0 on."),
        *backend_options(backends, default=info.default_backend),
        option("--dtype", metavar=choices(DTYPES), default=DTYPES[0], help="Floating dtype."),
    ]


def _output_options(task: str) -> list[click.Option]:
    return [
        option("--output", metavar="DIR", default=f"runs/{task}", help="Where result.json and the figure go."),
        option("--overwrite", is_flag=True, help="Replace what the output folder holds.", show_default=False),
    ]
