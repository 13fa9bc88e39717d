"""The sizes in verl's configuration, checked."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError
from tpo_llm.refusals import check_whole
from tpo_verl.mini_batches import check_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ACTOR = "actor_rollout_ref.actor"
ROLLOUT = "actor_rollout_ref.rollout"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How verl is told to divide a batch.

    Attributes:
        prompts: Prompts per rollout.
        group_size: Candidates per prompt.
        mini_batch: Prompts per optimizer step.
        epochs: Passes over a rollout.
        ranks: Data-parallel ranks.
        processes_per_rank: Processes that share the rows of a rank: sequence, tensor, pipeline and context parallelism.
        micro_batch: Rows of a micro-batch on each rank; 0 where it is bounded by tokens.
        tokens: The most tokens of a micro-batch; 0 where it is bounded by rows.
        longest: The most tokens of a row, prompt and completion.
        longest_completion: The most tokens of a completion.
    """

    prompts: int
    group_size: int
    mini_batch: int
    epochs: int
    ranks: int
    processes_per_rank: int
    micro_batch: int
    tokens: int
    longest: int
    longest_completion: int

    @property
    def mini_batch_rows(self) -> int:
        """Rows of a full mini-batch, over all ranks, with one row per candidate."""
        return self.mini_batch * self.group_size


def look_up(config: Any, name: str) -> Any:
    """The setting of a dotted name; `None` if it is not there."""
    value = config
    for part in name.split("."):
        value = value.get(part) if hasattr(value, "get") else None
    return value


def whole_number(config: Mapping[str, Any], name: str, *, least: int = 1) -> int:
    """A setting that must be a whole number.

    Raises:
        InvalidArgumentError: It is missing, something else, or too small.
    """
    value = look_up(config, name)
    check_whole(name, value, least)
    number: int = value
    return number


def read_sizes(config: Mapping[str, Any]) -> Sizes:
    """Read the sizes of a configuration.

    Raises:
        InvalidArgumentError: One is missing or impossible.
    """
    processes = whole_number(config, "trainer.n_gpus_per_node") * whole_number(config, "trainer.nnodes")
    shared = _processes_per_rank(config)
    if processes % shared:
        message = f"the {processes} processes must be a multiple of the {shared} that share rows; got a remainder of"
        raise InvalidArgumentError(f"{message} {processes % shared}. Change n_gpus_per_node or the parallelism.")
    dynamic = bool(look_up(config, f"{ACTOR}.use_dynamic_bsz"))
    completion = whole_number(config, "data.max_response_length")
    sizes = Sizes(
        prompts=whole_number(config, "data.train_batch_size"),
        group_size=whole_number(config, f"{ROLLOUT}.n"),
        mini_batch=whole_number(config, f"{ACTOR}.ppo_mini_batch_size"),
        epochs=whole_number(config, f"{ACTOR}.ppo_epochs"),
        ranks=processes // shared,
        processes_per_rank=shared,
        micro_batch=0 if dynamic else whole_number(config, f"{ACTOR}.ppo_micro_batch_size_per_gpu"),
        tokens=whole_number(config, f"{ACTOR}.ppo_max_token_len_per_gpu") * _sequence(config) if dynamic else 0,
        longest=whole_number(config, "data.max_prompt_length") + completion,
        longest_completion=completion,
    )
    _check(sizes)
    return sizes


def _sequence(config: Mapping[str, Any]) -> int:
    """Ranks of sequence parallelism, which verl takes from either of two settings."""
    names = (f"{ACTOR}.ulysses_sequence_parallel_size", f"{ACTOR}.fsdp_config.ulysses_sequence_parallel_size")
    return max((whole_number(config, name) for name in names if look_up(config, name) is not None), default=1)


def _of_megatron(config: Mapping[str, Any]) -> int:
    """Ranks of Megatron's tensor, pipeline and context parallelism together."""
    kinds = ("tensor_model", "pipeline_model", "context")
    return prod(whole_number(config, f"{ACTOR}.megatron.{kind}_parallel_size") for kind in kinds)


SHARED_BY: Mapping[str, Callable[[Mapping[str, Any]], int]] = {"megatron": _of_megatron}
"""How many processes share the rows of a rank, by strategy; in all others, the ranks of sequence parallelism do."""


def _processes_per_rank(config: Mapping[str, Any]) -> int:
    return SHARED_BY.get(str(look_up(config, f"{ACTOR}.strategy")), _sequence)(config)


def _check(sizes: Sizes) -> None:
    """Raise an error for sizes that verl would refuse once it trains.

    Raises:
        InvalidArgumentError: A mini-batch is larger than a rollout, or cannot be divided.
    """
    if sizes.mini_batch > sizes.prompts:
        message = f"`{ACTOR}.ppo_mini_batch_size` must be at most data.train_batch_size, {sizes.prompts}"
        raise InvalidArgumentError(f"{message}; got {sizes.mini_batch}. Lower it.")
    check_shared(sizes.mini_batch_rows, sizes.ranks)
    share = sizes.mini_batch_rows // sizes.ranks
    if sizes.micro_batch and share % sizes.micro_batch:
        message = f"the {share} rows of a mini-batch on each rank must be a multiple of ppo_micro_batch_size_per_gpu"
        raise InvalidArgumentError(f"{message}; got {sizes.micro_batch}. Change it.")
