"""How verl's settings divide a batch, for `tpo explain-batch`. verl is not imported, only its configuration is read."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from tpo import BatchPlan, InvalidArgumentError
from tpo_verl.mini_batches import order_rows
from tpo_verl.paths import choose_path
from tpo_verl.refused import refusals, settings_of
from tpo_verl.sizes import ACTOR, look_up, read_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tpo_llm.settings import Settings
    from tpo_verl.sizes import Sizes

RECIPES = Path(__file__).parent / "recipes"
PRIMARY = "ppo_trainer"
"""verl's own configuration, to which overrides apply."""

BYTES_OF_ROW = 4 * 8 + 4 + 8 + 2 * 4 + 1
"""Bytes of a row whose log-probs are summed: place, score, length, old and current log-prob, and mask."""

BYTES_OF_TOKEN = 2 * 4 + 1
"""Bytes of a token: old and current log-prob, and mask."""

EXTRA_COST = "by operations about a quarter to a third of an optimizer step each"
PROVEN = ("fsdp2",)


def plan(arguments: Sequence[str]) -> BatchPlan:
    """Explain the batch of hydra overrides, among which may be a recipe or a configuration file.

    Raises:
        InvalidArgumentError: The configuration cannot be composed.
    """
    config = composed(arguments)
    refused, settings = refusals(config), settings_of(config)
    try:
        facts = tuple(_facts(read_sizes(config), settings))
    except InvalidArgumentError as error:
        facts, refused = (), list(dict.fromkeys([*refused, str(error)]))
    return BatchPlan(facts, tuple(_warnings(config, settings)), tuple(refused))


def composed(arguments: Sequence[str]) -> Mapping[str, Any]:
    """Compose verl's configuration with overrides.

    Raises:
        InvalidArgumentError: A file, a recipe or a setting does not exist.
    """
    found = importlib.util.find_spec("verl")
    folder = Path(next(iter(found.submodule_search_locations))) / "trainer" / "config"  # type: ignore[union-attr,arg-type]
    overrides = [text for text in arguments if "=" in text or text.startswith("~")]
    named = [text for text in arguments if text not in overrides]
    if len(named) > 1:
        message = f"there must be one recipe or file at most; got {', '.join(named)}. Settings are NAME=VALUE."
        raise InvalidArgumentError(message)
    file = _file(named[0]).resolve() if named else folder / f"{PRIMARY}.yaml"
    try:
        with initialize_config_dir(str(file.parent), version_base=None):
            made = compose(file.stem, overrides=[f"hydra.searchpath=[file://{folder}]", *overrides])
        container = OmegaConf.to_container(made, resolve=True)
    except (HydraException, OmegaConfBaseException, yaml.YAMLError) as error:
        message = f"the settings must be verl's; got an error of hydra: {' '.join(str(error).split())}."
        raise InvalidArgumentError(
            f"{message} New settings, such as those of algorithm.tpo, need a + before."
        ) from error
    return dict(container)


def _file(name: str) -> Path:
    """Find a configuration by the path of its file, or by the name of a recipe."""
    for file in (Path(name), RECIPES / f"{name}.yaml"):
        if file.is_file():
            return file
    known = ", ".join(sorted(recipe.stem for recipe in RECIPES.glob("*.yaml")))
    raise InvalidArgumentError(f"a recipe or file must exist; got {name!r}. Recipes: {known}.")


def _facts(sizes: Sizes, settings: Settings) -> Iterator[tuple[str, str]]:
    size, ranks = sizes.group_size, sizes.ranks
    groups = [prompt for prompt in range(sizes.prompts) for _ in range(size)]
    order = order_rows(groups, [sizes.longest] * len(groups), mini_batch_size=sizes.mini_batch_rows, ranks=ranks)
    of_rows = [groups[row] if row < len(groups) else None for row in order.rows]
    path = choose_path(sizes, settings, of_rows, [sizes.longest] * len(of_rows), ranks)
    steps = order.mini_batches * sizes.epochs
    yield "algorithm", f"{settings.algorithm}"
    yield "prompts, completions per rollout", f"{sizes.prompts:,}, {len(groups):,} ({size} per prompt)"
    yield "optimizer steps per rollout", f"{steps}: mini-batches {order.mini_batches} x epochs {sizes.epochs}"
    yield "mini-batch", f"{sizes.mini_batch} groups, {sizes.mini_batch_rows:,} rows"
    yield "padding rows", f"{len(order.rows) - len(groups)}"
    shared = f", of {sizes.processes_per_rank} processes each" if sizes.processes_per_rank > 1 else ""
    yield "data-parallel ranks", f"{ranks}{shared}"
    yield "rows of a mini-batch per rank", f"{sizes.mini_batch_rows // ranks}"
    yield "groups split over ranks", f"{order.split_groups} of {sizes.prompts}"
    yield "micro-batch", _micro_batch(sizes, whole=path.whole)
    yield (
        "path of the weights",
        "in micro-batches of whole groups" if path.whole else f"gathered, since {path.reason}",
    )
    passes = 0 if path.whole else steps - 1
    yield "extra passes without gradients per rollout", f"{passes}" + (f", {EXTRA_COST}" if passes else "")
    if not path.whole and ranks > 1:
        row = BYTES_OF_ROW + (BYTES_OF_TOKEN * sizes.longest_completion if settings.takes_tokens else 0)
        yield "gathered per optimizer step", f"at most {sizes.mini_batch_rows * row / 1e6:.2f} MB on each rank"
    yield "rows of a group", f"at most {sizes.mini_batch_rows}, as when an agent takes several turns"
    yield "reduction", "that of the algorithm, whatever loss_agg_mode says"


def _micro_batch(sizes: Sizes, *, whole: bool) -> str:
    if sizes.tokens:
        tokens = f"up to {sizes.tokens:,} tokens"
        return f"{tokens}, the {sizes.group_size} rows of a group together" if whole else tokens
    return f"{sizes.micro_batch} rows" + (f", {sizes.micro_batch // sizes.group_size} groups" if whole else "")


def _warnings(config: Mapping[str, Any], settings: Settings) -> Iterator[str]:
    strategy = look_up(config, f"{ACTOR}.strategy")
    if strategy not in PROVEN:
        yield f"the strategy {strategy} was not tested with this adapter; {' and '.join(PROVEN)} was."
    sizes = [look_up(config, name) for name in ("data.train_batch_size", f"{ACTOR}.ppo_mini_batch_size")]
    if all(type(size) is int and size > 0 for size in sizes) and sizes[0] % sizes[1]:
        yield (
            f"the last mini-batch of a rollout has {sizes[0] % sizes[1]} of {sizes[1]} groups and counts as a full "
            "one. Make train_batch_size a multiple of ppo_mini_batch_size."
        )
    if settings.tilts_old_policy and not settings.length_exponent:
        yield (
            "the target is built on the old policy over the group, which is nearly one-hot for completions of "
            "more than some 50 tokens. Set +algorithm.tpo.anchor=ratio."
        )
    if look_up(config, "algorithm.rollout_correction.rollout_is") and not settings.needs_rollout_log_probs:
        yield "verl's importance weights multiply the weights of rows: algorithm.rollout_correction.rollout_is is set."
