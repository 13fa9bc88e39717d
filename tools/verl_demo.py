"""Train a tiny language model with verl on CPUs, by several algorithms and seeds, and draw reward against step.

    python -m tools.verl_demo                                  # 20 steps of TPO and GRPO
    python -m tools.verl_demo --steps 50 --seeds 3 --epochs 4  # the study of docs/verl.md

Runs that are there already are not repeated. The reward is the share of digits in a completion of eight characters.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.verl.cpu import run
from tools import learning

ARMS = {
    "TPO (ratio)": ("+algorithm.tpo.name=tpo", "+algorithm.tpo.anchor=ratio"),
    "GRPO": ("+algorithm.tpo.name=grpo", "+algorithm.tpo.kl=0.0"),
}
REWARD = "critic/score/mean"
TOKENS = 8


def train(arm: str, seed: int, folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Run one arm with one seed; return the metrics of its steps."""
    place = folder / f"{arm.split(maxsplit=1)[0].lower()}-{seed}"
    record = place / "metrics.jsonl"
    if not (place / "done").exists():
        place.mkdir(parents=True, exist_ok=True)
        record.unlink(missing_ok=True)
        run.write_problem(place, seed=seed)
        began = time.perf_counter()
        settings = [
            *run.overrides(place, ranks=options.ranks, steps=options.steps, tokens=TOKENS, group_size=8),
            *run.TPO,
            *ARMS[arm],
            f"actor_rollout_ref.actor.ppo_epochs={options.epochs}",
            f"actor_rollout_ref.actor.ppo_mini_batch_size={options.mini_batch_size}",
            f"data.seed={seed}",
        ]
        variables = {"VERL_FILE_LOGGER_PATH": str(record), "TPO_VERL_SEED": str(seed)}
        status = run.train(settings, log=place / "log.txt", **variables)
        if status:
            sys.exit(f"error: verl must end well; got exit status {status}. See {place / 'log.txt'}.")
        (place / "done").write_text(f"{time.perf_counter() - began:.0f} seconds\n")
    return [json.loads(line)["data"] for line in record.read_text().splitlines()]


def rewards(steps: list[dict[str, Any]]) -> list[float]:
    """The mean reward of each step's rollouts."""
    return [step[REWARD] for step in steps if REWARD in step]


def main() -> None:
    """Train, and report the rewards."""
    parser = argparse.ArgumentParser(prog="python -m tools.verl_demo", description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=20, help="rollouts per run")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=2, help="passes over a rollout")
    parser.add_argument("--mini-batch-size", type=int, default=8, help="prompts per optimizer step")
    parser.add_argument("--ranks", type=int, default=1, help="data-parallel processes")
    parser.add_argument("--output", type=Path, default=Path("runs/verl-demo"))
    options = parser.parse_args()
    output = options.output.resolve()
    found = {arm: [rewards(train(arm, seed, output, options)) for seed in range(options.seeds)] for arm in ARMS}
    learning.report(found, output, xlabel="step (one rollout each)", ylabel="reward: share of digits")


if __name__ == "__main__":
    main()
