"""How verl's settings divide a batch, for `tpo explain-batch`. verl is not imported, only its configuration is read."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from tpo import BatchPlan, InvalidArgumentError
from tpo_llm.mini_batches import order_rows
from tpo_llm.settings import read_settings
from tpo_verl.paths import ACTOR, choose_path
from tpo_verl.refused import look_up, refusals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tpo_llm.settings import Settings

RECIPES = Path(__file__).parent / "recipes"
PRIMARY = "ppo_trainer"
"""verl's own configuration, to which overrides apply."""

BYTES_OF_ROW = 4 * 8 + 4 + 8 + 2 * 4 + 1
"""Place, score, length, old and current log-prob, and mask of a row whose log-probs are summed."""

BYTES_OF_TOKEN = 2 * 4 + 1
"""Old and current log-prob, and mask."""

EXTRA_COST = "about a quarter to a third of an optimizer step each"
PROVEN = ("fsdp", "fsdp2")


def plan(arguments: Sequence[str]) -> BatchPlan:
    """Explain the batch of hydra overrides, with a recipe or a configuration file among them or not.

    Raises:
        InvalidArgumentError: The configuration cannot be composed.
    """
    config = composed(arguments)
    refused = refusals(config)
    settings = read_settings(look_up(config, "algorithm.tpo") or {})
    try:
        facts = tuple(_facts(config, settings))
    except InvalidArgumentError as error:
        facts, refused = (), [*refused, str(error)]
    return BatchPlan(facts, tuple(_warnings(config, settings)), tuple(refused))


def composed(arguments: Sequence[str]) -> Mapping[str, Any]:
    """Compose verl's configuration with overrides.

    Raises:
        InvalidArgumentError: A file, a recipe or a setting does not exist.
    """
    found = importlib.util.find_spec("verl")
    folder = Path(next(iter(found.submodule_search_locations))) / "trainer" / "config"  # type: ignore[union-attr,arg-type]
    named = [text for text in arguments if "=" not in text]
    overrides = [text for text in arguments if "=" in text]
    if len(named) > 1:
        message = f"there must be one recipe or file at most; got {', '.join(named)}. Settings are NAME=VALUE."
        raise InvalidArgumentError(message)
    place = _place(named[0]).resolve() if named else folder / f"{PRIMARY}.yaml"
    try:
        with initialize_config_dir(str(place.parent), version_base=None):
            made = compose(place.stem, overrides=[f"hydra.searchpath=[file://{folder}]", *overrides])
        container = OmegaConf.to_container(made, resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        message = f"the settings must be verl's; got an error of hydra: {' '.join(str(error).split())}."
        raise InvalidArgumentError(
            f"{message} New settings, such as those of algorithm.tpo, need a + before."
        ) from error
    return dict(container)


def _place(name: str) -> Path:
    for place in (Path(name), RECIPES / f"{name}.yaml"):
        if place.is_file():
            return place
    known = ", ".join(sorted(file.stem for file in RECIPES.glob("*.yaml")))
    raise InvalidArgumentError(f"a recipe or file must exist; got {name!r}. Recipes: {known}.")


def _facts(config: Mapping[str, Any], settings: Settings) -> Iterator[tuple[str, str]]:
    size, prompts = (int(look_up(config, name)) for name in ("actor_rollout_ref.rollout.n", "data.train_batch_size"))
    mini_batch, epochs = (int(look_up(config, f"{ACTOR}.{name}")) for name in ("ppo_mini_batch_size", "ppo_epochs"))
    processes = int(look_up(config, "trainer.n_gpus_per_node")) * int(look_up(config, "trainer.nnodes"))
    sequence = int(look_up(config, f"{ACTOR}.ulysses_sequence_parallel_size") or 1)
    ranks = max(processes // sequence, 1)
    longest = sum(int(look_up(config, f"data.max_{part}_length")) for part in ("prompt", "response"))
    groups = [prompt for prompt in range(prompts) for _ in range(size)]
    order = order_rows(groups, [longest] * len(groups), mini_batch_size=mini_batch * size, ranks=ranks)
    of_rows = [groups[row] if row < len(groups) else None for row in order.rows]
    path = choose_path(config, settings, of_rows, [longest] * len(of_rows), ranks)
    steps = order.mini_batches * epochs
    yield "algorithm", f"{settings.algorithm}"
    yield "prompts, completions per rollout", f"{prompts:,}, {prompts * size:,} ({size} per prompt)"
    yield "optimizer steps per rollout", f"{steps}: {order.mini_batches} mini-batches x {epochs} epochs"
    yield "mini-batch", f"{mini_batch} groups, {mini_batch * size:,} rows"
    yield "rows that only fill a mini-batch", f"{len(order.rows) - len(groups)}"
    yield "data-parallel ranks", f"{ranks}" + (f", of {sequence} processes each" if sequence > 1 else "")
    yield "rows of a mini-batch per rank", f"{mini_batch * size // ranks}"
    yield "groups split over ranks", f"{order.split_groups} of {prompts}"
    yield "micro-batch", _micro_batch(config, size, whole=path.whole)
    yield "weights of rows", "in micro-batches of whole groups" if path.whole else f"gathered, since {path.reason}"
    passes = 0 if path.whole else steps - 1
    yield "extra passes without gradients per rollout", f"{passes}" + (f", {EXTRA_COST}" if passes else "")
    if not path.whole and ranks > 1:
        row = BYTES_OF_ROW + (
            BYTES_OF_TOKEN * int(look_up(config, "data.max_response_length")) if settings.takes_tokens else 0
        )
        yield "gathered per optimizer step", f"at most {mini_batch * size * row / 1e6:.2f} MB on each rank"
    yield "reduction", "that of the algorithm, whatever loss_agg_mode says"


def _micro_batch(config: Mapping[str, Any], size: int, *, whole: bool) -> str:
    if look_up(config, f"{ACTOR}.use_dynamic_bsz"):
        tokens = f"up to {look_up(config, f'{ACTOR}.ppo_max_token_len_per_gpu'):,} tokens"
        return f"{tokens}, the {size} rows of a group together" if whole else tokens
    rows = look_up(config, f"{ACTOR}.ppo_micro_batch_size_per_gpu")
    return f"{rows} rows" + (f", {rows // size} groups" if whole else "")


def _warnings(config: Mapping[str, Any], settings: Settings) -> Iterator[str]:
    strategy = look_up(config, f"{ACTOR}.strategy")
    if strategy not in PROVEN:
        yield f"the strategy {strategy} was not tested with this adapter; {' and '.join(PROVEN)} were."
    if settings.tilts_old_policy and not settings.length_exponent:
        yield (
            "the target is built on the old policy over the group, which is nearly one-hot for completions of "
            "more than some 50 tokens. Set +algorithm.tpo.anchor=ratio."
        )
    if look_up(config, "algorithm.rollout_correction.rollout_is") and not settings.needs_rollout_log_probs:
        yield "verl's importance weights multiply the weights of rows: algorithm.rollout_correction.rollout_is is set."
