"""The trainer `tpo_sync`: verl's synchronous trainer, with whole groups in every mini-batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ray
import torch
import transfer_queue as tq
from omegaconf import OmegaConf, open_dict
from tensordict import TensorDict
from verl.trainer.ppo.padding_utils import upsample_batch_to_divisible_size
from verl.trainer.ppo.v1 import PPOTrainerSync
from verl.utils.seqlen_balancing import calculate_workload, log_seqlen_unbalance

from tpo import InvalidArgumentError
from tpo_llm.measures import rollout_measures
from tpo_llm.rows import PLACE, SCORE, rows_of
from tpo_llm.settings import read_settings
from tpo_llm.weights import join
from tpo_verl.losses import READY
from tpo_verl.mini_batches import cut_groups, order_rows
from tpo_verl.names import SECTION
from tpo_verl.paths import choose_path
from tpo_verl.places import place_rows
from tpo_verl.refused import check_config
from tpo_verl.sizes import read_sizes
from tpo_verl.tensors import padded
from tpo_verl.worker import WHOLE, TPOWorker

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from transfer_queue import KVBatchMeta


class TPOTrainerSync(PPOTrainerSync):
    """verl's synchronous trainer, with exact Target Policy Optimization or another group method of the core."""

    def __init__(self, config: DictConfig) -> None:
        """Check the configuration.

        Raises:
            InvalidArgumentError: A setting would cut groups, or drop the algorithm, without a word.
        """
        check_config(config)
        values = OmegaConf.to_container(config.algorithm.get("tpo") or OmegaConf.create({}), resolve=True)
        self._values = values
        self.settings = read_settings(values, SECTION)
        self.sizes = read_sizes(config)
        with open_dict(config):
            config.algorithm.tpo = {**values, READY: True}
            # verl compares this name with "sync" in several places.
            config.trainer.v1.trainer_mode = "sync"
        super().__init__(config)

    def _init_resource_pool_mgr(self) -> None:
        super()._init_resource_pool_mgr()
        for role in self.role_worker_mapping:
            if role.name.lower().startswith("actor"):
                self.role_worker_mapping[role] = ray.remote(TPOWorker)

    def _setup(self) -> None:
        super()._setup()
        self.actor_rollout_wg.configure_tpo(self._values)

    def _balance_batch(
        self, batch: KVBatchMeta, metrics: dict[str, Any], logging_prefix: str = "global_seqlen", **more: Any
    ) -> KVBatchMeta:
        """Order rows so that every mini-batch holds whole groups, with equal work for all ranks."""
        del more
        lengths = torch.tensor([tag["seq_len"] for tag in batch.tags])
        ranks = self._data_parallel_size()
        order = order_rows(
            [_split(key)[0] for key in batch.keys],
            calculate_workload(lengths).tolist(),
            mini_batch_size=self.sizes.mini_batch_rows,
            ranks=ranks,
        )
        batch = upsample_batch_to_divisible_size(
            batch, order.mini_batches * self.sizes.mini_batch_rows, self.tokenizer.eos_token_id
        )
        batch.reorder(list(order.rows))
        sizes = [tag["seq_len"] for tag in batch.tags]
        share = len(sizes) // ranks
        parts = [list(range(rank * share, (rank + 1) * share)) for rank in range(ranks)]
        metrics.update(log_seqlen_unbalance(seqlen_list=sizes, partitions=parts, prefix=logging_prefix))
        metrics["tpo/split_groups"] = order.split_groups
        metrics["tpo/incomplete_groups"] = cut_groups(
            _groups(batch), mini_batch_size=self.sizes.mini_batch_rows, ranks=ranks
        )
        return batch

    def _data_parallel_size(self) -> int:
        workers, role = self.actor_rollout_wg, "actor"
        if role not in workers._dispatch_info:  # noqa: SLF001 - as verl's own trainer does
            workers._dispatch_info[role] = workers._query_dispatch_info(role)  # noqa: SLF001 - as above
        return int(max(workers._dispatch_info[role])) + 1  # noqa: SLF001 - as above

    def _compute_advantage(self, batch: KVBatchMeta, metrics: dict[str, Any]) -> KVBatchMeta:
        """Write where each row belongs and the score of its candidate; the workers compute the weights."""
        batch = super()._compute_advantage(batch, metrics)
        rewards = "token_level_rewards" if self.config.algorithm.use_kl_in_reward else "rm_scores"
        fields = [rewards, "response_mask", "old_log_probs"]
        data = tq.kv_batch_get(keys=batch.keys, partition_id=batch.partition_id, select_fields=fields)
        padding = [tag.get("is_padding", False) for tag in batch.tags]
        scores = padded(data, rewards).sum(-1)
        _check_finite(scores, batch)
        place, score = place_rows([_split(key) for key in batch.keys], scores, padding)
        self._measure(data, place, score, metrics)
        fields = TensorDict({PLACE: place, SCORE: score[:, None]}, batch_size=len(batch))
        return tq.kv_batch_put(keys=batch.keys, partition_id=batch.partition_id, fields=fields)

    def _measure(self, data: TensorDict, place: torch.Tensor, score: torch.Tensor, metrics: dict[str, Any]) -> None:
        """Report what the rollout's groups can teach."""
        old = padded(data, "old_log_probs")
        mask = padded(data, "response_mask")
        joined = join(
            self.settings, rows_of(self.settings, place=place, score=score, token_mask=mask, old=old, now=old)
        )
        found = rollout_measures(self.settings, joined, self.sizes.group_size)
        metrics.update({f"tpo/{name}": value for name, value in found.items()})

    def _update_actor(self, batch: KVBatchMeta, metrics: dict[str, Any]) -> KVBatchMeta:
        """Train, and move our metrics out of verl's section `actor`."""
        lengths = [tag["seq_len"] for tag in batch.tags]
        path = choose_path(self.sizes, self.settings, _groups(batch), lengths, self._data_parallel_size())
        batch.extra_info[WHOLE] = path.whole
        if path.keep_together:
            batch.extra_info["force_group_size"] = path.keep_together
        found: dict[str, Any] = {}
        batch = super()._update_actor(batch, found)
        prefix = "actor/tpo/"
        metrics.update({f"tpo/{k.removeprefix(prefix)}" if k.startswith(prefix) else k: v for k, v in found.items()})
        return batch


def _groups(batch: KVBatchMeta) -> list[str | None]:
    """The prompt of each row; `None` for padding."""
    return [
        None if tag.get("is_padding", False) else _split(key)[0]
        for key, tag in zip(batch.keys, batch.tags, strict=True)
    ]


def _check_finite(scores: torch.Tensor, batch: KVBatchMeta) -> None:
    """Raise an error for a reward that is not finite: it would make the whole mini-batch NaN.

    Raises:
        InvalidArgumentError: There is one.
    """
    wrong = torch.nonzero(~torch.isfinite(scores)).flatten().tolist()
    if wrong:
        message = f"every reward must be finite; got {scores[wrong[0]]} for the sequence {batch.keys[wrong[0]]!r}"
        raise InvalidArgumentError(f"{message} and {len(wrong) - 1} more. Repair the reward function.")


def _split(key: str) -> tuple[str, str, int]:
    """The prompt, session and part in the key of a row."""
    uid, session, part = key.rsplit("_", 2)
    return uid, session, int(part)
