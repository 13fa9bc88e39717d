"""Golden digests: the same everywhere, and any other bit is an error that says where."""

import numpy as np
import pytest

import tpo
from tests.conformance.runners import adapter, strict
from tests.conformance.runners import torch as torch_runners
from tpo.testing import golden


@pytest.mark.parametrize("run", [adapter.numpy, adapter.torch, strict.eager, torch_runners.vmap])
def test_libraries_give_the_golden_bits(run):
    golden.check(run)


def test_the_file_has_a_digest_for_every_dtype_and_quantity():
    recorded = golden.recorded()
    assert list(recorded) == ["float32", "float64"]
    assert all(tuple(digests) == golden.QUANTITIES for digests in recorded.values())
    assert len({digest for digests in recorded.values() for digest in digests.values()}) == 10


def test_one_flipped_bit_is_located():
    def flipped(function, arrays):
        u, *targets = (np.array(x) for x in function(*arrays))
        if u.shape[1] == 8 and u.dtype == np.float64:
            u[10, 0] = np.nextafter(u[10, 0], 9)
        return u, *targets

    u = golden.exact(*golden.groups("float64", 8))[0][10, 0]
    with pytest.raises(golden.GoldenError) as caught:
        golden.check(flipped)
    assert str(caught.value) == (
        "the exact tier must give the golden bits; got others for u in float64. First difference from NumPy: u, K=8, "
        f"group 10, candidate 0: {float(np.nextafter(u, 9)).hex()}, NumPy {float(u).hex()}."
    )
    assert isinstance(caught.value, tpo.TPOError)
    golden.check(flipped, ["float32"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_groups_are_whole_numbers_times_a_power_of_two_and_hold_every_case(dtype):
    log_probs, scores, mask = golden.groups(dtype, 17)
    for numbers in (log_probs[np.isfinite(log_probs)], scores[np.arange(40) % 5 != 4]):
        scaled = numbers.astype(np.float64) * 2.0**60
        assert (scaled == np.floor(scaled)).all()
    assert log_probs.dtype == scores.dtype == dtype
    assert np.isneginf(log_probs).any()
    assert (mask.all(-1)).sum() >= 13
    assert (~mask).any(-1).sum() >= 20
    assert (scores.min(-1) == scores.max(-1)).sum() == 8
    assert np.abs(scores).max() > 1e17
