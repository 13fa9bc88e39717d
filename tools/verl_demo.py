"""Train a tiny language model with verl on CPUs, by several algorithms and seeds, and draw reward against step.

    python -m tools.verl_demo                                  # 20 steps of TPO and GRPO
    python -m tools.verl_demo --steps 50 --seeds 3 --epochs 4  # the study of docs/verl.md

Runs that are there already are not repeated. The reward is the share of digits in a completion of eight characters.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from tests.verl.cpu import run

ARMS = {
    "TPO (ratio)": ("+algorithm.tpo.name=tpo", "+algorithm.tpo.anchor=ratio"),
    "GRPO": ("+algorithm.tpo.name=grpo", "+algorithm.tpo.kl=0.0"),
}
REWARD = "critic/score/mean"
TOKENS = 8
LAST = 10
"""The number of last steps whose mean reward is compared."""


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


def summary(found: dict[str, list[list[float]]]) -> dict[str, Any]:
    """The reward of the first and of the last steps of each arm: mean over seeds and its standard error."""

    def over_seeds(values: list[float]) -> dict[str, float]:
        error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
        return {"mean": statistics.fmean(values), "standard_error": error}

    return {
        arm: {
            "first step": over_seeds([one[0] for one in seeds]),
            f"last {LAST} steps": over_seeds([statistics.fmean(one[-LAST:]) for one in seeds]),
        }
        for arm, seeds in found.items()
    }


def draw(found: dict[str, list[list[float]]], file: Path) -> None:
    """Draw the mean over seeds, with a band of one standard error."""
    import matplotlib as mpl  # noqa: PLC0415 - only drawing needs it

    mpl.use("svg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - as above

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for arm, seeds in found.items():
        columns = list(zip(*seeds, strict=True))
        means = [statistics.fmean(column) for column in columns]
        steps = range(1, len(means) + 1)
        axes.plot(steps, means, label=f"{arm}, {len(seeds)} seeds" if len(seeds) > 1 else arm)
        if len(seeds) > 1:
            errors = [statistics.stdev(column) / math.sqrt(len(column)) for column in columns]
            low = [mean - error for mean, error in zip(means, errors, strict=True)]
            high = [mean + error for mean, error in zip(means, errors, strict=True)]
            axes.fill_between(steps, low, high, alpha=0.2)
    axes.set(xlabel="step (one rollout each)", ylabel="reward: share of digits", ylim=(0, 1))
    axes.legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    """Train, print the table, write `summary.json` and the figure."""
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
    table = summary(found)
    (output / "summary.json").write_text(json.dumps({"summary": table, "rewards": found}, indent=2) + "\n")
    draw(found, output / "rewards.svg")
    for arm, parts in table.items():
        shown = ", ".join(f"{part} {one['mean']:.3f} ± {one['standard_error']:.3f}" for part, one in parts.items())
        print(f"{arm}: {shown}")  # noqa: T201 - the result
    print(output / "rewards.svg")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
