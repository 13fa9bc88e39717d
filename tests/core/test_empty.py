"""No groups, and groups without slots: empty results of the right shape."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS
from tests.libraries import Library
from tpo.plugins import registry

NO_GROUPS, NO_SLOTS = [(0, 4), (2, 0, 4)], [(3, 0), (0, 0), (0,)]
"""Shapes `[..., K]`."""

STANDARDIZERS = [tpo.ZScore(), tpo.Centred(), tpo.LeaveOneOut(), tpo.MeanScaled(), tpo.Ranks(), tpo.BatchZScore()]
STRICT = Library("array-api-strict")


@pytest.fixture(params=["numpy", "torch", "jax", "mlx", "array-api-strict"])
def zeros(request):
    """Zeros of one library by shape and dtype."""
    if request.param == STRICT.name:
        return lambda shape, dtype="float32": STRICT.array(np.zeros(shape), dtype)
    backend = registry.backend(request.param)
    return lambda shape, dtype="float32": backend.asarray(np.zeros(shape, dtype))


def is_zero(array, shape):
    """Whether an array of any library has this shape and holds zeros."""
    return tuple(array.shape) == shape and not np.asarray(array).any()


@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("shape", NO_GROUPS + NO_SLOTS)
def test_distributions_are_empty(zeros, shape, precision):
    array, mask = zeros(shape), zeros(shape, "bool")
    for chosen in (None, mask):
        for result in (
            tpo.target(array, array, mask=chosen, precision=precision),
            tpo.target(array, zeros(shape, "int32"), mask=chosen, anchor="ratio", precision=precision),
            tpo.candidate_weights(array, array, mask=chosen, precision=precision),
            tpo.policy_over_group(array, mask=chosen, precision=precision),
        ):
            assert is_zero(result, shape)
            assert result.dtype == array.dtype


@pytest.mark.parametrize("shape", NO_GROUPS + NO_SLOTS)
def test_standardized_scores_are_empty(zeros, shape):
    array, mask = zeros(shape), zeros(shape, "bool")
    for standardizer in STANDARDIZERS if len(shape) > 1 else STANDARDIZERS[:-1]:
        for precision in ("exact", "fast"):
            for chosen in (None, mask):
                result = tpo.standardize(array, mask=chosen, standardizer=standardizer, precision=precision)
                assert is_zero(result, shape)
                assert result.dtype == array.dtype
    for nan in ("mask", "raise"):
        assert is_zero(tpo.standardize(array, mask=mask, nan=nan), shape)


@pytest.mark.parametrize("shape", NO_GROUPS + NO_SLOTS)
def test_what_is_summed_over_nothing_is_0(zeros, shape):
    array, mask = zeros(shape), zeros(shape, "bool")
    for chosen in (None, mask):
        for result in (
            tpo.cross_entropy(array, array, mask=chosen),
            tpo.sequence_log_probs(array, chosen),
            tpo.sequence_log_probs(array, chosen, length_exponent=1.0),
        ):
            assert is_zero(result, shape[:-1])
            assert result.dtype == array.dtype


@pytest.mark.parametrize("anchor", ["policy", "ratio", "none"])
@pytest.mark.parametrize("shape", NO_GROUPS + NO_SLOTS)
def test_diagnostics_find_nothing(zeros, shape, anchor):
    array = zeros(shape)
    found = tpo.diagnostics(tpo.Group(scores=array, old_log_probs=array), anchor=anchor)
    assert all(is_zero(values, shape[:-1]) for values in found)
    assert all(np.isnan(value) for value in tpo.summarize(found).values())


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=repr)
def test_a_batch_without_groups_has_a_loss_of_0(zeros, algorithm):
    given = {name: zeros((0, 4)) for name in ("scores", "old_log_probs", "rollout_log_probs", "advantages")}
    group = tpo.Group(**given, baseline_scores=zeros((0,)))
    loss = algorithm.loss(zeros((0, 4)), algorithm.prepare(group))
    assert is_zero(loss.value, (0,))
    assert is_zero(loss.weight, (0,))
    assert is_zero(loss.mean(), ())


@pytest.mark.parametrize("algorithm", [one for one in ALGORITHMS if one.traits.takes_tokens], ids=repr)
def test_a_batch_without_tokens_has_a_loss_of_0(zeros, algorithm):
    for shape in ((0, 4, 3), (2, 4, 0)):
        tokens = zeros(shape)
        given = {name: zeros(shape[:2]) for name in ("scores", "advantages")}
        group = tpo.Group(
            **given,
            baseline_scores=zeros(shape[:1]),
            old_log_probs=tokens,
            rollout_log_probs=tokens,
            token_mask=zeros(shape, "bool"),
        )
        loss = algorithm.loss(tokens, algorithm.prepare(group))
        assert is_zero(loss.value, shape[:1])
        assert is_zero(loss.weight, shape[:1])
        assert is_zero(loss.mean(), ())
