"""Training a tiny model by TRL, keeping what was sampled and which rows each optimizer step saw.

As a program it is one process of several: `python -m tests.trl.training FOLDER CASE`.
"""

import json
import os
import sys
from pathlib import Path

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, TrainerCallback

from tpo_llm.rows import PLACE, SCORE
from tpo_trl import TargetPOConfig, TargetPOTrainer

PROMPTS = [f"{letter}{number}=" for letter in "abcdefgh" for number in range(4)]
FIELDS = ("prompt_ids", "prompt_mask", "completion_ids", "completion_mask", PLACE, SCORE, "ref_per_token_logps")


def share_of_digits(completions, **_):
    """A reward with many ties and many values."""
    return [sum(character.isdigit() for character in text) / 4 for text in completions]


def some_unscored(completions, **_):
    """No reward for completions that begin with a letter from a to c."""
    return [None if text[:1] in tuple("abc") else len(set(text)) / 8 for text in completions]


def constant(completions, **_):
    """The same reward for all."""
    return [1.0 for _ in completions]


LEARNING_RATE = 0.05
PLAIN = {
    "use_cpu": True,
    "bf16": False,
    "report_to": "none",
    "save_strategy": "no",
    "disable_tqdm": True,
    "optim": "sgd",
    "lr_scheduler_type": "constant",
    "max_grad_norm": 0.0,
    "logging_steps": 1,
    "gradient_checkpointing": False,
    "learning_rate": LEARNING_RATE,
}
"""Options of gradient descent on a CPU, without anything that would hide the gradient."""

REWARDS = {"digits": share_of_digits, "unscored": some_unscored, "constant": constant}


class Recorder(TargetPOTrainer):
    """The trainer, with the rows of every micro-batch kept."""

    _rollouts = 0

    def __init__(self, *args, **kwargs):
        self.seen = []
        super().__init__(*args, **kwargs)

    def _compute_loss(self, model, inputs):
        if self.model.training:
            rows = {name: inputs[name].clone() for name in FIELDS if name in inputs}
            self.seen.append(rows | {"step": self.state.global_step, "rollout": self._rollouts})
        return super()._compute_loss(model, inputs)

    def _generate_and_score_completions(self, inputs):
        self._rollouts += 1
        return super()._generate_and_score_completions(inputs)


class StepLosses(TrainerCallback):
    """The loss of every step."""

    def __init__(self):
        self.losses = []

    def on_log(self, args, state, control, logs=None, **_):
        if "loss" in logs:
            self.losses.append(logs["loss"])


def configuration(folder, case):
    defaults = {
        "output_dir": str(folder / "out"),
        "ddp_backend": "gloo" if "RANK" in os.environ else None,
        "max_completion_length": case.get("tokens", 6),
    }
    return TargetPOConfig(**(PLAIN | defaults | case["options"]))


def train(folder, case):
    """Train; return parameters, losses and the rows of all micro-batches of this process."""
    torch.set_num_threads(1)
    dataset = Dataset.from_dict({"prompt": PROMPTS})
    model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
    reward = [REWARDS[name] for name in case.get("rewards", ["digits"])]
    losses = StepLosses()
    trainer = Recorder(model, reward, configuration(folder, case), train_dataset=dataset, callbacks=[losses])
    trainer.train()
    state = {
        name: value.detach().clone() for name, value in trainer.accelerator.unwrap_model(model).state_dict().items()
    }
    return {"state": state, "losses": losses.losses, "seen": trainer.seen, "metrics": trainer.state.log_history}


if __name__ == "__main__":
    place, name = Path(sys.argv[1]), sys.argv[2]
    found = train(place, json.loads((place / f"{name}.json").read_text()))
    rank = os.environ["RANK"]
    torch.save(found, place / f"{name}-{rank}.pt")
