"""How TRL's options divide a rollout, checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError
from tpo_llm.refusals import check_whole
from tpo_trl.windows import segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OPTIONS = (
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "num_generations",
    "num_iterations",
    "max_completion_length",
)
"""Options that are whole numbers above 0."""

OPTIONAL_SIZES = ("generation_batch_size", "steps_per_generation")
"""Further such options, which may be `None`."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How TRL is told to divide a rollout.

    Attributes:
        micro_batch: Rows of a micro-batch of each process.
        window: Micro-batches per optimizer step.
        group_size: Completions per prompt.
        iterations: Passes over a rollout.
        chunks: Micro-batches per rollout and pass.
        processes: Data-parallel processes.
    """

    micro_batch: int
    window: int
    group_size: int
    iterations: int
    chunks: int
    processes: int

    @property
    def rows(self) -> int:
        """Rows of a rollout, over all processes."""
        return self.micro_batch * self.chunks * self.processes

    @property
    def groups_are_local(self) -> bool:
        """Whether every group lies on one process."""
        return self.micro_batch * self.chunks % self.group_size == 0

    @property
    def aligned(self) -> bool:
        """Whether rollouts begin and end with optimizer steps, each of which sees whole rollouts."""
        return self.window % (self.chunks * self.iterations) == 0

    @property
    def steps_are_whole(self) -> bool:
        """Whether every optimizer step sees nothing but whole groups."""
        return all(
            len(part) == self.chunks or (self.groups_are_local and len(part) * self.micro_batch % self.group_size == 0)
            for parts in self._rollouts()
            for part, _ in parts
        )

    @property
    def extra_passes(self) -> float:
        """Passes over a rollout without gradients, for the steps after the policy has moved; the mean over rollouts."""
        rollouts = self._rollouts()
        late = [len(part) if self.steps_are_whole else self.chunks for one in rollouts for part, moved in one if moved]
        return sum(late) / self.chunks / len(rollouts)

    def _rollouts(self) -> list[list[tuple[range, bool]]]:
        """One cycle of rollouts: the micro-batches of each optimizer step, and whether the policy has moved before it.

        A cycle ends where a rollout and an optimizer step end together.
        """
        found, done = [], 0
        for _ in range(math.lcm(self.window, self.chunks * self.iterations) // (self.chunks * self.iterations)):
            parts, moved = [], False
            for part in self._parts(done):
                parts.append((part, moved))
                done = (done + len(part)) % self.window
                moved |= done == 0
            found.append(parts)
        return found

    def _parts(self, done: int) -> Iterator[range]:
        """The parts of a rollout that one optimizer step sees, pass by pass, if `done` micro-batches were before."""
        for _ in range(self.iterations):
            chunk = 0
            while chunk < self.chunks:
                part = segment(chunk, self.chunks, done=done, window=self.window)
                yield part
                done = (done + len(part)) % self.window
                chunk = part.stop


def check_counts(values: Mapping[str, Any]) -> None:
    """Raise an error for a configuration's options that must be whole numbers above 0.

    Raises:
        InvalidArgumentError: One is something else.
    """
    given = [name for name in OPTIONAL_SIZES if values.get(name) is not None]
    for name in (*OPTIONS, *given):
        check_whole(name, values.get(name))


def read_sizes(values: Mapping[str, Any], processes: int) -> Sizes:
    """Read the sizes of a configuration's options.

    Raises:
        InvalidArgumentError: One is impossible, or rollouts hold no whole groups.
    """
    check_counts(values)
    check_whole("num_processes", processes)
    micro_batch = values["per_device_train_batch_size"]
    rows, chunks = values.get("generation_batch_size"), values.get("steps_per_generation")
    if rows is not None and chunks is not None:
        message = "`generation_batch_size` and `steps_per_generation` must not both be set"
        raise InvalidArgumentError(f"{message}; got {rows} and {chunks}. Leave one of them out.")
    if rows is not None and rows % (micro_batch * processes):
        message = f"`generation_batch_size` must be a multiple of {micro_batch * processes}, the rows of a micro-batch"
        raise InvalidArgumentError(f"{message} over all processes; got {rows}. Change it.")
    per_rollout = rows // (micro_batch * processes) if rows else chunks or values["gradient_accumulation_steps"]
    sizes = Sizes(
        micro_batch=micro_batch,
        window=values["gradient_accumulation_steps"],
        group_size=values["num_generations"],
        iterations=values["num_iterations"],
        chunks=per_rollout,
        processes=processes,
    )
    if sizes.group_size == 1 or sizes.rows % sizes.group_size:
        message = f"`num_generations` must be at least 2 and divide the {sizes.rows} rows of a rollout"
        message = f"{message}; got {sizes.group_size}. The rows are per_device_train_batch_size * processes"
        raise InvalidArgumentError(f"{message} * steps_per_generation. Change one of these, or num_generations.")
    return sizes
