"""Every recipe is a configuration that verl takes and this adapter accepts."""

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from omegaconf import OmegaConf
from verl.trainer.ppo.utils import need_critic, need_reference_policy
from verl.utils.config import omega_conf_to_dataclass

import tpo
from tpo_llm.settings import read_settings
from tpo_verl.names import SECTION
from tpo_verl.plan import RECIPES, composed
from tpo_verl.refused import refusals

MODELS = ("qwen3-1.7b", "r1-distill-1.5b")
TASKS = ("gsm8k", "graph-coloring", "knights-knaves")
ARMS = {
    "tpo": tpo.TPO(),
    "tpo-mean": tpo.TPO(),
    "tpo-ratio": tpo.TPO(anchor="ratio"),
    "grpo": tpo.GRPO(kl=0.0),
}


@pytest.mark.parametrize(("model", "task", "arm"), product(MODELS, TASKS, ARMS))
def test_the_papers_runs(model, task, arm):
    config = composed(["paper", f"tpo/model={model}", f"tpo/task={task}", f"tpo/arm={arm}"])
    assert refusals(config) == []
    settings = read_settings(config["algorithm"]["tpo"], SECTION)
    assert settings.algorithm == ARMS[arm]
    assert settings.length_exponent == (1.0 if arm == "tpo-mean" else 0.0)
    actor = config["actor_rollout_ref"]
    assert (actor["rollout"]["n"], config["data"]["train_batch_size"], actor["actor"]["optim"]["lr"]) == (16, 16, 1e-5)
    lora, coefficient = (32, 1e-3) if task == "gsm8k" else (0, None)
    assert actor["model"]["lora_rank"] == lora
    assert (actor["actor"]["kl_loss_coef"] if actor["actor"]["use_kl_loss"] else None) == coefficient
    made = OmegaConf.create(config)
    assert not need_critic(made)
    assert need_reference_policy(made) == (task == "gsm8k")
    assert omega_conf_to_dataclass(made.actor_rollout_ref.actor).policy_loss.loss_mode == "tpo"


def test_arms_differ_in_the_loss_alone():
    configs = [composed(["paper", f"tpo/arm={arm}"]) for arm in ARMS]
    for config in configs:
        del config["algorithm"]["tpo"]
    assert all(config == configs[0] for config in configs)


def test_countdown_is_that_of_listwise_policy_optimization():
    config = composed(["countdown"])
    assert refusals(config) == []
    actor = config["actor_rollout_ref"]
    sizes = (config["data"]["train_batch_size"], actor["actor"]["ppo_mini_batch_size"], actor["rollout"]["n"])
    assert sizes == (128, 64, 8)
    optim = actor["actor"]["optim"]
    assert (optim["lr"], optim["betas"], optim["weight_decay"]) == (1e-6, [0.9, 0.999], 0.1)


def test_verls_own_entry_point_finds_them():
    command = [
        *(sys.executable, "-m", "verl.trainer.main_ppo", "--config-dir", str(RECIPES), "--config-name", "paper"),
        *("tpo/task=knights-knaves", "tpo/arm=grpo", "--cfg", "job"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    shown = OmegaConf.create(done.stdout[done.stdout.index("actor_rollout_ref:") :])
    assert shown.algorithm.tpo == {"name": "grpo", "kl": 0.0}
    assert Path(shown.data.train_files) == Path("data/knights-knaves/train.parquet")
