"""Runners for PyTorch: vmap over groups, and inside compiled functions."""

import functools

import torch

import tpo

COMPILATIONS = 64
"""One per temperature, size and dtype."""


def tensors(arrays):
    return [torch.from_numpy(array.copy()) for array in arrays]


def vmap(function, arrays):
    return [x.numpy() for x in torch.func.vmap(function)(*tensors(arrays))]


@functools.cache
def compiled_once(function):
    return torch.compile(function, dynamic=False, recompile_limit=COMPILATIONS)


def compiled(function, arrays):
    return [x.numpy() for x in compiled_once(function)(*tensors(arrays))]


def carried(function, arrays):
    """The exact tier outside, its results carried through a compiled training step that computes with them."""
    log_probs, scores, mask = tensors(arrays)
    results = function(log_probs, scores, mask)
    _, kept = compiled_once(training_step)(log_probs, mask, *results)
    return [x.numpy() for x in kept]


def training_step(log_probs, mask, u, *targets):
    """The log-probs after a step towards every target, and the numbers that it computed with."""
    kept = [torch.where(mask, x, 0.0) for x in (u, *targets)]
    possible = log_probs.nan_to_num(neginf=-1e4)
    step = sum(tpo.candidate_weights(q, possible, mask=mask) for q in kept[1:])
    return possible - 0.1 * step, kept
