"""Generating random command lines."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from tools.fuzz.files import RECORDS, ROOT
from tpo.experiments.catalogue import catalogue
from tpo.plugins import registry

if TYPE_CHECKING:
    import random
    from pathlib import Path

NUMBERS = ("0", "1", "2", "3", "-1", "5", "1000000", "9" * 23, "-" + "9" * 23, "9" * 5000, "1e3", "1e400", "nan", "inf")
TEXTS = ("", " ", "[/]", "é", "\udcff", "a" * 300, "-", "--", "=", "\x1b[31m", "../..", "~nosuchuser", "null", "[", "'")
NESTED = ("[" * 20_000, '{"a":' * 5000, "1" * 5000)

FLAGS = (
    *("--steps", "--seeds", "--group-size", "--batch-size", "--epochs", "--learning-rate", "--vocab-size", "--length"),
    *("--reward", "--target", "--contexts", "--arms-count", "--samples", "--dataset", "--evaluate-every"),
    *("--algorithms", "--grouping", "--optimizer", "--backend", "--device", "--dtype", "--jobs", "--launcher"),
    *("--address", "--report-to", "--scale", "--overwrite", "--list", "--help", "--nonsense"),
)
SETTINGS = (
    *("trainer.steps", "trainer.seeds", "trainer.seeds_per_cell", "trainer.dtype", "arm.epochs", "arm.batch_size"),
    *("arm.group_size", "arm.learning_rate", "arm.options.eta", "arm.grouping", "arm.gate", "arms.TPO.epochs", "arm"),
    *("task.length", "task.vocab_size", "task.reward", "nonsense", "trainer", "", "arm.options.x.y", "."),
)
KNOWN = (
    *("tpo", "grpo", "tpo,grpo", "dg", "numpy", "torch", "sequence", "token", "adam", "sgd", "float64"),
    *("smoke", "laptop", "paper", "terminal", "made-up", "cpu", "processes", "ray", "tensorboard"),
)
FEW = ("--steps", "2", "--seeds", "1", "--backend", "torch", "--batch-size", "2", "--group-size", "2")
"""Options of a valid, short run."""


def places(folder: Path) -> list[str]:
    """Create paths of every kind below `folder`: existing, missing, undecodable names, a pipe, links."""
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to(folder / "nowhere")
    (folder / "file").write_bytes(b"{}")
    shutil.copytree(ROOT / "results" / RECORDS[0], folder / "good")
    names = ("out", "pipe", "link", "file", "file/below", "a" * 300, "\udcff", "é", ".", "good", "good")
    return [str(folder / name) for name in names]


def value(rng: random.Random) -> str:
    """Draw a value of an option."""
    return rng.choice((rng.choice(NUMBERS), rng.choice(TEXTS), rng.choice(KNOWN), rng.choice(KNOWN)))


def command(rng: random.Random, folder: Path) -> list[str]:
    """Draw a command line, which may be valid; it writes only below `folder`. Now and then, set a terminal's width."""
    paths = places(folder)
    if rng.random() < 0.6:  # noqa: PLR2004 - most of the options are those of runs
        return _run(rng, paths)
    path, other = rng.choice(paths), rng.choice(paths)
    found = rng.choice(
        (
            ["list"],
            ["list", "--methods"],
            ["show", path],
            ["show", path, "--json"],
            ["compare", path, other],
            ["report", path],
            ["report", path, "--output", other],
            ["data"],
            ["data", value(rng), "--from", path],
            ["data", rng.choice(("mnist", "fashion-mnist"))],
            ["data", "gsm8k", "--from", path, "--test-size", "1", "--output", other],
            ["data", "countdown", "--seed", value(rng), "--size", "1", "--test-size", "1", "--output", other],
            ["doctor", path],
            ["doctor", path, "--json", "--group", value(rng), "--page", other],
            ["check-loss", rng.choice(("nowhere:x", ":", "a.b", "json:nothing", value(rng)))],
            [value(rng), value(rng)],
            [],
        )
    )
    if rng.random() < 0.2:  # noqa: PLR2004 - now and then
        found = [*found, value(rng)]
    if rng.random() < 0.1:  # noqa: PLR2004
        os.environ["COLUMNS"] = rng.choice(("1", "5", "20", "0", "-1", "x", "100000"))
    return found


def _run(rng: random.Random, paths: list[str]) -> list[str]:
    tasks, exhibits = list(registry.host().tasks()), list(catalogue())
    name = rng.choice((rng.choice(tasks), rng.choice(tasks), rng.choice(exhibits), rng.choice(exhibits), value(rng)))
    found = ["run", name]
    if name in tasks:
        found += FEW
    elif name in exhibits:
        found += ["--list"] if rng.random() < 0.7 else ["--scale", "smoke"]  # noqa: PLR2004 - mostly the list
    for _ in range(rng.randint(0, 3)):
        if rng.random() < 0.35:  # noqa: PLR2004
            told = rng.choice((value(rng), value(rng), rng.choice(NESTED)))
            found += ["--set", f"{rng.choice(SETTINGS)}={told}"]
        else:
            found += [rng.choice(FLAGS), value(rng)]
    return [*found, "--output", rng.choice(paths)] if rng.random() < 0.95 else [*found, "--output", value(rng)]  # noqa: PLR2004
