"""The help texts are complete and fast."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

import tpo as package
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.arms import algorithms_of
from tpo.plugins import registry


def python(code):
    """Run `code` in a fresh interpreter and return its output."""
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    return run.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments):
    code = f"""
    import sys
    from tpo.cli import main
    try:
        main({arguments})
    except SystemExit:
        pass
    print(sorted({{"numpy", "jax", "torch", "optax", "matplotlib", "rich"}} & set(sys.modules)))
    """
    assert python(code).splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["list"], ["run", "--help"], ["run", "token-reversal", "--steps", "0"]])
def test_no_framework_is_imported_unless_something_is_trained(arguments):
    code = f"""
    import sys
    from tpo.cli import main
    try:
        main({arguments})
    except SystemExit:
        pass
    print(sorted({{"jax", "torch", "optax", "matplotlib"}} & set(sys.modules)))
    """
    assert python(code).splitlines()[-1] == "[]"


def test_the_module_is_the_command():
    run = subprocess.run([sys.executable, "-m", "tpo", "--version"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, f"tpo, version {package.__version__}\n", "")


def test_help_lists_the_commands(tpo):
    outcome = tpo("--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert "  list           Show what is registered: algorithms, tasks, backends.\n" in outcome.out
    assert "  check-loss     Check a loss function of yours against the laws of group" in outcome.out
    assert "  run            Train on a task, or run a table or figure of the paper.\n" in outcome.out
    assert "  explain-batch  Show how a trainer's settings divide a batch.\n" in outcome.out
    assert "    tpo run token-reversal --algorithms tpo,grpo --steps 100\n" in outcome.out


def test_help_lists_the_tasks(tpo):
    outcome = tpo("run", "--help")
    assert outcome.code == 0
    assert "Tasks, tables and figures:\n" in outcome.out
    assert "  token-reversal         a transformer copies, flips or reverses a prompt\n" in outcome.out


def test_help_of_a_task_shows_flags_defaults_and_examples(tpo):
    outcome = tpo("run", "token-reversal", "--help")
    assert outcome.code == 0
    words = " ".join(outcome.out.split())
    for line in (
        "--vocab-size INTEGER Distinct tokens, at least 2. [default: 2]",
        "--reward TEXT What is rewarded: bag-of-tokens, sequential or terminal. [default: bag-of-tokens]",
        "--backend [jax|torch] Array library to train on. [default: jax]",
        "--group-size, --num-generations INTEGER Candidates per group. [default: (each algorithm's own)]",
        "--steps INTEGER Rollouts per algorithm and seed. [default: 100]",
        "--output DIR Where results are kept. [default: runs/token-reversal]",
        "tpo run token-reversal --steps 5 --seeds 2",
    ):
        assert line in words
    assert max(map(len, outcome.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ("run", "table1"),
            (
                "Size of the run: paper is the whole.",
                "What runs the cells.",
                "Address of a running cluster, for --launcher ray.",
                "Where to train, such as cpu or cuda:0.",
                "Train only what fits into this many hours, the cheapest first.",
            ),
        ),
        (("run", "token-reversal"), ("Learning rate of the optimizer.", "Floating dtype to train in.")),
        (("run", "multi-context-bandit"), ("Number of contexts, N.", "Number of arms, K; the first arm is")),
        (("report",), ("The page to write. [default: (FOLDER/report.html)]",)),
        (
            ("explain-batch",),
            ("The trainer that the settings are for. [default: (the installed one, if there is only one)]",),
        ),
        (("check-loss",), ("Check a loss function of yours against the laws of group losses.",)),
    ],
)
def test_the_help_of_an_option_can_be_read_without_its_name(tpo, arguments, lines):
    words = " ".join(tpo(*arguments, "--help").out.split())
    for line in lines:
        assert line in words


@pytest.mark.parametrize("name", ["single-context-bandit", "multi-context-bandit", "figure3", "figure4"])
def test_help_of_a_bandit_lists_all_backends(tpo, name):
    words = " ".join(tpo("run", name, "--help").out.split())
    assert f"--backend [{'|'.join(registry.host().backends())}] Array library to train on. [default: " in words
    assert "numpy" in registry.host().backends()


def test_help_of_what_needs_gradients_lists_those_that_differentiate(tpo):
    words = " ".join(tpo("run", "table1", "--help").out.split())
    assert "--backend [jax|torch] Array library to train on. [default: (jax)]" in words


@pytest.mark.parametrize("name", [*registry.host().tasks(), *catalogue()])
def test_every_task_and_exhibit_can_be_asked_for_help(tpo, name):
    outcome = tpo("run", name, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: tpo run {name} [OPTIONS]")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("token-reversal", ["sequence", "sequence-sqrt", "sequence-mean", "token", "batch"]),
        ("single-context-bandit", ["actions"]),
        ("mnist", ["batch", "actions", "scored-actions"]),
        ("cart-pole", ["sequence", "sequence-sqrt", "sequence-mean", "sequence-tokens", "batch"]),
    ],
)
def test_the_groupings_of_the_help_are_those_that_the_task_accepts(tpo, name, expected):
    text = " ".join(tpo("run", name, "--help").out.split())
    assert f"one context: {', '.join(expected)}. [default" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("token-reversal", "tpo,grpo,ppo,dg"),
        ("single-context-bandit", "reinforce,grpo,dg,tpo"),
        ("cart-pole", "tpo,grpo,dr-grpo,rloo"),
    ],
)
def test_the_algorithms_of_the_help_are_those_that_the_task_runs(tpo, name, expected, monkeypatch):
    monkeypatch.setattr("click.formatting.FORCED_WIDTH", 120)
    text = " ".join(tpo("run", name, "--help").out.split())
    assert f"What to compare. [default: ({expected})]" in text
    assert list(algorithms_of(name)) == expected.split(",")


def test_of_a_task_that_cannot_be_asked_the_help_has_the_usual_algorithms():
    assert algorithms_of("no-such-task") == ("tpo", "grpo", "ppo", "dg")
