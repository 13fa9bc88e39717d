"""Muon for PyTorch, as optax computes it, batched over seeds and over matrices of one shape.

`torch.optim.Muon` cannot follow optax: it works in bfloat16, on two axes only, scales by another factor and does not
correct the bias of its Nesterov momentum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from tpo_torch.nesterov import nesterov_factors

if TYPE_CHECKING:
    from tpo import Muon

Tensors = list[torch.Tensor]


@dataclass(frozen=True)
class MuonRule:
    """Muon's update, orthogonalized momentum, of parameters `[S, fan_in, fan_out]`; each seed's matrix is separate."""

    rule: Muon
    learning_rate: float

    def init(self, params: Tensors) -> dict[str, Any]:
        """Create momenta of 0, and the count of updates."""
        return {
            "momentum": [torch.zeros_like(p) for p in params],
            "count": torch.zeros((), dtype=torch.int64),
        }

    def update(self, params: Tensors, grads: Tensors, state: dict[str, Any]) -> None:
        """Update `params` and `state` in place."""
        beta, momentum = self.rule.beta, state["momentum"]
        state["count"] += 1
        along, now = nesterov_factors(beta, int(state["count"]))
        ahead = []
        for grad, moment in zip(grads, momentum, strict=True):
            moment.lerp_(grad, 1 - beta)
            ahead.append((moment * along).add_(grad, alpha=now))
        for param, direction in zip(params, self._orthogonalize_all(ahead), strict=True):
            fan_in, fan_out = param.shape[-2:]
            param.add_(direction, alpha=-self.learning_rate * max(1.0, fan_out / fan_in) ** 0.5)

    def _orthogonalize_all(self, matrices: Tensors) -> Tensors:
        """Orthogonalize matrices, batching those whose shapes are equal up to a transpose."""
        wide = [m.mT if m.shape[-2] > m.shape[-1] else m for m in matrices]
        by_shape: dict[torch.Size, list[int]] = {}
        for index, matrix in enumerate(wide):
            by_shape.setdefault(matrix.shape, []).append(index)
        for indices in by_shape.values():
            batch = self._orthogonalize(torch.cat([wide[i] for i in indices]))
            for index, result in zip(indices, batch.chunk(len(indices)), strict=True):
                wide[index] = result
        pairs = zip(wide, matrices, strict=True)
        return [w.mT if m.shape[-2] > m.shape[-1] else w for w, m in pairs]

    def _orthogonalize(self, x: torch.Tensor) -> torch.Tensor:
        """Orthogonalize `[N, rows, columns]`, rows <= columns, by Newton-Schulz iterations."""
        linear, cubic, quintic = self.rule.coefficients
        x = x / (torch.linalg.matrix_norm(x, keepdim=True) + self.rule.eps)
        for _ in range(self.rule.iterations):
            gram = x @ x.mT
            polynomial = torch.baddbmm(gram, gram, gram, beta=cubic, alpha=quintic)
            x = torch.baddbmm(x, polynomial, x, beta=linear)
        return x
