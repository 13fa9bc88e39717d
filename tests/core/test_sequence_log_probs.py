"""Log-probs of whole candidates from log-probs of tokens."""

import numpy as np
import pytest

import tpo

TOKENS = [[-1.0, -2.0, -3.0], [-4.0, float("nan"), -float("inf")], [-7.0, -8.0, -9.0]]
MASK = [[True, True, True], [True, False, False], [False, False, False]]


@pytest.mark.parametrize(
    ("exponent", "expected"), [(0.0, [-6, -4, 0]), (1.0, [-2, -4, 0]), (0.5, [-6 / 3**0.5, -4, 0])]
)
def test_the_sum_is_divided_by_a_power_of_the_length(backend, exponent, expected):
    mask = backend.array(MASK, "bool")
    total = tpo.sequence_log_probs(backend.array(TOKENS), mask, length_exponent=exponent)
    np.testing.assert_allclose(backend.numpy(total), expected, rtol=1e-15)


def test_without_a_mask_every_token_counts(backend):
    tokens = backend.array(np.reshape(np.arange(24.0), (2, 3, 4)), "float32")
    total, mean = tpo.sequence_log_probs(tokens), tpo.sequence_log_probs(tokens, length_exponent=1)
    assert total.dtype == mean.dtype == backend.xp.float32
    np.testing.assert_array_equal(backend.numpy(total), [[6, 22, 38], [54, 70, 86]])
    np.testing.assert_array_equal(backend.numpy(mean), [[1.5, 5.5, 9.5], [13.5, 17.5, 21.5]])


def test_the_gradient_reaches_every_token_there_is_and_no_other(autodiff, gradient):
    mask = autodiff.asarray(MASK)
    total = gradient(lambda x: tpo.sequence_log_probs(x, mask), autodiff.asarray(np.asarray(TOKENS)))
    np.testing.assert_array_equal(total, np.asarray(MASK) * 1.0)
    mean = gradient(lambda x: tpo.sequence_log_probs(x, mask, length_exponent=1), autodiff.asarray(np.asarray(TOKENS)))
    np.testing.assert_array_equal(mean, np.asarray([[1 / 3] * 3, [1, 0, 0], [0, 0, 0]]))


def test_an_impossible_token_makes_the_sequence_impossible(backend):
    total = tpo.sequence_log_probs(backend.array([[-1.0, -float("inf")], [-1.0, -2.0]]))
    np.testing.assert_array_equal(backend.numpy(total), [-float("inf"), -3])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("length", [2_000, 70_000])
def test_long_sequences_of_half_precision_are_summed_and_counted_in_float32(length, dtype):
    torch = pytest.importorskip("torch")
    tokens = torch.full((2, length), -0.5, dtype=getattr(torch, dtype))
    tokens[1, 0] = -1.5
    total, mean = (tpo.sequence_log_probs(tokens, length_exponent=exponent) for exponent in (0.0, 1.0))
    assert total.dtype is mean.dtype is torch.float32
    assert total.tolist() == [-0.5 * length, -0.5 * length - 1]
    np.testing.assert_allclose(mean.numpy(), [-0.5, -0.5 - 1 / length], rtol=2e-7)


@pytest.mark.parametrize("exponent", [float("nan"), float("inf")])
def test_an_exponent_that_is_not_finite_is_refused(exponent):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.sequence_log_probs(np.zeros((2, 3)), length_exponent=exponent)
    text = f"`length_exponent` must be finite; got {exponent}. 0 gives the sum over tokens, 1 their mean."
    assert str(caught.value) == text


def test_an_exponent_that_is_no_number_is_refused():
    with pytest.raises(tpo.InvalidTypeError) as caught:
        tpo.sequence_log_probs(np.zeros((2, 3)), length_exponent="1")
    text = "`length_exponent` must be a number that is known before compilation; got str. "
    assert str(caught.value) == f"{text}0 gives the sum over tokens, 1 their mean."


def test_an_exponent_of_numpy_leaves_the_dtype():
    mean = tpo.sequence_log_probs(np.asarray([[-1.0, -2.0]], np.float32), length_exponent=np.float64(1))
    assert mean.dtype == np.float32
    assert mean.tolist() == [-1.5]
