"""Targets of scores of any size, by standardizers that do not bound them, against rational numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import tpo

SIZES = {"float32": (1e3, 1e9, 2e9, 1e20, 1e35, 1e38), "float64": (1e9, 1e18, 2e22, 1e250, 1e307)}
ETAS = (1e-30, 1e-6, 0.5, 1.0, 1.0000001, 1e6, 1e30)
SHARES = {"centred": lambda _: 1, "leave-one-out": lambda count: Fraction(count, count - 1)}
STANDARDIZERS = {"centred": tpo.Centred(), "leave-one-out": tpo.LeaveOneOut()}


def expected(log_probs, scores, eta, share):
    """The target in rational numbers, but for the exponential."""
    scores = [Fraction(float(score)) for score in scores]
    u = [share(len(scores)) * (score - sum(scores) / len(scores)) for score in scores]
    exponents = [Fraction(float(own)) + one / Fraction(eta) for own, one in zip(log_probs, u, strict=True)]
    masses = np.asarray([math.exp(max(one - max(exponents), -800)) for one in exponents])
    return masses / masses.sum()


@pytest.mark.parametrize(("precision", "eps"), [("exact", 0.6), ("fast", 40.0)])
@pytest.mark.parametrize("name", STANDARDIZERS)
@pytest.mark.parametrize("dtype", SIZES)
@pytest.mark.filterwarnings("error")
def test_the_target_of_large_scores_is_right(dtype, name, precision, eps):
    rng = np.random.default_rng(5)
    # By the plain formula, scores near the end of the range are scaled down.
    for size in SIZES[dtype][: None if precision == "exact" else -1]:
        scores = (np.clip(rng.normal(size=(40, 5)) / 3, -1, 1) * size).astype(dtype)
        log_probs = np.log(rng.dirichlet(np.ones(5), 40)).astype(dtype)
        for eta in ETAS:
            q = tpo.target(log_probs, scores, eta, standardizer=STANDARDIZERS[name], precision=precision)
            right = np.stack([expected(*row, eta, SHARES[name]) for row in zip(log_probs, scores, strict=True)])
            # Where the tilt is large, rounding the scores to double words moves it by more than a rounding of q.
            tilt = min(float(np.abs(scores).max()) / eta, 1e3) if precision == "fast" else 1.0
            assert np.abs(q - right).max() <= eps * max(tilt, 1.0) * np.finfo(dtype).eps, (size, eta)


def test_every_library_has_the_same_bits_of_them(backend):
    for scores in ([[2e22, 0.0, 0.0]], [[1e300, -1e300, 1.0]], [[1.2e308, 1.1e308, -5e307]]):
        for eta in (1.0, 1e-30, 0.5):
            log_probs, given = backend.array(np.log([[0.5, 0.25, 0.25]])), backend.array(scores)
            q = tpo.target(log_probs, given, eta, standardizer=tpo.Centred())
            assert backend.numpy(q).tolist() == [[1.0, 0.0, 0.0]]
