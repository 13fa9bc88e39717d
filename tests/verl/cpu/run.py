"""Running `verl.trainer.main_ppo` on CPUs: a toy problem, its reward, and the settings that verl needs for it."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.verl.cpu import ENVIRONMENT, model

ROOT = Path(__file__).parents[3]


def compute_score(data_source, solution_str, ground_truth, extra_info=None, **_):
    """The share of digits among the characters of a completion."""
    return sum(character.isdigit() for character in solution_str) / max(1, len(solution_str))


def write_problem(folder, *, hidden=64, prompts=256, seed=0):
    """Write a tiny model, and prompts to train and validate on."""
    model.write(folder / "model", hidden=hidden, seed=seed)
    numbers = random.Random(seed)  # noqa: S311 - made-up prompts
    rows = [
        {
            "data_source": "digits",
            "prompt": [{"role": "user", "content": f"{numbers.randint(0, 4)}+{numbers.randint(0, 5)}"}],
            "ability": "math",
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {"index": number},
        }
        for number in range(prompts)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "train.parquet")
    pq.write_table(pa.Table.from_pylist(rows[:8]), folder / "test.parquet")


def overrides(folder, *, ranks, steps, prompts=8, group_size=4, tokens=4, learning_rate=3e-3):
    """Settings of verl for one run on CPUs. The algorithm is not among them."""
    actor, rollout = "actor_rollout_ref.actor", "actor_rollout_ref.rollout"
    return [
        "trainer.device=cpu",
        f"trainer.n_gpus_per_node={ranks}",
        "trainer.nnodes=1",
        'trainer.logger=["console","file"]',
        "trainer.project_name=tpo",
        "trainer.experiment_name=cpu",
        "trainer.val_before_train=False",
        "trainer.save_freq=-1",
        "trainer.test_freq=-1",
        f"trainer.total_training_steps={steps}",
        "trainer.total_epochs=1000",
        "trainer.resume_mode=disable",
        f"data.train_files={folder}/train.parquet",
        f"data.val_files={folder}/test.parquet",
        f"data.train_batch_size={prompts}",
        "data.max_prompt_length=16",
        f"data.max_response_length={tokens}",
        "data.dataloader_num_workers=0",
        f"actor_rollout_ref.model.path={folder}/model",
        "actor_rollout_ref.model.use_remove_padding=False",
        "+actor_rollout_ref.model.override_config.attn_implementation=eager",
        "actor_rollout_ref.model.enable_gradient_checkpointing=False",
        f"{actor}.strategy=fsdp2",
        f"{actor}.ppo_mini_batch_size={prompts}",
        f"{actor}.ppo_micro_batch_size_per_gpu=4",
        f"{actor}.use_torch_compile=False",
        f"{actor}.fsdp_config.use_torch_compile=False",
        f"+{actor}.fsdp_config.mixed_precision.param_dtype=fp32",
        f"+{actor}.fsdp_config.mixed_precision.reduce_dtype=fp32",
        f"{actor}.optim.lr={learning_rate}",
        f"{rollout}.name=hf_cpu",
        f"{rollout}.n={group_size}",
        f"{rollout}.tensor_model_parallel_size=1",
        f"{rollout}.n_gpus_per_node={ranks}",
        f"{rollout}.agent.num_workers=1",
        f"{rollout}.log_prob_micro_batch_size_per_gpu=8",
        f"{rollout}.free_cache_engine=False",
        f"{rollout}.calculate_log_probs=True",
        "algorithm.use_kl_in_reward=False",
        "reward.num_workers=1",
        f"reward.custom_reward_function.path={Path(__file__)}",
        "reward.custom_reward_function.name=compute_score",
        "transfer_queue.backend.SimpleStorage.num_data_storage_units=1",
        "ray_kwargs.ray_init.num_cpus=16",
        f"+ray_kwargs.ray_init.num_gpus={ranks}",
        "+ray_kwargs.ray_init.include_dashboard=False",
    ]


TPO = (
    "trainer.v1.trainer_mode=tpo_sync",
    "algorithm.adv_estimator=tpo",
    "actor_rollout_ref.actor.policy_loss.loss_mode=tpo",
)


def environment(**more):
    """Environment variables of a run."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, **ENVIRONMENT, "TPO_VERL_ROLLOUT": "hf", "PYTHONPATH": path, **more}


def train(settings, *, log, **variables):
    """Run verl's own entry point; return its exit status. What it prints goes to the file `log`."""
    command = [sys.executable, "-W", "ignore", "-m", "verl.trainer.main_ppo", *settings]
    with Path(log).open("w") as output:
        done = subprocess.run(
            command, env=environment(**variables), stdout=output, stderr=subprocess.STDOUT, check=False, cwd=log.parent
        )
    return done.returncode
