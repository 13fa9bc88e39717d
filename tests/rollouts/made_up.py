"""Rollouts made by hand: sound ones, and copies with one fault each."""

from __future__ import annotations

import json
import math

import numpy as np

GROUPS, SIZE = 24, 8


def sound(seed=0, groups=GROUPS, size=SIZE):
    """Rows of a sound rollout: short completions, scores of 0 and 1, two steps, an engine that rounds."""
    rng = np.random.default_rng(seed)
    rows = []
    for group in range(groups):
        for candidate in range(size):
            old = -rng.exponential(0.1, int(rng.integers(12, 20)))
            moved = rng.normal(0, 0.01, len(old))
            rows.append(
                {
                    "step": group % 2,
                    "group_id": f"g{group}",
                    "prompt": f"what is {group} + 1?",
                    "completion": f"it is {group + candidate}, or {candidate}",
                    "reward": float((candidate + group) % 3 == 0),
                    "old_log_probs": np.minimum(old, 0).tolist(),
                    "new_log_probs": np.minimum(old + moved, 0).tolist(),
                    "rollout_log_probs": np.minimum(old + rng.normal(0, 0.003, len(old)), 0).tolist(),
                    "completion_length": len(old),
                    "finish_reason": "stop",
                }
            )
    return rows


def ragged(rows):
    """Without the last completion of every fourth group."""
    last = SIZE - 1
    return [row for number, row in enumerate(rows) if not (number % SIZE == last and (number // SIZE) % 4 == 0)]


def few_columns(rows):
    """Whole log-probs, and nothing else that is not needed."""
    kept = ("group_id", "reward", "completion")
    return [{name: row[name] for name in kept} | {"old_logp": sum(row["old_log_probs"])} for row in rows]


def each(rows, **changes):
    """Each row with some values changed by functions of the row and its number."""
    return [row | {name: change(row, number) for name, change in changes.items()} for number, row in enumerate(rows)]


def _far(row, _):
    return [value - 2.0 if place % 4 == 0 else value for place, value in enumerate(row["old_log_probs"])]


FAULTS = {
    "every completion has an id of its own": (
        "singletons",
        lambda rows: each(rows, group_id=lambda row, number: f"{row['group_id']}-{number}"),
    ),
    "ids are reused for other prompts": (
        "mixed prompts",
        lambda rows: each(rows, group_id=lambda _, number: f"g{number // SIZE % 12}-{number % SIZE % 2}"),
    ),
    "groups are cut in halves": (
        "cut groups",
        lambda rows: each(rows, group_id=lambda row, number: f"{row['group_id']}-{number % 2}"),
    ),
    "a row is lost": ("group sizes", lambda rows: rows[1:]),
    "ranks were counted twice": ("doubled rows", lambda rows: [row for row in rows for _ in range(2)]),
    "a score is missing": ("scores", lambda rows: each(rows, reward=lambda row, n: None if n == 3 else row["reward"])),
    "nothing is ever solved": ("ties", lambda rows: each(rows, reward=lambda *_: 0.0)),
    "wrong answers score by their format": (
        "near-ties",
        lambda rows: each(rows, reward=lambda _, n: float(n % 2 and n > 20 * SIZE) or 0.01 * (n % 3 == 0)),
    ),
    "scores differ by rounding": (
        "near-ties",
        lambda rows: each(rows, reward=lambda row, n: 0.7 + 1e-8 * (n % 3) if n < SIZE else row["reward"]),
    ),
    "log-probs have the wrong sign": (
        "log-probs",
        lambda rows: each(rows, rollout_log_probs=lambda row, _: [-v for v in row["rollout_log_probs"]]),
    ),
    "log-probs include the prompt": (
        "log-prob lengths",
        lambda rows: each(rows, completion_length=lambda row, _: row["completion_length"] - 5),
    ),
    "every token drifts": (
        "drift",
        lambda rows: each(rows, new_log_probs=lambda row, _: [v - 0.2 for v in row["old_log_probs"]]),
    ),
    "the engine is another model": ("train/inference mismatch", lambda rows: each(rows, rollout_log_probs=_far)),
    "the score is the length": (
        "score by length",
        lambda rows: each(rows, reward=lambda row, _: row["completion_length"] / 10),
    ),
    "completions are cut off": (
        "truncation",
        lambda rows: each(rows, finish_reason=lambda _, n: "length" if n % 3 else "stop"),
    ),
}
"""By what is wrong: the check that must name it, and the function that plants it in sound rows."""

SOUND = {
    "a sound rollout": (sound(), {}),
    "groups of different sizes by design": (ragged(sound(1)), {"ragged": True}),
    "few columns": (few_columns(sound(2)), {}),
}
"""By what it is: rows, and what is expected of them."""


def trl_rows(groups=4, size=4):
    """Rows as TRL 1.16 writes them: two reward functions, one of which does not apply to odd groups."""
    rows = []
    for group in range(groups):
        accuracy = [float(candidate % 2) for candidate in range(size)]
        form = [0.1 * candidate if group % 2 == 0 else math.nan for candidate in range(size)]
        total = np.nansum([accuracy, form], axis=0)
        advantages = (total - total.mean()) / (total.std(ddof=1) + 1e-4)
        rows += [
            {
                "step": 10,
                "prompt": [{"role": "user", "content": f"what is {group} + 1?"}],
                "completion": [{"role": "assistant", "content": f"it is {candidate}"}],
                "accuracy_reward": accuracy[candidate],
                "format_reward": form[candidate],
                "advantage": float(advantages[candidate]),
            }
            for candidate in range(size)
        ]
    return rows


def verl_rows(groups=4, size=4, step=7):
    """Rows as verl 0.9 writes them: `uid` is the key of a row."""
    return [
        {
            "input": f"user\nwhat is {group} + 1?",
            "output": f"it is {candidate}",
            "gts": str(group + 1),
            "score": float(candidate % 2),
            "step": step,
            "uid": f"9f1c{group}-ab_{candidate}_0",
        }
        for group in range(groups)
        for candidate in range(size)
    ]


def write(path, rows):
    """Write rows as JSON lines, with Python's own NaN; return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
