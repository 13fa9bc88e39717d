"""`tpo explain-batch SETTINGS`: how a trainer's settings divide a batch, before anything is run."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tpo.cli.exit_codes import REFUSED
from tpo.cli.rendering.findings import show_rows
from tpo.errors import InvalidArgumentError
from tpo.plugins import registry
from tpo.plugins.contracts import Contract
from tpo.plugins.findings import BatchPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.plugins.hookspecs import BatchPlannerInfo

EXAMPLES = """\b
Examples:
  tpo explain-batch --trainer verl paper tpo/task=gsm8k tpo/arm=tpo-ratio trainer.n_gpus_per_node=4
  tpo explain-batch --trainer verl my_config.yaml actor_rollout_ref.rollout.n=16
  tpo explain-batch --trainer trl my_options.yaml num_generations=16 num_processes=2
"""


@click.command("explain-batch", epilog=EXAMPLES)
@click.argument("settings", nargs=-1)
@click.option(
    "--trainer",
    metavar="NAME",
    show_default="the installed one, if there is only one",
    help="The trainer that the settings are for.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def explain_batch(settings: tuple[str, ...], trainer: str | None, *, as_json: bool) -> int:
    """Show how SETTINGS divide a batch: groups, mini-batches, ranks, and the cost of exact weights.

    SETTINGS are those of the trainer. For verl: overrides such as actor_rollout_ref.rollout.n=16, the name of a recipe,
    or a configuration file. For TRL: options such as num_generations=16, a YAML file of options, and num_processes=2,
    the number of processes of accelerate launch. Nothing is run. The exit status is 1 if the adapter would refuse the
    settings.
    """
    planners = registry.host().batch_planners()
    plan = _plan(registry.host().find("trainer", planners, trainer or _only(planners)), settings)
    if as_json:
        click.echo(json.dumps(asdict(plan), indent=2))
    else:
        _show(plan)
    return REFUSED if plan.refused else 0


def _show(plan: BatchPlan) -> None:
    if plan.facts:
        show_rows(("what", "value"), plan.facts)
    for warning in plan.warnings:
        click.echo(f"warning: {warning}")
    for refusal in plan.refused:
        click.echo(f"refused: {refusal}")


def _plan(info: BatchPlannerInfo, settings: tuple[str, ...]) -> BatchPlan:
    """Call the planner that `info` describes.

    Raises:
        NotInstalledError: A library that it needs is missing.
        PluginError: It fails, or returns something else.
    """
    remedy = "Check the settings, or fix its plug-in."
    contract = Contract("trainer", info.name, "explain a batch by a tpo.BatchPlan", remedy)
    plan = registry.load("trainer", info)
    with contract.calling():
        explained = plan(settings)
    return contract.checked(explained, BatchPlan)


def _only(planners: Mapping[str, BatchPlannerInfo]) -> str:
    installed = [name for name, info in planners.items() if not registry.missing(info)]
    # The only one is chosen though it is not installed: loading it says how to install it.
    candidates = installed or [*planners]
    if len(candidates) != 1:
        message = f"`--trainer` must be given unless exactly one is installed; got {', '.join(installed) or 'none'}."
        raise InvalidArgumentError(f"{message} Name one of {', '.join(planners)}.")
    return candidates[0]
