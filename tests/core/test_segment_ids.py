"""Ids of groups: whatever is equal or not, in their order, or else a clear error."""

import copy
import pickle
from uuid import UUID

import jax
import jax.numpy as jnp
import mlx.core as mx
import numpy as np
import pytest
import torch

import tpo

U = [UUID(int=number) for number in range(3)]


class Column:
    """A column of a table, as pandas has them."""

    def __array__(self, dtype=None, copy=None):
        return np.asarray(["b", "a", "b"], dtype or object, copy=copy)


ORDERED = [
    (Column(), ["a", "b"]),
    ([7, 3, 7], [3, 7]),
    ((7, 3, 7), [3, 7]),
    ([2**63, -1, 2**63], [-1, 2**63]),
    ([2**70 + 1, 2**70, 2**70 + 1], [2**70, 2**70 + 1]),
    ([True, False, True], [False, True]),
    (["b", "a", "b"], ["a", "b"]),
    (["b\0", "b", "b\0"], ["b", "b\0"]),
    ([b"b", b"a", b"b"], [b"a", b"b"]),
    ([(1, 0), (0, 1), (1, 0)], [(0, 1), (1, 0)]),
    ([U[2], U[1], U[2]], [U[1], U[2]]),
    (np.asarray([7, 3, 7], "uint8"), [3, 7]),
    (np.asarray([2**64 - 1, 2**64 - 2, 2**64 - 1], "uint64"), [2**64 - 2, 2**64 - 1]),
    (np.asarray([7, 3, 7], ">i2"), [3, 7]),
    (np.asarray(["b", "a", "b"]), ["a", "b"]),
    (np.asarray([b"b", b"a", b"b"]), [b"a", b"b"]),
    (np.asarray(["b", "a", "b"], np.dtypes.StringDType()), ["a", "b"]),
    (np.asarray([2**40, 3, 2**40], object), [3, 2**40]),
    (np.asarray([(7, 1), (3, 1), (7, 1)], "i4,i4"), [(3, 1), (7, 1)]),
    ([np.int64(7), np.uint8(3), np.int64(7)], [3, 7]),
    (torch.tensor([7, 3, 7]), [3, 7]),
    (torch.tensor([7, 3, 7], dtype=torch.uint8), [3, 7]),
    (list(torch.tensor([7, 3, 7])), [3, 7]),
    (list(zip(torch.tensor([7, 3, 7]), torch.tensor([1, 1, 1]), strict=True)), [(3, 1), (7, 1)]),
    (jnp.asarray([7, 3, 7]), [3, 7]),
    (list(jnp.asarray([7, 3, 7])), [3, 7]),
    (mx.array([7, 3, 7]), [3, 7]),
]
UNORDERED = [[1, "1", 1], ["x", 0, "x"], [frozenset("b"), "a", frozenset("b")], np.asarray(["b", 1, "b"], object)]


@pytest.mark.parametrize(("ids", "names"), ORDERED, ids=range(len(ORDERED)))
def test_ids_are_whatever_is_equal_or_not(ids, names):
    segments = tpo.Segments.from_ids(ids)
    assert segments.ids.tolist() == names
    assert segments.position.tolist() == [2, 0, 3]


@pytest.mark.parametrize("ids", UNORDERED, ids=range(len(UNORDERED)))
def test_ids_without_an_order_stand_as_they_first_occur(ids):
    segments = tpo.Segments.from_ids(ids)
    assert segments.ids.tolist() == list(ids[:2])
    assert segments.position.tolist() == [0, 2, 1]


@pytest.mark.parametrize("ids", [[4, 9, 4, 4, 2, 9], ["b", "a", "b"], [(1, 0), (0, 1), (1, 0)], []])
def test_segments_travel_and_are_equal_by_value(ids):
    segments = tpo.Segments.from_ids(ids)
    for other in (pickle.loads(pickle.dumps(segments)), copy.deepcopy(segments), tpo.Segments.from_ids(ids)):  # noqa: S301
        assert other == segments
        assert hash(other) == hash(segments)


def test_segments_differ_by_names_places_or_sizes():
    segments = tpo.Segments.from_ids(["b", "a", "b"])
    assert segments != tpo.Segments.from_ids(["c", "a", "c"])
    assert segments != tpo.Segments.from_ids(["b", "b", "a"])
    assert segments != tpo.Segments.from_ids(["b", "a", "b"], size=3)
    assert segments != "segments"


EXACT = "`ids` must be exact, such as integers or strings; got {} among them. Give each row the id of its group."
FLAT = "`ids` must have the shape [N]; got {}. Flatten them: numpy.ravel(ids)."
ONE_EACH = "`ids` must have the shape [N]; got (). Give one for each row, in a list or an array."
REFUSED = [
    ([1.0, 2.0], EXACT.format("float")),
    ([1, float("nan")], EXACT.format("float")),
    ([(1, float("nan")), (1, float("nan"))], EXACT.format("float")),
    ([("a", (0.1 + 0.2,)), ("a", (0.3,))], EXACT.format("float")),
    ([("a", None), ("a", None)], EXACT.format("NoneType")),
    (np.asarray([1.0, np.nan], "float16"), EXACT.format("float")),
    (torch.tensor([1.0]).bfloat16(), EXACT.format("float")),
    ([1j], EXACT.format("complex")),
    ([1, None], EXACT.format("NoneType")),
    (np.asarray(["2020", "NaT"], "datetime64[D]"), EXACT.format("NoneType")),
    (
        np.ma.masked_array([1, 2], [True, False]),
        (
            "`ids` must be a plain array; got MaskedArray. "
            "Pass its data, and where it is valid as `mask`: x.filled(0), ~numpy.ma.getmaskarray(x)."
        ),
    ),
    (np.asarray([[1, 2]]), FLAT.format((1, 2))),
    (torch.ones(2, 2, dtype=torch.int64), FLAT.format((2, 2))),
    (3, ONE_EACH),
    ("ids", ONE_EACH),
    ({"a", "b"}, ONE_EACH),
    (
        [torch.tensor([1, 2])],
        (
            "`ids` must have the shape [N]; got one of shape (2,) among them. "
            "Give each row one id: a number, a string or a tuple."
        ),
    ),
    (
        [[1, 2]],
        (
            "`ids` must be N hashable values; got unhashable type: 'list'. "
            "Flatten them, or name groups by integers, strings or tuples."
        ),
    ),
]


@pytest.mark.parametrize(("ids", "text"), REFUSED, ids=range(len(REFUSED)))
def test_ids_that_do_not_fit_are_refused(ids, text):
    with pytest.raises((tpo.InvalidArgumentError, tpo.InvalidTypeError)) as caught:
        tpo.Segments.from_ids(ids)
    assert str(caught.value) == text


def test_ids_that_are_traced_are_refused():
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        jax.jit(lambda ids: tpo.Segments.from_ids(ids).mask)(jnp.asarray([1, 2]))
    text = "`ids` must have concrete values; got an array that is being traced. "
    assert str(caught.value) == text + "Find the groups outside the compiled function."
