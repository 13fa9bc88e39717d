"""Unusual NumPy arrays are converted where that is safe, and otherwise refused by name."""

import numpy as np
import pytest

import tpo
from tpo.core.arrays.numpy_arrays import UNLIKE_ARRAYS

LOG_PROBS = np.log([[0.5, 0.25, 0.25]])
SCORES = np.asarray([[1.0, 0.0, 2.0]])
NUMBERS = "must hold real numbers or booleans of at most 64 bits; got {}. "
CONVERT, GIVE = "Convert it: x.astype(numpy.float64).", "Give an array of numbers."
REAL = "Take its real part: x.real."

REFUSED = [
    (
        SCORES.astype(complex),
        "`scores` " + NUMBERS.format("complex128") + REAL,
        tpo.InvalidArgumentError,
    ),
    (SCORES.astype(str), "`scores` " + NUMBERS.format("<U32") + GIVE, tpo.InvalidArgumentError),
    (SCORES.astype(object), "`scores` " + NUMBERS.format("object") + CONVERT, tpo.InvalidArgumentError),
    (SCORES.astype("datetime64[s]"), "`scores` " + NUMBERS.format("datetime64[s]") + GIVE, tpo.InvalidArgumentError),
    (
        np.ma.masked_greater(SCORES, 1.5),
        f"`scores` must be a plain array; got MaskedArray. {UNLIKE_ARRAYS[np.ma.MaskedArray]}.",
        tpo.InvalidTypeError,
    ),
    (
        SCORES.view(np.matrix),
        "`scores` must be a plain array; got matrix. Convert it: numpy.asarray(x).",
        tpo.InvalidTypeError,
    ),
]
if np.dtype(np.longdouble).itemsize > 8:
    REFUSED.append(
        (
            SCORES.astype(np.longdouble),
            "`scores` " + NUMBERS.format(np.dtype(np.longdouble)) + CONVERT,
            tpo.InvalidArgumentError,
        )
    )


@pytest.mark.parametrize(
    ("scores", "text", "kind"), REFUSED, ids=[type(s).__name__ + str(s.dtype) for s, _, _ in REFUSED]
)
def test_scores_that_are_no_plain_real_numbers_are_refused(backend, scores, text, kind):
    log_probs = backend.array(LOG_PROBS)
    calls = [
        lambda: tpo.target(log_probs, scores),
        lambda: tpo.standardize(scores),
        lambda: tpo.Group(scores=scores, old_log_probs=log_probs),
        lambda: tpo.combine_scores({"scores": scores}),
    ]
    for call in calls:
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value) == text


def test_complex_scores_of_any_library_are_refused(backend):
    if not hasattr(backend.xp, "complex64"):
        return
    scores = backend.array(SCORES, "complex64")
    with pytest.raises(tpo.InvalidArgumentError, match=r"must (be|hold) real numbers or booleans of at most 64 bits"):
        tpo.target(backend.array(LOG_PROBS), scores)


def test_log_probs_of_another_kind_are_refused():
    for log_probs in (LOG_PROBS.astype(complex), LOG_PROBS.astype(np.longdouble)):
        with pytest.raises(
            tpo.InvalidArgumentError, match="`old_log_probs` must hold real numbers or booleans of at most"
        ):
            tpo.target(log_probs, SCORES)


@pytest.mark.parametrize("order", [">", "<"])
def test_either_byte_order_will_do(backend, order):
    scores, mask = SCORES.astype(f"{order}f8"), np.ones((1, 3), bool)
    expected = tpo.target(LOG_PROBS, SCORES)
    q = tpo.target(backend.array(LOG_PROBS), scores, mask=mask)
    np.testing.assert_allclose(backend.numpy(q), expected, rtol=1e-15)
    q = tpo.target(LOG_PROBS.astype(f"{order}f8"), SCORES.astype(f"{order}i4"))
    np.testing.assert_array_equal(q, expected)


def test_a_dtype_of_another_package_is_refused_with_what_to_do():
    bfloat16 = np.asarray(pytest.importorskip("jax").numpy.ones(2, "bfloat16"))
    with pytest.raises(tpo.InvalidArgumentError) as refusal:
        tpo.standardize(bfloat16)
    text = "`scores` must be of a dtype that NumPy defines; got bfloat16."
    assert str(refusal.value) == f"{text} Convert it: x.astype(numpy.float32)."
    assert tpo.standardize(bfloat16.astype(np.float32)).tolist() == [0, 0]
