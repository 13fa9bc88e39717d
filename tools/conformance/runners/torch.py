"""Runners for PyTorch: vmap over groups, and inside compiled functions."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch

import tpo

if TYPE_CHECKING:
    from tools.conformance.measure import Arrays, Function

COMPILATIONS = 64
"""Limit on the number of compilations: one per temperature, size and dtype."""


def tensors(arrays: Arrays) -> list[torch.Tensor]:
    """Convert NumPy arrays to tensors; copies, because PyTorch warns of read-only arrays."""
    return [torch.from_numpy(array.copy()) for array in arrays]


def vmap(function: Function, arrays: Arrays) -> Arrays:
    """The results of the function mapped over the groups."""
    return [x.numpy() for x in torch.func.vmap(function)(*tensors(arrays))]


@functools.cache
def compiled_once(function: Function) -> Function:
    """The compiled function."""
    return torch.compile(function, dynamic=False, recompile_limit=COMPILATIONS)


def compiled(function: Function, arrays: Arrays) -> Arrays:
    """The results of the compiled function."""
    return [x.numpy() for x in compiled_once(function)(*tensors(arrays))]


def carried(function: Function, arrays: Arrays) -> Arrays:
    """Compute the exact tier eagerly, and pass its results through a compiled training step that uses them."""
    log_probs, scores, mask = tensors(arrays)
    results = function(log_probs, scores, mask)
    _, kept = compiled_once(training_step)(log_probs, mask, *results)
    return [x.numpy() for x in kept]


def training_step(log_probs: Any, mask: Any, u: Any, *targets: Any) -> tuple[Any, list[Any]]:
    """Take a gradient step towards every target; return the new log-probs, and the inputs of the step."""
    kept = [torch.where(mask, x, 0.0) for x in (u, *targets)]
    possible = log_probs.nan_to_num(neginf=-1e4)
    step = sum(tpo.candidate_weights(q, possible, mask=mask) for q in kept[1:])
    return possible - 0.1 * step, kept
