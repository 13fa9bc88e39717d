"""The options that every task has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tpo.backends import OPTIMIZERS
from tpo.cli.running import running_options
from tpo.experiments.spec import DEFAULT_ALGORITHMS
from tpo.groupings import GROUPINGS
from tpo.training import DTYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tpo.hookspecs import TaskInfo

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
        _option("--grouping", metavar=_names(GROUPINGS), help=grouping),
        _option("--group-size", "--num-generations", type=int, help="Candidates per group."),
        _option("--batch-size", type=int, help="Contexts per step."),
        _option("--epochs", type=int, help="Gradient passes over one rollout."),
        _option("--learning-rate", type=float, help="Of the optimizer."),
        _option("--optimizer", metavar=_names(OPTIMIZERS), help="What updates the policy."),
    )
    for option in options:
        option.show_default = "each algorithm's own"
    return list(options)


def set_option() -> click.Option:
    """What changes a setting by its dotted name."""
    return _option("--set", metavar="NAME=VALUE", multiple=True, help=SETTING)


def _run_options(info: TaskInfo, backends: Iterable[str]) -> list[click.Option]:
    usual = f"{','.join(DEFAULT_ALGORITHMS)}, or all that the task was tuned for"
    return [
        _option("--algorithms", metavar="A,B,...", help="What to compare.", show_default=usual),
        _option("--steps", type=int, default=100, help="Rollouts per algorithm and seed."),
        _option("--seeds", type=int, default=1, help="How many seeds to run, from 0 on."),
        _option("--backend", metavar=_names(backends), default=info.default_backend, help="Array library to train on."),
        _option("--device", help="Such as cpu or cuda:0.", show_default="the backend's own"),
        _option("--dtype", metavar=_names(DTYPES), default=DTYPES[0], help="Floating dtype."),
    ]


def _output_options(task: str) -> list[click.Option]:
    return [
        _option("--output", metavar="DIR", default=f"runs/{task}", help="Where result.json and the figure go."),
        _option("--overwrite", is_flag=True, help="Replace what the output folder holds.", show_default=False),
    ]


def _option(*flags: str, **attributes: Any) -> click.Option:
    """An option called like the first of its flags."""
    name = flags[0].removeprefix("--").replace("-", "_")
    return click.Option([*flags, name], **({"show_default": True} | attributes))


def _names(known: Iterable[str]) -> str:
    return f"[{'|'.join(known)}]"
