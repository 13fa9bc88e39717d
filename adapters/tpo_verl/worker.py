"""The training worker: puts the weights of rows where verl keeps advantages, anew before every optimizer step."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from verl.single_controller.base.decorator import Dispatch, make_nd_compute_dataproto_dispatch_fn, register
from verl.utils import tensordict_utils as tu
from verl.utils.device import get_device_id
from verl.workers.engine_workers import ActorRolloutRefWorker, TrainingWorker
from verl.workers.utils.padding import no_padding_2_padding

from tpo import InvalidArgumentError
from tpo_llm.gather import gather_rows
from tpo_llm.measures import Sums, measured
from tpo_llm.rows import PLACE, SCORE, Rows, rows_of
from tpo_llm.settings import Settings, read_settings
from tpo_llm.shares import own_share
from tpo_llm.weights import total_weight, weigh
from tpo_verl.losses import WEIGHED
from tpo_verl.names import SECTION
from tpo_verl.tensors import padded, padded_if_there, shaped_like, stacked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tensordict import TensorDict

WHOLE = "tpo_whole"
"""Key of a batch: whether every micro-batch holds whole groups."""

INFERENCE = {
    "use_remove_padding": "use_remove_padding",
    "use_fused_kernels": "use_fused_kernels",
    "use_dynamic_bsz": "use_dynamic_bsz",
    "max_token_len_per_gpu": "infer_max_token_len_per_gpu",
    "micro_batch_size_per_gpu": "infer_micro_batch_size_per_gpu",
}
"""Keys that a pass without gradients takes, with the settings of the engine that they come from."""

by_rows = make_nd_compute_dataproto_dispatch_fn(mesh_name="train")


class TPOTrainingWorker(TrainingWorker):
    """verl's training worker, with an algorithm of the core."""

    settings: Settings
    steps = 0
    """Optimizer steps since the rollout."""

    def configure(self, values: Mapping[str, Any]) -> None:
        """Set the algorithm, from the section `algorithm.tpo`."""
        self.settings = read_settings(values, SECTION)

    @register(dispatch_mode=Dispatch.ONE_TO_ALL)
    def set_loss_fn(self, loss_fn: Callable[..., Any]) -> None:
        """Set the loss that verl built, wrapped so that micro-batches of whole groups weigh their own rows."""
        self.loss_fn = functools.partial(self._loss, loss_fn)

    @register(dispatch_mode=by_rows, blocking=False)
    def train_mini_batch(self, data: TensorDict) -> TensorDict:
        """Train on one rollout: several epochs of several mini-batches."""
        self.steps = 0
        return super().train_mini_batch(data)

    @register(dispatch_mode=by_rows, blocking=False)
    def train_batch(self, data: TensorDict) -> TensorDict:
        """Take one optimizer step, on this rank's share of a mini-batch."""
        self._group = self.engine.get_data_parallel_group()
        whole = tu.get(data, WHOLE, default=False)
        path = "whole" if whole else "gather" if self.steps else "first"
        prepare = {"whole": self._prepare_whole, "gather": self._prepare_gathered, "first": self._prepare_first}
        prepare[path](data)
        self.steps += 1
        output = super().train_batch(data)
        if output is not None:
            sums = self._sums.reduced(self._group) if whole else self._sums
            found = {f"tpo/{name}": value for name, value in sums.means().items()}
            tu.get(output, "metrics").update(found | {f"tpo/path/{name}": float(name == path) for name in prepare})
        return output

    def _prepare_first(self, data: TensorDict) -> None:
        """Weigh rows by the old log-probs, which are the current ones: the policy has not moved since the rollout."""
        self._weigh_gathered(data, padded(data, "old_log_probs"))

    def _prepare_gathered(self, data: TensorDict) -> None:
        """Weigh rows by the current log-probs, computed in a pass without gradients."""
        log_probs = self._infer(data)
        if log_probs is not None:
            self._weigh_gathered(data, log_probs)

    def _prepare_whole(self, data: TensorDict) -> None:
        """Compute the total weight of the mini-batch; micro-batches of whole groups then weigh their own rows."""
        total = total_weight(self.settings, self._rows(data, padded(data, "old_log_probs")))
        dist.all_reduce(total, group=self._group)
        self._total, self._sums = total, Sums.zero(total.device)

    def _weigh_gathered(self, data: TensorDict, log_probs: torch.Tensor) -> None:
        own = self._rows(data, log_probs)
        weighed = weigh(self.settings, gather_rows(own, self._group))
        self._sums = measured(self.settings, weighed)
        self._put(data, own_share(weighed.weights, dist.get_rank(self._group), own.now), weighed.total)

    def _loss(self, inner: Callable[..., Any], **arguments: Any) -> Any:
        data = arguments["data"]
        if tu.get(data, WHOLE, default=False):
            log_probs = no_padding_2_padding(arguments["model_output"]["log_probs"], data)
            weighed = weigh(self.settings, self._rows(data, log_probs))
            self._sums += measured(self.settings, weighed)
            self._put(data, weighed.weights, self._total)
        token = WEIGHED.set(True)
        try:
            return inner(**arguments)
        finally:
            WEIGHED.reset(token)

    def _rows(self, data: TensorDict, log_probs: torch.Tensor) -> Rows:
        """Build this rank's rows on the accelerator, since collectives need them there; a batch arrives on the CPU."""
        arrays = {
            "place": stacked(data, PLACE, 4),
            "score": stacked(data, SCORE, 1)[:, 0],
            "token_mask": padded(data, "response_mask"),
            "now": log_probs,
            "old": padded(data, "old_log_probs"),
            "rollout": padded_if_there(data, "rollout_log_probs"),
            "ref": padded_if_there(data, "ref_log_prob"),
        }
        device = get_device_id()
        moved: Any = {name: None if array is None else array.to(device) for name, array in arrays.items()}
        return rows_of(self.settings, **moved)

    def _put(self, data: TensorDict, weights: torch.Tensor, total: torch.Tensor) -> None:
        """Write the weights as verl's advantages, times the rows of a full mini-batch, by which its loss divides."""
        size = tu.get(data, "global_batch_size")
        scale = torch.where(total > 0, size / total.clamp(min=torch.finfo(total.dtype).tiny), 0.0)
        mask = padded(data, "response_mask")
        advantages = (-scale * weights).to(mask.device) * mask
        data["advantages"] = shaped_like(advantages.float(), data["response_mask"])

    def _infer(self, data: TensorDict) -> torch.Tensor | None:
        """Current log-probs of this rank's rows, `[N, R]`, without gradients; `None` where there is no last layer."""
        settings = {key: getattr(self.engine_config, name) for key, name in INFERENCE.items()}
        settings["calculate_entropy"] = False
        # verl wants micro-batches of equal size; its own passes are over the whole rollout, this is over a mini-batch.
        rows = settings["micro_batch_size_per_gpu"]
        settings["micro_batch_size_per_gpu"] = rows and math.gcd(rows, len(data))
        given = {key: tu.pop(data, key) for key in settings if key in data.keys()}  # noqa: SIM118 - a TensorDict iterates over rows
        tu.assign_non_tensor(data, **settings)
        with self.engine.eval_mode(disable_auto_offload=True):
            output = self.engine.infer_batch(data, loss_function=None)
        for key in settings:
            tu.pop(data, key)
        tu.assign_non_tensor(data, **given)
        found = output.get("model_output", {}).get("log_probs")
        return None if found is None else no_padding_2_padding(found, data)


class TPOWorker(ActorRolloutRefWorker):
    """verl's worker of actor, rollout and reference, whose actor is trained by `TPOTrainingWorker`."""

    actor_worker_cls = TPOTrainingWorker

    @register(dispatch_mode=Dispatch.ONE_TO_ALL)
    def configure_tpo(self, values: Mapping[str, Any]) -> None:
        """Set the algorithm, from the section `algorithm.tpo`."""
        if self.actor is None:
            message = "the actor must exist before its algorithm is set; got none."
            raise InvalidArgumentError(f"{message} Call init_model() first.")
        self.actor.configure(values)
