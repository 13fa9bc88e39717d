"""The exact tier: the same bits in every library, and correct rounding to within a few per cent of the last place."""

import functools
from fractions import Fraction

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import tpo
from tpo.plugins import registry
from tpo.testing.golden import families, oracle
from tpo.testing.golden.ulp import ulp_errors

SIZE = 17
ETAS = (1.0, 1 / 3)
DTYPES = ("float32", "float64")


@functools.cache
def cases(dtype, size=SIZE, each=4):
    """Adversarial log-probs and scores, `[groups, K]`."""
    log_probs, scores, _ = families.groups(size, dtype, each, seed=3)
    return log_probs, scores


@functools.cache
def by_numpy(dtype, eta, size=SIZE):
    log_probs, scores = cases(dtype, size)
    return both(eta)(log_probs, scores)


def both(eta):
    """Standardized scores and targets, exactly."""

    def compute(log_probs, scores):
        return tpo.standardize(scores, precision="exact"), tpo.target(log_probs, scores, eta, precision="exact")

    return compute


def run_strict(compute, arrays, dtype):
    kind = getattr(array_api_strict, dtype)
    return compute(*(array_api_strict.asarray(x, dtype=kind) for x in arrays))


def run_torch(compute, arrays, dtype):
    del dtype
    return compute(*(torch.from_numpy(x.copy()) for x in arrays))


def run_torch_vmap(compute, arrays, dtype):
    del dtype
    return torch.func.vmap(compute)(*(torch.from_numpy(x.copy()) for x in arrays))


def run_jax(compute, arrays, dtype):
    with registry.backend("jax").precision(dtype):
        return compute(*(jnp.asarray(x) for x in arrays))


def run_jit(compute, arrays, dtype):
    return run_jax(jax.jit(compute), arrays, dtype)


def run_jax_vmap(compute, arrays, dtype):
    return run_jax(jax.jit(jax.vmap(compute)), arrays, dtype)


RUNNERS = [run_strict, run_torch, run_torch_vmap, run_jax, run_jit, run_jax_vmap]


def bits(array):
    values = np.asarray(array)
    return values.view(f"u{values.dtype.itemsize}")


@pytest.mark.parametrize("eta", ETAS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.__name__)
def test_every_library_gives_the_bits_of_numpy(runner, dtype, eta):
    for ours, reference in zip(runner(both(eta), cases(dtype), dtype), by_numpy(dtype, eta), strict=True):
        # Zeros may differ in sign: 0 * -1.
        np.testing.assert_array_equal(bits(np.asarray(ours) + 0.0), bits(reference + 0.0))


@pytest.mark.parametrize("eta", ETAS)
def test_mlx_gives_the_bits_of_numpy(eta):
    mlx = registry.backend("mlx")
    ours = both(eta)(*(mlx.asarray(x) for x in cases("float32")))
    for values, reference in zip(ours, by_numpy("float32", eta), strict=True):
        np.testing.assert_array_equal(bits(mlx.to_numpy(values) + np.float32(0)), bits(reference + np.float32(0)))


@pytest.mark.parametrize("eta", [1e-300, 1e-30, 1e-5, 1e5, 1e30, 1e300])
@pytest.mark.parametrize("dtype", DTYPES)
def test_any_eta_will_do(dtype, eta, monkeypatch):
    monkeypatch.setattr(oracle, "DIGITS", 400)
    scores = np.asarray([[1.0, 0.5, 0.0, 1.0], [3.0, 3.0, 3.0, 3.0]], dtype)
    log_probs = np.log(np.asarray([[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]])).astype(dtype)
    q = tpo.target(log_probs, scores, eta)
    assert ulp_errors(q, *oracle.target(log_probs, scores, eta)).max() <= 0.55
    assert bits(q).tolist() == bits(run_jit(lambda a, b: tpo.target(a, b, eta), (log_probs, scores), dtype)).tolist()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_single_and_rounded_once(dtype):
    log_probs, scores = (torch.from_numpy(x.copy()).to(getattr(torch, dtype)) for x in cases("float32"))
    possible = torch.isfinite(scores).all(-1)
    q = tpo.target(log_probs, scores)[possible]
    single = tpo.target(log_probs.float(), scores.float())[possible]
    assert q.dtype == getattr(torch, dtype)
    assert torch.equal(q, single.to(q.dtype))


