"""The trainer: TRL's `GRPOTrainer`, with the gradient of an algorithm of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch
from trl import GRPOTrainer
from trl.trainer.utils import split_pixel_values_by_grid, split_tensor_dict, unsplit_pixel_values_by_grid

from tpo import InvalidTypeError
from tpo_llm.gather import gather_rows
from tpo_llm.measures import measured, rollout_measures
from tpo_llm.probes import depends_on_old_log_probs
from tpo_llm.weights import join
from tpo_trl.chunks import INPUTS, OFFSET, OLD, old_log_probs, placed, rows_in, take, without_ours
from tpo_trl.config import TargetPOConfig
from tpo_trl.scores import check_columns, check_groups, scores_of
from tpo_trl.weighing import Share, weigh_chunks
from tpo_trl.windows import row_order, segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo_trl.chunks import Chunk

PAPER = {
    "title": "Target Policy Optimization",
    "id": "2604.06159",
    "citation": "@article{kaddour2026target,\n"
    "    title  = {{Target Policy Optimization}},\n"
    "    author = {Jean Kaddour},\n"
    "    year   = 2026,\n"
    "    eprint = {arXiv:2604.06159},\n"
    "}",
}
"""What model cards cite."""


class TargetPOTrainer(GRPOTrainer):
    """TRL's `GRPOTrainer`, trained by Target Policy Optimization or another group method of the core.

    Models, reward functions, datasets, PEFT, logging, evaluation and checkpoints are those of `GRPOTrainer`. At every
    optimizer step the gradient is that of the algorithm's loss over the groups of the step, however accumulation,
    iterations, shuffling and processes split them: each completion's log-prob is multiplied by a constant weight, which
    is computed from whole groups.

    Args:
        model: As for `GRPOTrainer`.
        reward_funcs: As for `GRPOTrainer`.
        args: A `TargetPOConfig`.
        train_dataset: As for `GRPOTrainer`: with a column `prompt`.
        **more: As for `GRPOTrainer`.

    Raises:
        InvalidTypeError: `args` is another configuration.
        InvalidArgumentError: The data set has no prompts.

    Source:
        Kaddour 2026, equations 2 and 3; with the default anchor, the forward projection of arXiv 2605.06139.
    """

    _tag_names = ("trl", "tpo")
    _name = "TPO"
    _paper: ClassVar = PAPER

    def __init__(
        self, model: Any, reward_funcs: Any = None, args: Any = None, train_dataset: Any = None, **more: Any
    ) -> None:
        """Set up training."""
        if args is None:
            name = model if isinstance(model, str) else model.config._name_or_path  # noqa: SLF001 - as TRL does
            args = TargetPOConfig(f"{name.split('/')[-1]}-TPO")
        if not isinstance(args, TargetPOConfig):
            message = f"`args` must be a TargetPOConfig; got a {type(args).__name__}."
            raise InvalidTypeError(f"{message} Write TargetPOConfig in its place: it takes the same options.")
        # Environments give the prompts themselves.
        if more.get("environment_factory") is None:
            check_columns("train_dataset", train_dataset)
            check_columns("eval_dataset", more.get("eval_dataset"))
        self.tpo_settings = args.tpo_settings()
        self._keeps_old = depends_on_old_log_probs(self.tpo_settings, reference=bool(args.beta))
        self._moved = False
        self._done = 0
        self._segment = range(0)
        self._weighed: list[Chunk] = []
        self._buffered_inputs: list[Chunk] | None = None
        super().__init__(model, reward_funcs, args, train_dataset, **more)

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> torch.Tensor:
        """Train on a micro-batch, and count where in the optimizer step it is."""
        loss: torch.Tensor = super().training_step(model, inputs, num_items_in_batch)
        stepped = self.accelerator.sync_gradients
        self._moved |= stepped
        self._done = 0 if stepped else self._done + 1
        return loss

    def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any) -> Any:
        """Compute the rewards, `[N, F]`, and keep them: TRL itself passes on only advantages."""
        self._rewards = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        return self._rewards

    def _generate_and_score_completions(self, inputs: Any) -> Chunk:
        """Sample a rollout, and add to each row its group and candidate, its score and its old log-probs."""
        size = self.num_generations if self.model.training else self.num_generations_eval
        first_row = self.accelerator.process_index * len(inputs)
        check_groups([one.get("prompt") for one in inputs], first_row=first_row, group_size=size)
        rollout = super()._generate_and_score_completions(inputs)
        aggregation = self.multi_objective_aggregation
        scores = scores_of(self._rewards, self.reward_weights, aggregation=aggregation, group_size=size)
        rollout = placed(rollout, scores, first_row=first_row, group_size=size)
        if OLD not in rollout and self._keeps_old:
            # TRL adds them only where the policy moves between two passes over a rollout.
            rollout[OLD] = self._log_probs([rollout])
        old = old_log_probs([rollout])
        rows = gather_rows(rows_in(self.tpo_settings, [rollout], old, old))
        joined = join(self.tpo_settings, rows)
        self._record(rollout_measures(self.tpo_settings, joined, size, knows_old=OLD in rollout))
        return rollout

    def _prepare_inputs(self, generation_batch: Any) -> Chunk:
        """Return the next micro-batch, with the weights of its rows where TRL keeps advantages."""
        if not self.model.training:
            rollout = self._generate_and_score_completions(generation_batch)
            return self._weigh([rollout], range(1), window=1, moved=False)[0]
        chunks: int = self.args.steps_per_generation
        if self._buffered_inputs is None or self._step % (chunks * self.num_iterations) == 0:
            rollout = split_pixel_values_by_grid(self._generate_and_score_completions(generation_batch))
            rows = len(rollout["completion_ids"])
            order = row_order(rows, self.accelerator.process_index * rows, self.num_generations)
            parts = split_tensor_dict(take(rollout, order), chunks)
            self._buffered_inputs = [unsplit_pixel_values_by_grid(part) for part in parts]
            self._moved = False
        chunk: int = self._step % chunks
        window = self.current_gradient_accumulation_steps
        if chunk == 0 or self._done == 0:
            self._segment = segment(chunk, chunks, done=self._done, window=window)
            self._weighed = self._weigh(self._buffered_inputs, self._segment, window=window, moved=self._moved)
        return self._weighed[chunk - self._segment.start]

    def _weigh(self, chunks: Sequence[Chunk], part: range, *, window: int, moved: bool) -> list[Chunk]:
        share = Share(part, window, self.accelerator.process_index, self.accelerator.num_processes)
        found, weighed = weigh_chunks(self.tpo_settings, chunks, share, self._log_probs if moved else None)
        self._record(measured(self.tpo_settings, weighed).means())
        return found

    def _log_probs(self, chunks: Sequence[Chunk]) -> torch.Tensor:
        """Current log-probs of tokens, `[N, T]` in nats, without gradients."""
        with torch.no_grad():
            found = [self._of_chunk(chunk) for chunk in chunks]
        return torch.cat(found)

    def _of_chunk(self, chunk: Chunk) -> torch.Tensor:
        log_probs, _, _ = self._get_per_token_logps_and_entropies(
            self.model,
            torch.cat([chunk["prompt_ids"], chunk["completion_ids"]], dim=1),
            torch.cat([chunk["prompt_mask"], chunk["completion_mask"]], dim=1),
            chunk["completion_ids"].shape[1],
            batch_size=self.args.per_device_train_batch_size,
            **{name: chunk[name] for name in INPUTS if chunk.get(name) is not None},
        )
        found: torch.Tensor = log_probs
        return found

    def _compute_loss(self, model: Any, inputs: Chunk) -> torch.Tensor:
        """TRL's loss, linear in the log-probs, moved to the value of the algorithm's loss."""
        loss: torch.Tensor = super()._compute_loss(model, without_ours(inputs)) + inputs[OFFSET]
        # GRPO's clipping, which does not happen here: all ratios that TRL sees are 1.
        metrics = self._metrics["train" if self.model.training else "eval"]
        for name in [name for name in metrics if name.startswith("clip_ratio/")]:
            del metrics[name]
        return loss

    def _record(self, measures: Any) -> None:
        mode = "train" if self.model.training else "eval"
        for name, value in measures.items():
            self._metrics[mode][f"tpo/{name}"].append(value)
