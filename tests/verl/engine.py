"""Training by verl's own engine on ranks of gloo, against autograd through the exact loss. Run by `torchrun`.

torchrun --nproc_per_node=2 -m tests.verl.engine CASES.json RESULTS.json MODEL
"""

import json
import sys
import time
from functools import partial
from pathlib import Path

import torch
import torch.distributed as dist
from transformers import AutoModelForCausalLM
from verl.trainer.config import CheckpointConfig
from verl.utils import tensordict_utils as tu
from verl.workers.config import (
    FSDPActorConfig,
    FSDPEngineConfig,
    FSDPOptimizerConfig,
    HFModelConfig,
    PolicyLossConfig,
    TrainingWorkerConfig,
)
from verl.workers.utils.losses import ppo_loss
from verl.workers.utils.padding import left_right_2_no_padding, no_padding_2_padding

import tpo_verl.plugin  # noqa: F401 - where entry points are not installed
from tests.verl.exact import exact_training
from tests.verl.rollouts import made_up_rollout
from tpo_llm.rows import PLACE, SCORE
from tpo_llm.settings import read_settings
from tpo_verl.mini_batches import order_rows
from tpo_verl.names import SECTION
from tpo_verl.places import place_rows
from tpo_verl.worker import WHOLE, TPOTrainingWorker

LEARNING_RATE = 5e-3
FLOAT32 = {"param_dtype": "fp32", "reduce_dtype": "fp32", "buffer_dtype": "fp32"}
LONGEST = 10_000.0
"""Gradients are not clipped."""


def worker_of(model):
    """verl's training worker, with ours in its place, and plain SGD as its optimizer."""
    engine = FSDPEngineConfig(
        strategy="fsdp2",
        forward_only=False,
        fsdp_size=-1,
        use_torch_compile=False,
        micro_batch_size_per_gpu=2,
        infer_micro_batch_size_per_gpu=2,
        max_token_len_per_gpu=80,
        infer_max_token_len_per_gpu=120,
        mixed_precision=FLOAT32,
    )
    config = TrainingWorkerConfig(
        model_type="language_model",
        model_config=HFModelConfig(
            path=model,
            use_remove_padding=False,
            enable_gradient_checkpointing=False,
            override_config={"attn_implementation": "eager"},
        ),
        engine_config=engine,
        optimizer_config=FSDPOptimizerConfig(lr=LEARNING_RATE, clip_grad=LONGEST, total_training_steps=1000),
        checkpoint_config=CheckpointConfig(),
    )
    worker = TPOTrainingWorker(config)
    worker.reset()
    actor = FSDPActorConfig(
        strategy="fsdp2",
        ppo_mini_batch_size=2,
        ppo_micro_batch_size_per_gpu=2,
        rollout_n=4,
        policy_loss=PolicyLossConfig(loss_mode="tpo"),
        kl_loss_type="mse",
        loss_agg_mode="seq-mean-token-sum",
        fsdp_config=engine,
        optim=config.optimizer_config,
        use_torch_compile=False,
    )
    worker.set_loss_fn(partial(ppo_loss, config=actor))
    worker.actor_config = actor
    worker.engine.optimizer = torch.optim.SGD(worker.engine.module.parameters(), lr=LEARNING_RATE)
    return worker


def flat(state):
    """All parameters in one vector."""
    return torch.cat([getattr(value, "full_tensor", lambda value=value: value)().flatten() for value in state.values()])


def batch_of(rollout, index, **keys):
    """The rows of one rank as verl hands them to a worker."""
    rows = {name: array[index].clone() for name, array in rollout.tensors().items()}
    data = left_right_2_no_padding(tu.get_tensordict(rows, non_tensor_dict={}))
    tu.assign_non_tensor(data, temperature=1.0, **keys)
    return data