@pytest.mark.parametrize("size", [3, 17, 129])
@pytest.mark.parametrize("dtype", DTYPES)
def test_errors_stay_near_half_a_unit_in_the_last_place(dtype, size):
    log_probs, scores = cases(dtype, size, each=2)
    u = tpo.standardize(scores, precision="exact")
    assert ulp_errors(u, *oracle.standardize(scores)).max() <= 0.65
    for eta in ETAS:
        q = tpo.target(log_probs, scores, eta, precision="exact")
        assert ulp_errors(q, *oracle.target(log_probs, scores, eta)).max() <= 0.55


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_order_of_the_candidates_changes_no_bit(dtype):
    log_probs, scores = cases(dtype)
    order = np.random.default_rng(0).permutation(SIZE)
    for permuted, straight in zip(both(1.0)(log_probs[:, order], scores[:, order]), by_numpy(dtype, 1.0), strict=True):
        np.testing.assert_array_equal(permuted, straight[:, order])


@pytest.mark.parametrize("padding", [1, 15, 111])
@pytest.mark.parametrize("dtype", DTYPES)
def test_masked_slots_change_no_bit(dtype, padding):
    log_probs, scores = cases(dtype)
    wide = [np.concatenate([x, np.full((len(x), padding), 7.0, x.dtype)], axis=1) for x in (log_probs, scores)]
    mask = np.arange(SIZE + padding) < SIZE
    mask = np.broadcast_to(mask, wide[0].shape)
    u = tpo.standardize(wide[1], mask=mask, precision="exact")
    q = tpo.target(*wide, mask=mask, precision="exact")
    for padded, plain in zip((u, q), by_numpy(dtype, 1.0), strict=True):
        np.testing.assert_array_equal(padded[:, :SIZE], plain)
        assert not padded[:, SIZE:].any()


@pytest.mark.parametrize("power", [-20, 13])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_power_of_two_that_scales_the_scores_changes_no_bit(dtype, power):
    scores = np.random.default_rng(1).normal(size=(200, SIZE)).astype(dtype)
    scaled = tpo.standardize(np.ldexp(scores, power), precision="exact")
    np.testing.assert_array_equal(scaled, tpo.standardize(scores, precision="exact"))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_group_does_not_depend_on_the_groups_beside_it(dtype):
    log_probs, scores = cases(dtype)
    q = by_numpy(dtype, 1.0)[1]
    for row in range(0, len(q), 37):
        alone = tpo.target(log_probs[row], scores[row], precision="exact")
        np.testing.assert_array_equal(alone, q[row])


def test_nan_stays_in_its_group_and_impossible_candidates_get_nothing():
    log_probs = np.asarray([[-1.0, -2.0, -3.0], [-1.0, -1.0, -np.inf], [-np.inf, -np.inf, -np.inf]])
    scores = np.asarray([[1.0, np.nan, 0.0], [0.0, 1.0, 2.0], [0.0, 1.0, 2.0]])
    q = tpo.target(log_probs, scores, precision="exact")
    assert np.isnan(q[0]).all()
    assert q[1, 2] == 0
    assert q[1].sum() == pytest.approx(1, abs=1e-15)
    assert q[2].tolist() == [0, 0, 0]


def test_tied_groups_leave_the_old_policy_bit_for_bit():
    rng = np.random.default_rng(2)
    log_probs = rng.normal(size=(500, 8)).astype(np.float32)
    q = tpo.target(log_probs, np.full((500, 8), 0.1, np.float32), precision="exact")
    assert not tpo.candidate_weights(q, log_probs, precision="exact").any()


def test_eta_is_the_number_given_even_where_float32_cannot_hold_it():
    log_probs, scores = np.zeros((1, 2), np.float32), np.asarray([[1.0, 0.0]], np.float32)
    q = tpo.target(log_probs, scores, 1 / 3, precision="exact")
    true = 1 / (1 + np.exp(-2 / (1 / 3)))
    assert abs(Fraction(float(q[0, 0])) - Fraction(true)) <= Fraction(0.51 * 2.0**-24)


def test_an_unknown_tier_is_refused_by_name():
    with pytest.raises(tpo.UnknownNameError) as caught:
        tpo.TPO(precision="exakt")
    text = "the name must be a registered precision; got 'exakt'. Did you mean 'exact'? Registered: exact, fast."
    assert str(caught.value) == text


@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_everything_stays_on_the_device_of_the_arrays(precision):
    log_probs = torch.zeros((2, 4), device="meta")
    q = tpo.target(log_probs, torch.zeros((2, 4), device="meta"), precision=precision)
    assert (q.device.type, tuple(q.shape)) == ("meta", (2, 4))
