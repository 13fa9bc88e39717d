"""The recipes of *Your trainer*, read from the page, with data to run them on."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from types import SimpleNamespace

import torch

import tpo

PAGE = Path(__file__).parents[2] / "docs" / "your-trainer.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)

ALGORITHMS = (tpo.TPO(), tpo.TPO(anchor="ratio"), tpo.GRPO(), tpo.DAPO(), tpo.GSPO())
TOLERANCES = {torch.float32: 1e-6, torch.float64: 1e-12}
"""Tolerances relative to the largest entry of the gradient."""

PROMPTS, TIED = 6, 2


def load():
    """Run the code of the page and return its definitions."""
    namespace = {"__name__": "your_trainer"}
    exec("\n".join(BLOCK.findall(PAGE.read_text(encoding="utf-8"))), namespace)  # noqa: S102 - the project's own page
    return SimpleNamespace(**namespace)


def moved(page, algorithm, prompts=PROMPTS):
    """Make a policy that has moved since its rollout, and the rows, with one tied group."""
    torch.manual_seed(1)
    policy = page.Policy()
    rows = page.rollout(algorithm, policy, prompts)
    rows["scores"][rows["prompt"] == TIED] = 1.0
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.add_(3e-3 * torch.randn_like(parameter))
    return policy, rows


def part(rows, chosen):
    """Some of the rows."""
    return {name: tensor[chosen] for name, tensor in rows.items()}


def relative_error(found, expected):
    """The largest deviation as a share of the largest entry."""
    return float(abs(found - expected).max() / abs(expected).max())


def expected_gradient(page, algorithm, policy, rows):
    """The gradient of one process with all the rows, which must not be close to 0."""
    gradient = page.gradient(page.one_process, algorithm, copy.deepcopy(policy), rows)
    assert abs(gradient).max() > 1e-3
    return gradient
