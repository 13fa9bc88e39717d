"""The parts of TRL that are not public and that this adapter overrides or calls, as they were when it was checked."""

from __future__ import annotations

import hashlib
import importlib
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKED = "1.16.0"
"""The version of TRL that the adapter was checked with."""

TRAINER, UTILITIES = "trl.trainer.grpo_trainer:GRPOTrainer", "trl.trainer.utils"

DIGESTS: Mapping[str, str] = {
    f"{TRAINER}.training_step": "9e18632f7dd8e8d8",
    f"{TRAINER}._prepare_inputs": "f824e7fb07147956",
    f"{TRAINER}._calculate_rewards": "736ae29b083840b5",
    f"{TRAINER}._generate_and_score_completions": "1fa48922792dcd5c",
    f"{TRAINER}._get_per_token_logps_and_entropies": "ea73c3909275851d",
    f"{TRAINER}._compute_loss": "80295546bbdbf6f7",
    f"{UTILITIES}:split_pixel_values_by_grid": "3aca66e33a7978d3",
    f"{UTILITIES}:unsplit_pixel_values_by_grid": "9d31b407fc5f4399",
    f"{UTILITIES}:split_tensor_dict": "b61a5760a03e95db",
}
"""Digests of the sources of the overridden parts."""


def changed() -> dict[str, str]:
    """Find the parts whose source differs from the checked one, each with its digest, or `gone` if it is missing."""
    found = {name: _digest(name) for name in DIGESTS}
    return {name: digest for name, digest in found.items() if digest != DIGESTS[name]}


def _digest(name: str) -> str:
    module, _, path = name.partition(":")
    try:
        part: Any = importlib.import_module(module)
        for step in path.split("."):
            part = getattr(part, step)
    except (ImportError, AttributeError):
        return "gone"
    return hashlib.sha256(inspect.getsource(inspect.unwrap(part)).encode()).hexdigest()[:16]
