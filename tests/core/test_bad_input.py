"""Arguments that the public functions refuse, with their messages. NumPy suffices: checks do not depend on values."""

import numpy as np
import pytest

import tpo
from tpo import Group, InvalidArgumentError, InvalidTypeError
from tpo.plugins import registry

LOG_PROBS, SCORES = np.log([[0.5, 0.25, 0.25]]), np.asarray([[1.0, 0.0, 0.0]])
MASK = np.asarray([[True, True, False]])
ALL = [
    lambda log_probs, scores, mask: tpo.target(log_probs, scores, mask=mask),
    lambda log_probs, scores, mask: Group(scores=scores, old_log_probs=log_probs, mask=mask),
]
WEIGHED = [
    lambda log_probs, q, mask: tpo.cross_entropy(q, log_probs, mask=mask),
    lambda log_probs, q, mask: tpo.candidate_weights(q, log_probs, mask=mask),
]
every_call = pytest.mark.parametrize("call", ALL, ids=["target", "Group"])
every_weighing = pytest.mark.parametrize("call", WEIGHED, ids=["cross_entropy", "candidate_weights"])
SUM_TOKENS = "Sum token log-probs first: tpo.sequence_log_probs()."
CONVERT = "Convert it first: numpy.asarray(...), torch.tensor(...) or jax.numpy.asarray(...)."


def refusal(error, call, *args, **options):
    with pytest.raises(error) as raised:
        call(*args, **options)
    return str(raised.value)


@every_call
def test_shapes_that_differ(call):
    text = refusal(InvalidArgumentError, call, np.zeros((8, 16, 40)), np.zeros((8, 16)), None)
    shapes = "`scores` and `old_log_probs` must have the same shape [..., K]; got (8, 16) and (8, 16, 40)."
    assert text == f"{shapes} {SUM_TOKENS}"


@every_weighing
def test_shapes_that_differ_from_the_target(call):
    text = refusal(InvalidArgumentError, call, np.zeros((3, 4)), np.zeros((3, 5)), None)
    shapes = "`q` and `log_probs` must have the same shape [..., K]; got (3, 5) and (3, 4)."
    assert text == shapes


@pytest.mark.parametrize("call", [*ALL, *WEIGHED])
def test_a_mask_of_another_shape(call):
    text = refusal(InvalidArgumentError, call, LOG_PROBS, SCORES, MASK[0])
    assert text.endswith("`mask` must have the same shape [..., K]; got (1, 3) and (3,).")


def test_only_log_probs_with_an_axis_too_many_may_be_those_of_tokens():
    for lengths in ((4, 5), (5, 4)):
        scores, other = map(np.zeros, lengths)
        for call in (lambda a, b: tpo.target(a, a, mask=b > 0), tpo.target, lambda a, b: tpo.cross_entropy(b, a)):
            assert "Sum" not in refusal(InvalidArgumentError, call, scores, other)
    text = refusal(InvalidArgumentError, tpo.target, np.zeros((2, 3, 4)), np.zeros((2, 3)))
    shapes = "`scores` and `old_log_probs` must have the same shape [..., K]; got (2, 3) and (2, 3, 4)."
    assert text == f"{shapes} {SUM_TOKENS}"
    assert "Sum" not in refusal(InvalidArgumentError, tpo.target, np.zeros((2, 3)), np.zeros((2, 3, 4)))


def test_standardize_and_sequence_log_probs_refuse_a_mask_of_another_shape():
    for name, call in (("scores", tpo.standardize), ("token_log_probs", tpo.sequence_log_probs)):
        text = refusal(InvalidArgumentError, call, SCORES, mask=MASK[0])
        assert text == f"`{name}` and `mask` must have the same shape [..., K]; got (1, 3) and (3,)."


@pytest.mark.parametrize("call", [*ALL, *WEIGHED, lambda x, _, mask: tpo.standardize(x, mask=mask)])
@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_a_mask_that_is_not_boolean(call, dtype):
    text = refusal(InvalidArgumentError, call, LOG_PROBS, SCORES, MASK.astype(dtype))
    assert text == f"`mask` must be boolean; got {dtype}. Convert it: mask != 0."