def gathered(values, index, size):
    """The rows of all ranks, in their own order."""
    parts = [None] * dist.get_world_size()
    dist.all_gather_object(parts, (index, values))
    whole = torch.zeros(size, values.shape[-1])
    for places, part in parts:
        whole[places] = part
    return whole


def run_case(worker, reference, case):
    """Train on a made-up rollout; return the error against exact training, and what the worker measured."""
    rank, ranks = dist.get_rank(), dist.get_world_size()
    settings = read_settings(case["settings"], SECTION)
    worker.configure(case["settings"])
    worker.engine_config.use_dynamic_bsz = case["dynamic"]
    worker.engine_config.micro_batch_size_per_gpu = case["micro_batch_size"]
    # verl's configuration is frozen.
    object.__setattr__(worker.actor_config, "use_kl_loss", case["kl"] > 0)
    object.__setattr__(worker.actor_config, "kl_loss_coef", case["kl"])
    start = {name: value.clone() for name, value in worker.engine.module.state_dict().items()}
    rollout = made_up_rollout(**case["rollout"])
    mini_batch_size = case["mini_batch_size"]
    order = order_rows(rollout.groups(), rollout.lengths(), mini_batch_size=mini_batch_size, ranks=ranks)
    rollout = rollout.padded_to(len(order.rows)).reordered(order.rows)
    if case["split"]:
        rollout = rollout.split_over_ranks(ranks, order.mini_batches)
    size = len(rollout.keys)
    index = torch.arange(size).chunk(ranks)[rank]
    # As large as verl allows: the rows of this rank. The extra passes, over mini-batches, need smaller ones.
    worker.engine_config.infer_micro_batch_size_per_gpu = len(index)
    output = worker.infer_batch(batch_of(rollout, index, compute_loss=False, calculate_entropy=False))
    mine = batch_of(rollout, index)
    old = gathered(no_padding_2_padding(tu.get(output, "log_probs"), mine).float(), index, size) * rollout.mask
    rollout.fields["old_log_probs"] = old
    rollout.fields["rollout_log_probs"] = old + rollout.mismatch * rollout.mask
    rollout.fields["ref_log_prob"] = old + 2 * rollout.mismatch * rollout.mask
    rollout.fields["advantages"] = torch.zeros_like(old)
    place, score = place_rows(rollout.keys, rollout.scores, rollout.padding)
    rollout.fields[PLACE], rollout.fields[SCORE] = place, score[:, None]
    keys = {"force_group_size": case["group_size"]} if case["whole"] and case["dynamic"] else {}
    began = time.perf_counter()
    trained = worker.train_mini_batch(
        batch_of(
            rollout,
            index,
            global_batch_size=mini_batch_size,
            mini_batch_size=mini_batch_size,
            epochs=case["epochs"],
            seed=42,
            dataloader_kwargs={"shuffle": False},
            compute_loss=True,
            calculate_entropy=False,
            **{WHOLE: case["whole"]},
            **keys,
        )
    )
    seconds = time.perf_counter() - began
    found = flat(worker.engine.module.state_dict())
    worker.engine.module.load_state_dict(start)
    exact = exact_training(reference, settings, rollout, case, ranks, LEARNING_RATE)
    move = (exact - flat(start)).norm()
    metrics = tu.get(trained, "metrics")
    return {
        "error": float((found - exact).norm() / move),
        "move": float(move),
        "seconds": seconds,
        "split_groups": order.split_groups,
        "metrics": {name: value for name, value in metrics.items() if name.startswith("tpo/")},
    }


def main(cases, results, model):
    """Run the cases of a file, and write what came of them."""
    torch.set_num_threads(1)
    worker = worker_of(model)
    reference = AutoModelForCausalLM.from_pretrained(model, attn_implementation="eager", dtype=torch.float32)
    found = {name: run_case(worker, reference, case) for name, case in json.loads(Path(cases).read_text()).items()}
    if dist.get_rank() == 0:
        Path(results).write_text(json.dumps(found))
    dist.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
