"""The gradient of any algorithm per row: `row_weights`."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.testing.laws.groups import as_tokens, made_up_groups, padded

TOKENS = [algorithm for algorithm in ALGORITHMS if algorithm.traits.takes_tokens]


def weights_and_gradient(autodiff, algorithm, groups):
    """`row_weights`, the gradient that they should equal, and the gradient through rows of log-probs."""
    arrays = {name: autodiff.asarray(np.array(values)) for name, values in groups.items()}
    log_probs = arrays.pop("log_probs")
    group = tpo.Group(**arrays)
    weights = tpo.row_weights(algorithm, group, log_probs)
    signal, ones = algorithm.prepare(group), autodiff.namespace().ones_like
    value, pull = autodiff.vjp(lambda x: algorithm.loss(x, signal).value, log_probs)
    return autodiff.to_numpy(weights), autodiff.to_numpy(pull(ones(value)))


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_they_are_the_gradient_of_any_algorithm(autodiff, algorithm):
    groups = padded(made_up_groups((7, 5)))
    found, expected = weights_and_gradient(autodiff, algorithm, groups)
    np.testing.assert_array_equal(found, expected)
    assert not found[~groups["mask"]].any()
    assert found[groups["mask"]].any()


@pytest.mark.parametrize("algorithm", TOKENS, ids=str)
def test_they_are_the_gradient_per_token(autodiff, algorithm):
    groups = as_tokens(made_up_groups((7, 5)))
    found, expected = weights_and_gradient(autodiff, algorithm, groups)
    np.testing.assert_array_equal(found, expected)
    assert not found[~groups["token_mask"]].any()


def test_those_of_tpo_are_the_candidate_weights(autodiff):
    groups = made_up_groups((7, 5))
    found, _ = weights_and_gradient(autodiff, tpo.TPO(), groups)
    expected = tpo.candidate_weights(tpo.target(groups["old_log_probs"], groups["scores"]), groups["log_probs"])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)


def test_under_the_ratio_anchor_they_take_plain_log_probs(autodiff):
    groups = made_up_groups((7, 5))
    found, _ = weights_and_gradient(autodiff, tpo.TPO(anchor="ratio"), groups)
    q = tpo.target(groups["old_log_probs"], groups["scores"], anchor="ratio")
    expected = tpo.candidate_weights(q, groups["log_probs"] - groups["old_log_probs"])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)


def test_they_are_rounded_once_to_half_precision():
    torch = pytest.importorskip("torch")
    arrays = {name: torch.tensor(values) for name, values in made_up_groups((50, 5)).items()}
    log_probs = arrays.pop("log_probs").bfloat16()
    for algorithm in ALGORITHMS:
        group = tpo.Group(**{name: array.bfloat16() for name, array in arrays.items()})
        half, single = (tpo.row_weights(algorithm, group, x) for x in (log_probs, log_probs.float()))
        assert half.dtype is torch.bfloat16
        assert (half == single.bfloat16()).all(), algorithm


def test_a_library_without_gradients_is_refused_with_what_to_do():
    group = tpo.Group(scores=np.asarray([1.0, 0.0]), old_log_probs=np.zeros(2))
    with pytest.raises(tpo.InvalidTypeError) as caught:
        tpo.row_weights(tpo.TPO(), group, np.zeros(2))
    assert str(caught.value) == (
        "`log_probs` must be of a library that differentiates; got numpy. "
        "Pass arrays of PyTorch, JAX or MLX, or use tpo.candidate_weights() for TPO."
    )
