"""Golden digests are the same everywhere, and a wrong bit is an error that locates it."""

from functools import partial

import numpy as np
import pytest

import tpo
from tests.testing.mutants.boxes import BoxedBackend
from tools.conformance.runners import adapter, strict
from tools.conformance.runners import torch as torch_runners
from tpo.testing.golden import digests, oracle
from tpo.testing.golden.corpus import ETAS
from tpo.testing.golden.ulp import ulp_errors


@pytest.mark.parametrize(
    "run", [partial(adapter.eager, "numpy"), partial(adapter.eager, "torch"), strict.eager, torch_runners.vmap]
)
def test_libraries_give_the_golden_bits(run):
    digests.check(run)


def test_the_file_has_a_digest_for_every_section_dtype_and_quantity():
    recorded = digests.recorded()
    assert list(recorded) == list(digests.SECTIONS) == ["ordinary", "tiny or close", "long"]
    assert all(list(digests) == ["float32", "float64"] for digests in recorded.values())
    by_dtype = [digests for section in recorded.values() for digests in section.values()]
    assert all(tuple(found) == digests.QUANTITIES for found in by_dtype)
    assert len({digest for digests in by_dtype for digest in digests.values()}) == 30


def test_one_flipped_bit_is_located():
    def flipped(function, arrays):
        u, *targets = (np.array(x) for x in function(*arrays))
        if u.shape[1] == 8 and u.dtype == np.float64:
            u[10, 0] = np.nextafter(u[10, 0], 9)
        return u, *targets

    u = digests.exact(*digests.groups("float64", 8))[0][10, 0]
    with pytest.raises(digests.GoldenError) as caught:
        digests.check(flipped)
    assert str(caught.value) == (
        "the exact tier must give the golden bits; got others for u in float64. First difference from NumPy: u, K=8, "
        f"group 10 (ordinary), candidate 0: {float(np.nextafter(u, 9)).hex()}, NumPy {float(u).hex()}."
    )
    assert isinstance(caught.value, tpo.TPOError)
    digests.check(flipped, ["float32"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_groups_are_whole_numbers_times_a_power_of_two_and_hold_every_case(dtype):
    log_probs, scores, mask = digests.groups(dtype, 17)
    for numbers in (log_probs[np.isfinite(log_probs)], scores[np.arange(40) % 5 != 4]):
        scaled = numbers.astype(np.float64) * 2.0**60
        assert (scaled == np.floor(scaled)).all()
    assert log_probs.dtype == scores.dtype == dtype
    assert np.isneginf(log_probs).any()
    assert (mask.all(-1)).sum() >= 13
    assert (~mask).any(-1).sum() >= 20
    assert (scores.min(-1) == scores.max(-1)).sum() == 8
    assert np.abs(scores).max() > 1e17


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_other_groups_are_tiny_or_at_most_two_units_in_the_last_place_apart(dtype):
    log_probs, scores, mask = digests.close_groups(dtype, 17)
    kinds = np.arange(40) % 6
    least, most = np.abs(scores).min(-1), np.abs(scores).max(-1)
    assert log_probs.dtype == scores.dtype == dtype
    assert np.abs(scores[scores != 0]).min() > np.finfo(dtype).tiny
    assert most[kinds == 0].max() < 1e-29
    for kind in (1, 2, 3):
        units = np.spacing(least[kinds == kind])
        apart = (scores.max(-1) - scores.min(-1))[kinds == kind] / units
        assert set(apart) <= {0, 1, 2}
        assert apart.max() == 2
    assert np.isin(scores[kinds == 4], [0, 2.0**-100]).all()
    assert most[kinds == 5].max() < (1e-29 if dtype == "float32" else 1e-270)
    assert mask.all(-1).sum() == 30


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_targets_of_the_other_groups_are_true(dtype):
    for size in digests.SIZES:
        log_probs, scores, mask = digests.close_groups(dtype, size)
        u, *targets = digests.exact(log_probs, scores, mask)
        assert ulp_errors(u, *oracle.standardize(scores, mask)).max() <= 0.65
        for ours, truth in zip(targets, oracle.targets(log_probs, scores, ETAS, mask), strict=True):
            assert ulp_errors(ours, *truth).max() <= 0.55


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_targets_of_long_groups_are_true(dtype):
    for size in digests.LONG_SIZES[:3]:
        log_probs, scores, mask = (values[:10] for values in digests.groups(dtype, size))
        u, *targets = digests.exact(log_probs, scores, mask)
        assert ulp_errors(u, *oracle.standardize(scores, mask)).max() <= 0.65
        for ours, truth in zip(targets, oracle.targets(log_probs, scores, ETAS, mask), strict=True):
            assert ulp_errors(ours, *truth).max() <= 0.55


def loosely_equal(one, other):
    return np.isclose(one, other, rtol=0, atol=1e-12)


def test_a_library_that_compares_loosely_passes_the_ordinary_groups_alone(monkeypatch):
    backend = BoxedBackend(altered={"eq": loosely_equal, "ne": lambda one, other: ~loosely_equal(one, other)})

    def run(function, arrays):
        return [backend.to_numpy(x) for x in function(*map(backend.asarray, arrays))]

    with pytest.raises(digests.GoldenError, match=r"group \d+ \(tiny or close\)"):
        digests.check(run, ["float64"])
    monkeypatch.setattr(digests, "SECTIONS", {"ordinary": digests.SECTIONS["ordinary"]})
    digests.check(run, ["float64"])
