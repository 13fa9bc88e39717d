"""Everything that is run on this project, from the first training to the release checks."""

from __future__ import annotations

import argparse

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["quickstart"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
CONSTRAINED = ("--constraint", "constraints.txt")
TORCH = ("torch", *CONSTRAINED)
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


def install(session: nox.Session, *extras: str, groups: tuple[str, ...] = ()) -> None:
    """Install the project with `extras` and dependency `groups`; PyTorch first, so that its CPU build is taken."""
    if "torch" in extras:
        session.install(*TORCH)
    project = f".[{','.join(extras)}]" if extras else "."
    session.install("-e", project, *nox.project.dependency_groups(PYPROJECT, *groups), *CONSTRAINED)


def backend_asked_for(arguments: list[str]) -> str:
    """The value of `--backend` in command-line arguments; JAX if it is not there."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--backend", default="jax")
    known, _ = parser.parse_known_args(arguments)
    return str(known.backend)


@nox.session(python="3.11")
def quickstart(session: nox.Session) -> None:
    """Train TPO, GRPO, PPO and DG on token reversal: a table, a figure, the numbers. Takes the options of `tpo run`."""
    backend = backend_asked_for(session.posargs)
    install(session, backend, "report")
    defaults = ("--backend", backend, "--output", f"runs/quickstart-{backend}")
    session.run("tpo", "run", *QUICKSTART, *defaults, *session.posargs)


@nox.session(python="3.11")
def tests(session: nox.Session) -> None:
    """The tests, on every backend. Takes the options of pytest."""
    install(session, "torch", "jax", "report", groups=("tests",))
    session.run("pytest", *(session.posargs or ("-n", "2", "--dist", "loadscope")))


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Style and formatting."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(python="3.11")
def types(session: nox.Session) -> None:
    """Strict static types."""
    install(session, "torch", "jax", "report", groups=("types",))
    session.run("mypy")


@nox.session(python="3.11")
def bench(session: nox.Session) -> None:
    """Seconds per training step on both backends, in turn. Takes the options of `benchmarks/step.py`."""
    install(session, "torch", "jax")
    session.run("python", "benchmarks/step.py", *session.posargs)


@nox.session(python="3.11")
def docs(session: nox.Session) -> None:
    """The documentation as a site, in `site/`."""
    install(session, groups=("docs",))
    session.run("mkdocs", "build", "--strict", *session.posargs)