@every_call
def test_log_probs_that_are_integers(call):
    text = refusal(InvalidArgumentError, call, np.asarray([[0, -1, -2]]), SCORES, None)
    assert text == ("`old_log_probs` must be real floating; got int64. Convert it to float32.")


@every_weighing
def test_log_probs_or_targets_that_are_integers(call):
    for name, log_probs, q in (("log_probs", SCORES > 0, SCORES), ("q", LOG_PROBS, SCORES > 0)):
        text = refusal(InvalidArgumentError, call, log_probs, q, None)
        assert text == f"`{name}` must be real floating; got bool. Convert it to float32."


@pytest.mark.parametrize("eta", [0, -1, float("nan"), float("inf")])
def test_a_temperature_that_is_not_positive(eta):
    text = refusal(InvalidArgumentError, tpo.target, LOG_PROBS, SCORES, eta)
    assert text == f"`eta` must be a positive number; got {eta}. The paper uses 1.0."


def test_arrays_without_a_group_axis():
    text = "`{}` must have the shape [..., K]; got (). Add a group axis: x[None]."
    zero = np.asarray(0.0)
    assert refusal(InvalidArgumentError, tpo.standardize, zero) == text.format("scores")
    assert refusal(InvalidArgumentError, tpo.target, zero, zero) == text.format("scores")
    assert refusal(InvalidArgumentError, Group, scores=zero, old_log_probs=zero) == text.format("scores")
    assert refusal(InvalidArgumentError, tpo.cross_entropy, zero, zero) == text.format("q")
    assert refusal(InvalidArgumentError, tpo.candidate_weights, zero, zero) == text.format("q")
    assert refusal(InvalidArgumentError, tpo.sequence_log_probs, zero) == text.format("token_log_probs")


@pytest.mark.parametrize(("values", "kind"), [([1.0, 0.0], "list"), (1.0, "float"), ("ab", "str")])
def test_what_is_no_array(values, kind):
    text = "`{}` must be an array; got " + kind + f". {CONVERT}"
    assert refusal(InvalidTypeError, tpo.standardize, values) == text.format("scores")
    assert refusal(InvalidTypeError, tpo.target, values, SCORES) == text.format("old_log_probs")
    assert refusal(InvalidTypeError, tpo.target, LOG_PROBS, values) == text.format("scores")
    assert refusal(InvalidTypeError, Group, scores=SCORES, old_log_probs=values) == text.format("old_log_probs")
    assert refusal(InvalidTypeError, tpo.cross_entropy, values, LOG_PROBS) == text.format("q")
    assert refusal(InvalidTypeError, tpo.sequence_log_probs, LOG_PROBS, values) == text.format("mask")


def test_two_frameworks_in_one_call():
    torch, jax = registry.backend("torch"), registry.backend("jax")
    one, other = torch.asarray([0.0, 0.0]), jax.asarray([1.0, 0.0])
    text = (
        "`old_log_probs` and `scores` must come from one array library; got torch (Tensor) and jaxlib (ArrayImpl). "
        "Convert one of them; only NumPy arrays are converted for you."
    )
    assert refusal(InvalidTypeError, tpo.target, one, other) == text
    flipped = refusal(InvalidTypeError, tpo.cross_entropy, other, one)
    assert "`q` and `log_probs` must come from one array library; got jaxlib (ArrayImpl) and torch" in flipped


def test_the_checks_also_speak_inside_a_compiled_function():
    jax = registry.backend("jax")
    text = refusal(InvalidArgumentError, jax.compile(tpo.target), jax.asarray([[0.0, 0.0]]), jax.asarray([1.0, 0.0]))
    assert text.startswith("`scores` and `old_log_probs` must have the same shape [..., K]; got (2,) and (1, 2).")


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: tpo.standardize(None), "scores"),
        (lambda: tpo.sequence_log_probs(None), "token_log_probs"),
        (lambda: tpo.target(None, None), "old_log_probs"),
        (lambda: tpo.cross_entropy(None, None), "q"),
        (lambda: tpo.Group(scores=None, old_log_probs=None), "scores"),
    ],
)
def test_nothing_where_an_array_is_needed_is_refused_by_name(call, name):
    with pytest.raises(tpo.InvalidTypeError, match=f"`{name}` must be an array; got None"):
        call()
