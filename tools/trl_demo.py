"""Train a tiny language model with TRL on CPUs, by several algorithms and seeds, and draw reward against step.

    python -m tools.trl_demo                       # 80 optimizer steps, four per rollout, five seeds
    python -m tools.trl_demo --steps 20 --seeds 1

Runs that are there already are not repeated. The reward is the share of digits among 16 characters.
"""

from __future__ import annotations

import argparse
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from datasets import Dataset
from transformers import set_seed
from trl import GRPOConfig, GRPOTrainer

from tests.trl import model
from tools import learning
from tpo_trl import TargetPOConfig, TargetPOTrainer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOKENS = 16
REWARD = "reward"
EVERY = {
    "use_cpu": True,
    "bf16": False,
    "learning_rate": 2e-3,
    "lr_scheduler_type": "constant",
    "per_device_train_batch_size": 32,
    "num_generations": 16,
    "max_completion_length": TOKENS,
    "num_iterations": 4,
    "logging_steps": 1,
    "report_to": "none",
    "save_strategy": "no",
    "gradient_checkpointing": False,
    "disable_tqdm": True,
}
"""Options of all arms: two prompts with 16 completions per rollout, four optimizer steps."""

ARMS: Mapping[str, tuple[type, Callable[..., Any]]] = {
    "TPO (ratio)": (TargetPOTrainer, TargetPOConfig),
    "TPO (mean log-probs)": (TargetPOTrainer, partial(TargetPOConfig, tpo_length_normalize_logps=True)),
    "TPO (policy, the paper)": (TargetPOTrainer, partial(TargetPOConfig, tpo_anchor="policy")),
    "GRPO (of TRL)": (GRPOTrainer, GRPOConfig),
}


def share_of_digits(completions: list[str], **_: Any) -> list[float]:
    """The reward."""
    return [sum(character.isdigit() for character in text) / TOKENS for text in completions]


def train(arm: str, seed: int, folder: Path, steps: int) -> list[float]:
    """Run one arm with one seed; return the mean reward of each rollout."""
    place = folder / "".join(letter if letter.isalnum() else "-" for letter in f"{arm.lower()} {seed}")
    record = place / "rewards.json"
    if not record.exists():
        place.mkdir(parents=True, exist_ok=True)
        set_seed(seed)
        trainer, configure = ARMS[arm]
        config = configure(output_dir=str(place), seed=seed, max_steps=steps, **EVERY)
        dataset = Dataset.from_dict({"prompt": [f"{a}{b}=" for a in "abcdefghij" for b in range(10)]})
        made = trainer(str(model.write(place / "model", hidden=64, seed=seed)), share_of_digits, config, dataset)
        made.train()
        found = [row[REWARD] for row in made.state.log_history if REWARD in row]
        unfinished = record.with_suffix(".part")
        unfinished.write_text(json.dumps(found))
        unfinished.replace(record)
    return [float(reward) for reward in json.loads(record.read_text())]


def main() -> None:
    """Train, and report the rewards."""
    parser = argparse.ArgumentParser(prog="python -m tools.trl_demo", description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=80, help="optimizer steps per run, four per rollout")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("runs/trl-demo"))
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    torch.set_num_threads(1)
    output = options.output.resolve()
    found = {arm: [train(arm, seed, output, options.steps) for seed in range(options.seeds)] for arm in ARMS}
    learning.report(found, output, xlabel="rollout (four optimizer steps each)", ylabel="reward: share of digits")


if __name__ == "__main__":
    main()
