"""How the options of `TargetPOConfig` divide a rollout, for `tpo explain-batch`. No model is loaded."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tpo import BatchPlan, InvalidArgumentError, TPOError, unknown_name
from tpo_llm.probes import depends_on_old_log_probs
from tpo_trl.config import TargetPOConfig
from tpo_trl.options import read_options
from tpo_trl.refused import refusals
from tpo_trl.sizes import read_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tpo_llm.settings import Settings
    from tpo_trl.sizes import Sizes

PROCESSES = "num_processes"
"""The number of processes: an option of `accelerate launch`, not of the configuration."""

EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$")
"""Numbers with an exponent; YAML 1.1 accepts only those with a point and a sign."""

OTHERS = ("model_name_or_path", "dataset_name", "reward_funcs")
"""Options of TRL's command line that say nothing about batches."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """YAML 1.1, in which `1e-3` is a number too, as on TRL's command line."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", EXPONENT, list("-+.0123456789"))


def plan(arguments: Sequence[str]) -> BatchPlan:
    """Explain the batch of a YAML file of options, or of NAME=VALUE, or of both.

    Raises:
        InvalidArgumentError: The file cannot be read, or an option is none.
    """
    values = dict(_defaults()) | _given(arguments)
    processes = values.pop(PROCESSES, 1)
    try:
        refused, settings = refusals(values), read_options(values)
        sizes = read_sizes(values, processes)
    except TPOError as error:
        return BatchPlan((), (), (str(error),))
    facts = _facts(sizes, settings, reference=bool(values.get("beta")))
    return BatchPlan(tuple(facts), tuple(_warnings(sizes, settings)), tuple(refused))


def _defaults() -> Iterator[tuple[str, Any]]:
    for one in fields(TargetPOConfig):
        yield one.name, None if one.default is MISSING else one.default


def _given(arguments: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in arguments:
        name, equals, value = text.partition("=")
        found |= {name.removeprefix("--"): _parsed(value, text)} if equals else _file(text)
    known = {one.name for one in fields(TargetPOConfig)} | {PROCESSES, *OTHERS}
    for name in found:
        if name not in known:
            raise unknown_name("option", name, known)
    return found


def _file(name: str) -> Mapping[str, Any]:
    try:
        found = _parsed(Path(name).read_text("utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        message = f"a file of options must be readable; got {name!r}: {type(error).__name__}."
        raise InvalidArgumentError(f"{message} Options themselves are NAME=VALUE.") from error
    if not isinstance(found, dict):
        raise InvalidArgumentError(f"a file of options must hold names and values; got {name!r}. Write NAME: VALUE.")
    return found


def _parsed(text: str, source: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidArgumentError(
            f"options must be YAML; got {source[:80]!r}. Check its quotes and colons."
        ) from error


def _facts(sizes: Sizes, settings: Settings, *, reference: bool) -> Iterator[tuple[str, str]]:
    steps = sizes.chunks * sizes.iterations / sizes.window
    yield "algorithm", f"{settings.algorithm}"
    yield (
        "prompts, completions per rollout",
        f"{sizes.rows // sizes.group_size:,}, {sizes.rows:,} ({sizes.group_size} per prompt)",
    )
    yield (
        "optimizer steps per rollout",
        f"{steps:g}: micro-batches {sizes.chunks} x passes {sizes.iterations} / {sizes.window} accumulated",
    )
    yield "rows of an optimizer step", f"{sizes.micro_batch * sizes.window * sizes.processes:,}"
    yield "micro-batch", f"{sizes.micro_batch} rows on each of {sizes.processes} processes"
    yield "groups", "each on one process" if sizes.groups_are_local else "some split over processes"
    yield (
        "optimizer steps see",
        "whole groups" if sizes.steps_are_whole else "parts of groups, completed for the weights",
    )
    first = depends_on_old_log_probs(settings, reference=reference) or not sizes.aligned
    yield (
        "passes over a rollout without gradients",
        f"{sizes.extra_passes + first:g}, each about a quarter to a third of a step's operations",
    )


def _warnings(sizes: Sizes, settings: Settings) -> Iterator[str]:
    if not sizes.steps_are_whole:
        yield (
            "optimizer steps see parts of groups, as with TRL's own loss: the gradient is right on average only. Let "
            "per_device_train_batch_size * gradient_accumulation_steps be a multiple of num_generations, and "
            "steps_per_generation one of gradient_accumulation_steps."
        )
    if settings.tilts_old_policy and not settings.length_exponent:
        yield (
            "the anchor `policy` compares summed log-probs: with long completions the old policy is nearly one-hot, "
            "and the target stays close to it. Set tpo_anchor=ratio."
        )
