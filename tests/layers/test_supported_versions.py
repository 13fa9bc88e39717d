"""The supported versions are those that the conformance matrix runs."""

import re
import tomllib
from pathlib import Path

import pytest

from tools.conformance.rows import ENVIRONMENTS

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    requirement.partition(";")[0]
    for requirement in [*PROJECT["dependencies"], *EXTRAS["jax"], *EXTRAS["torch"], *EXTRAS["mlx"][:1]]
    if not requirement.startswith("tpo[")
]
PYTHONS = sorted({environment.python for environment in ENVIRONMENTS})


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_every_lower_bound_is_installed_in_a_row(requirement):
    assert requirement.count(">=") == 1
    assert requirement.replace(">=", "==") in {package for found in ENVIRONMENTS for package in found.packages}


def test_the_bounds_of_mlx_are_the_same_everywhere():
    assert [bound.partition(";")[0].replace("[cpu]", "") for bound in EXTRAS["mlx"][:2]] == ["mlx>=0.32.0"] * 2


def test_the_pythons_are_those_of_the_matrix():
    stated = [line.rpartition(" :: ")[2] for line in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", line)]
    assert stated == PYTHONS == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


def test_the_readme_says_the_same():
    words = (ROOT / "README.md").read_text().partition("## Supported versions\n")[2].partition("\n## ")[0]
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in words
    bounds = dict(re.split(r"(?:\[cpu\])?>=", requirement) for requirement in REQUIREMENTS)
    stated = dict(re.findall(r"(NumPy|JAX|optax|PyTorch|MLX) (\d[\d.]*\d)", words))
    libraries = {"NumPy": "numpy", "JAX": "jax", "optax": "optax", "PyTorch": "torch", "MLX": "mlx"}
    assert stated == {name: bounds[package] for name, package in libraries.items()}
