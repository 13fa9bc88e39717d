"""A lower limit of the time of a step: its matrix products at this machine's rate for matrices of those shapes."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np

from tpo import Muon, groupings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tpo import Arm, Transformer

SECONDS = 0.5
"""Seconds for which products of each shape are repeated."""


def step_flops(policy: Transformer, arm: Arm, distinct: float) -> float:
    """Floating-point operations of the matrix products in a step: a rollout, and per epoch three times a forward pass.

    A prompt is encoded once for all of its completions. The `distinct` different completions per prompt are decoded and
    evaluated. The backward pass costs two forward passes, and each epoch ends with the iterations of Muon.
    """
    forward = forward_flops(policy, arm.batch_size, distinct)
    return forward + arm.epochs * (3 * forward + muon_flops(policy))


def completions_of(arm: Arm) -> int:
    """The number of completions sampled per prompt."""
    return groupings.token_groups(arm.grouping).sampling(arm).completions


def forward_flops(policy: Transformer, batch: int, completions: float) -> float:
    """Floating-point operations of a forward pass over `batch` prompts with `completions` each."""
    d, v, layers = policy.width, policy.vocab_size, policy.layers
    prompt, later = policy.prompt_length, policy.completion_length - 1
    kernels = (4 + 2 * policy.expansion) * d * d
    # The last layer needs keys and values at all positions of the prompt, but the rest only at the last position.
    of_prompt = (layers - 1) * prompt * kernels + prompt * 2 * d * d + kernels - 2 * d * d
    seen_by_prompt = (layers - 1) * prompt * (prompt + 1) / 2 + prompt
    seen_later = layers * sum(prompt + 1 + t for t in range(later))
    products = of_prompt + v * d + 2 * d * seen_by_prompt
    products += completions * (later * (layers * kernels + v * d) + 2 * d * seen_later)
    return 2.0 * batch * products


def muon_flops(policy: Transformer) -> float:
    """Floating-point operations of Muon's Newton-Schulz iterations on all matrices."""
    of_one = sum(2 * s * s * n + s**3 for s, n in (sorted(shape) for shape in matrix_shapes(policy)))
    return 2.0 * Muon().iterations * of_one


def matrix_shapes(policy: Transformer) -> Iterator[tuple[int, ...]]:
    """Shapes of the parameters that Muon updates."""
    params = policy.initial_parameters(np.random.default_rng(0))
    return (params[name].shape for name in policy.matrices)


def gemm_rate(policy: Transformer, rows: int) -> float:
    """Measure floating-point operations per second in a layer's products over `rows` tokens, by the faster library."""
    import torch  # noqa: PLC0415 - not part of what other modules measure

    d, wide = policy.width, policy.width * policy.expansion
    rng = np.random.default_rng(0)
    flops = seconds = 0.0
    for inner, outer in ((d, 3 * d), (d, d), (d, wide), (wide, d)):
        a, b = (rng.normal(size=shape).astype(np.float32) for shape in ((rows, inner), (inner, outer)))
        ta, tb = torch.from_numpy(a), torch.from_numpy(b)
        flops += 2.0 * rows * inner * outer
        seconds += min(_median_seconds(np.matmul, a, b), _median_seconds(torch.matmul, ta, tb))
    return flops / seconds


def _median_seconds(multiply: object, a: object, b: object) -> float:
    spent = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        started = time.perf_counter()
        multiply(a, b)  # type: ignore[operator]
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)
