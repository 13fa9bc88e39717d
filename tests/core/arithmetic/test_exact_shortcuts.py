"""The exact tier's shortcuts, fewer operations on NumPy and a table of counts: they change no bit."""

import numpy as np
import pytest

import tpo
from tests.libraries import NAMES, Library
from tpo.core.arithmetic import exact, members
from tpo.plugins import registry
from tpo.testing.golden import families

SIZES = (1, 3, 17, 129)
DTYPES = ("float32", "float64")
every_dtype = pytest.mark.parametrize("dtype", DTYPES)
STANDARDIZERS = (
    tpo.ZScore(),
    tpo.ZScore(floor=0.1),
    tpo.Centred(),
    tpo.LeaveOneOut(),
    tpo.MeanScaled(),
    tpo.Ranks(),
    tpo.BatchZScore(),
)


def everything(dtype):
    """Standardized scores and targets of adversarial groups of several sizes, some slots masked."""
    found = []
    for size in SIZES:
        log_probs, scores, _ = families.groups(size, dtype, each=2, seed=5)
        mask = np.random.default_rng(size).random(scores.shape) < 0.8
        found += [tpo.target(log_probs, scores, eta, mask=mask) for eta in (0.25, 1.0)]
        found += [tpo.standardize(scores, standardizer=s, precision="exact") for s in STANDARDIZERS]
    return found


def assert_same_bits(ours, others):
    for one, other in zip(ours, others, strict=True):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


@every_dtype
def test_numpy_gives_the_bits_of_the_operations_that_other_libraries_run(monkeypatch, dtype):
    ours = everything(dtype)
    monkeypatch.setattr(exact, "ARITHMETICS", {})
    assert_same_bits(ours, everything(dtype))


@every_dtype
def test_what_is_known_of_counts_is_the_same_from_the_table_and_computed(monkeypatch, dtype):
    ours = everything(dtype)
    monkeypatch.setattr(members, "LARGEST_TABULATED", 0)
    assert_same_bits(ours, everything(dtype))


@every_dtype
def test_groups_longer_than_the_table_are_standardized_as_short_ones(dtype):
    pair = np.asarray([[3.0, 1.0]], dtype)
    size = members.LARGEST_TABULATED + 1
    mask = np.arange(size) < 2
    wide = np.concatenate([pair, np.full((1, size - 2), 7.0, dtype)], axis=1)
    u = tpo.standardize(wide, mask=np.broadcast_to(mask, wide.shape), precision="exact")
    assert u[:, :2].tolist() == [[1.0, -1.0]]
    assert not u[:, 2:].any()


def test_numpy_rounds_low_words_below_the_normal_range_as_other_libraries_do(monkeypatch):
    """Products in float64 would keep more low words, and give other bits."""
    scores = np.random.default_rng(0).normal(size=(400, 2)) * 1e-8
    scores[0] = 2e29, -2e29
    scores = scores.astype(np.float32)

    def standardized():
        return tpo.standardize(scores, standardizer=tpo.BatchZScore(centre_groups=True), precision="exact")

    ours = standardized()
    assert 1e-38 < np.median(np.abs(ours)) < 1e-36
    monkeypatch.setattr(exact, "ARITHMETICS", {})
    assert_same_bits([ours], [standardized()])


FAR = {
    "the higher word decides": ([7.3, 4.6, -np.inf], [-1.6e3, -2e26, 0.0], [1.0, 0.0, 0.0]),
    "the lower words decide": ([0.0, 0.0, 0.0], [2.0**25 + 4, 2.0**25, 0.0], [0.98201379, 0.01798621, 0.0]),
    "log-probs decide between scores that are equal": ([0.0, -1.0, 2.0], [1e9, 1e9, 0.0], [0.7310586, 0.2689414, 0.0]),
    "log-probs weigh as much as scores": ([0.0, -1e9, -3.0], [-1e9, 3.0, -1e9], [0.0473142, 0.9503302, 0.0023556]),
}


@pytest.mark.parametrize("name", [*NAMES, "mlx"])
def test_scores_that_are_not_divided_may_be_far_apart(name):
    log_probs, scores, expected = (np.asarray(values, np.float32) for values in zip(*FAR.values(), strict=True))
    library = registry.backend(name) if name == "mlx" else Library(name)
    make = library.asarray if name == "mlx" else library.array
    own = tpo.target(*(make(x, dtype="float32") for x in (log_probs, scores)), standardizer=tpo.Centred())
    q = library.to_numpy(own) if name == "mlx" else library.numpy(own)
    np.testing.assert_allclose(q, expected, rtol=2e-5)
    assert_same_bits([q], [tpo.target(log_probs, scores, standardizer=tpo.Centred())])


def test_a_steep_tilt_may_be_as_far_as_the_log_probs():
    log_probs, scores = (np.asarray(x, np.float32) for x in ([-8e9, -100.0], [1.0, 0.0]))
    assert tpo.target(log_probs, scores, 1e-11).tolist() == [1.0, 0.0]
    assert tpo.target(log_probs, scores, 1e-9).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("standardizer", STANDARDIZERS, ids=str)
def test_what_is_called_bounded_is(standardizer):
    scores = np.asarray([[1e30] + [0.0] * 15, [1e-30] + [0.0] * 15, list(range(16))])
    furthest = np.abs(tpo.standardize(scores, standardizer=standardizer)).max()
    assert bool(furthest <= scores.size**0.5) == standardizer.bounded


def test_differences_beyond_the_range_leave_every_target_finite():
    scores = np.asarray([[3e38, -3e38], [1.0, 0.0]], np.float32)
    q = tpo.target(np.zeros_like(scores), scores, standardizer=tpo.LeaveOneOut())
    np.testing.assert_allclose(q, [[1.0, 0.0], [0.880797, 0.119203]], atol=1e-6)
