"""Flat rows with group ids are gathered into groups and scattered back."""

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

IDS = [4, 9, 4, 4, 2, 9]
ROWS = np.asarray([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
TOKENS = ROWS[:, None] + np.arange(2.0)
PLACES = [[4, 0, 0], [0, 2, 3], [1, 5, 0]]
FILLED = np.asarray([[True, False, False], [True, True, True], [True, True, False]])


def test_rows_are_gathered_by_id_in_their_order_and_come_back(backend):
    segments = tpo.Segments.from_ids(IDS)
    groups = segments.gather(backend.array(ROWS))
    expected = [[50, 0, 0], [10, 30, 40], [20, 60, 0]]
    np.testing.assert_array_equal(backend.numpy(groups), expected)
    np.testing.assert_array_equal(segments.index, PLACES)
    np.testing.assert_array_equal(segments.mask, FILLED)
    np.testing.assert_array_equal(segments.ids, [2, 4, 9])
    np.testing.assert_array_equal(backend.numpy(segments.scatter(groups)), ROWS)


def test_rows_may_be_arrays_of_tokens(backend):
    segments = tpo.Segments.from_ids(IDS)
    groups = segments.gather(backend.array(TOKENS))
    np.testing.assert_array_equal(backend.numpy(groups), np.where(FILLED[..., None], TOKENS[PLACES], 0))
    np.testing.assert_array_equal(backend.numpy(segments.scatter(groups)), TOKENS)


def test_a_target_of_flat_rows_is_that_of_each_group_alone(backend):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 40, 500)
    log_probs, scores = rng.normal(size=(2, 500))
    segments = tpo.Segments.from_ids(ids)
    padded = [segments.gather(backend.array(rows)) for rows in (log_probs, scores)]
    q = backend.numpy(segments.scatter(tpo.target(*padded, mask=segments.mask)))
    for number in np.unique(ids):
        np.testing.assert_array_equal(q[ids == number], tpo.target(log_probs[ids == number], scores[ids == number]))


def test_groups_of_none_and_of_one(backend):
    segments = tpo.Segments.from_ids([3, 1, 1], num_groups=5, size=4)
    assert segments.mask.sum(-1).tolist() == [0, 2, 0, 1, 0]
    assert segments.mask.shape == (5, 4)
    log_probs, scores = (segments.gather(backend.array(rows)) for rows in ([-1.0, -2.0, -2.0], [1.0, 5.0, 5.0]))
    q = backend.numpy(tpo.target(log_probs, scores, mask=segments.mask))
    np.testing.assert_array_equal(q, [[0, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    group = tpo.Group(scores=scores, old_log_probs=log_probs, mask=segments.mask)
    loss = tpo.TPO().loss(log_probs, tpo.TPO().prepare(group))
    np.testing.assert_array_equal(backend.numpy(loss.weight), [0, 1, 0, 1, 0])
    np.testing.assert_allclose(backend.numpy(loss.value), [0, np.log(2), 0, 0, 0], rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float16", "float32", "bool", "int8", "int64"])
def test_rows_keep_their_dtype(backend, dtype):
    if backend.name == "array-api-strict" and dtype == "float16":
        dtype = "complex64"  # The standard has no half precision.
    segments = tpo.Segments.from_ids([0, 1, 0])
    rows = backend.array([1, 0, 1], dtype)
    groups = segments.gather(rows)
    assert groups.dtype == rows.dtype == segments.scatter(groups).dtype
    np.testing.assert_array_equal(backend.numpy(groups), [[1, 1], [0, 0]])


def test_bfloat16_stays_bfloat16_on_its_device():
    segments = tpo.Segments.from_ids([0, 1, 0])
    groups = segments.gather(torch.zeros(3, 4, dtype=torch.bfloat16, device="meta"))
    assert (groups.dtype, groups.device.type, groups.shape) == (torch.bfloat16, "meta", (2, 2, 4))
    rows = segments.scatter(groups)
    assert (rows.dtype, rows.device.type, rows.shape) == (torch.bfloat16, "meta", (3, 4))


def test_mlx_gathers_scatters_and_differentiates():
    segments = tpo.Segments.from_ids(mx.array(IDS))
    factors = np.arange(1.0, 19.0).reshape(3, 3, 2)
    rows = mx.array(TOKENS.astype(np.float32))
    groups = segments.gather(rows)
    np.testing.assert_array_equal(groups, np.where(FILLED[..., None], TOKENS[PLACES], 0))
    np.testing.assert_array_equal(segments.scatter(groups), TOKENS)
    grad = mx.grad(lambda x: mx.sum(segments.gather(x) * mx.array(factors.astype(np.float32))))(rows)
    np.testing.assert_array_equal(grad, factors.reshape(-1, 2)[segments.position])


@pytest.mark.parametrize("tail", [(), (2,)])
def test_gradients_come_back_to_their_rows(autodiff, gradient, tail):
    segments = tpo.Segments.from_ids(IDS)
    factors = np.arange(1.0, 1 + 9 * (1 + len(tail))).reshape(3, 3, *tail)
    at = np.ones((6, *tail))
    grad = gradient(lambda rows: segments.gather(rows) * autodiff.asarray(factors), autodiff.asarray(at))
    np.testing.assert_array_equal(grad, factors.reshape(-1, *tail)[segments.position])
    grad = gradient(lambda x: segments.scatter(x) * autodiff.asarray(at * 2), autodiff.asarray(factors))
    np.testing.assert_array_equal(grad, np.broadcast_to(2 * FILLED.reshape(3, 3, *(1 for _ in tail)), factors.shape))


def test_a_row_that_is_nan_spoils_no_other_gradient(autodiff, gradient):
    segments = tpo.Segments.from_ids([0, 1, 1])
    grad = gradient(lambda rows: segments.gather(rows) ** 2, autodiff.asarray([np.nan, 2.0, 3.0]))
    np.testing.assert_array_equal(grad, [np.nan, 4, 6])


EMPTY = [
    ({}, (0, 1)),
    ({"num_groups": 0}, (0, 1)),
    ({"num_groups": 2}, (2, 1)),
    ({"num_groups": 2, "size": 0}, (2, 1)),
    ({"num_groups": 2, "size": 3}, (2, 3)),
    ({"exact_size": 4}, (0, 4)),
]


@pytest.mark.parametrize("tail", [(), (3,), (0,)])
@pytest.mark.parametrize(("options", "shape"), EMPTY)
def test_without_rows_groups_are_empty_and_their_target_is_0(backend, options, shape, tail):
    segments = tpo.Segments.from_ids([], **options)
    rows = backend.array(np.zeros((0, *tail)), "float32")
    groups = segments.gather(rows)
    assert (segments.mask.shape, groups.shape, groups.dtype) == (shape, (*shape, *tail), rows.dtype)
    assert not segments.mask.any()
    assert not backend.numpy(groups).any()
    assert segments.scatter(groups).shape == (0, *tail)
    if not tail and shape[0]:
        np.testing.assert_array_equal(backend.numpy(tpo.target(groups, groups, mask=segments.mask)), np.zeros(shape))


@pytest.mark.parametrize(
    ("rows", "names"),
    [(np.zeros(0), []), (torch.zeros(0), []), (jnp.zeros(0), []), (mx.zeros(0), [0, 1]), ((), [0, 1]), (range(0), [])],
)
def test_ids_may_be_an_empty_array_of_any_dtype(rows, names):
    segments = tpo.Segments.from_ids(rows, num_groups=len(names))
    assert segments.ids.tolist() == names
    assert segments.position.shape == (0,)


def test_no_rows_have_an_empty_gradient(autodiff, gradient):
    segments = tpo.Segments.from_ids([], num_groups=2)
    grad = gradient(segments.gather, autodiff.asarray(np.zeros((0, 3))))
    assert grad.shape == (0, 3)


def test_a_backward_pass_reaches_no_rows():
    # As on a rank without rows, which must take part in the reduction of the gradients all the same.
    rows = torch.zeros(0, requires_grad=True)
    tpo.Segments.from_ids([], num_groups=2).gather(rows).sum().backward()
    assert rows.grad.shape == (0,)


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


@pytest.mark.parametrize("ids", [IDS, ["b", "a", "b"], [(1, 0), (0, 1), (1, 0)], []])
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


def test_whole_groups_pass_for_their_exact_size():
    segments = tpo.Segments.from_ids(["b", "a", "b", "a"], exact_size=2)
    assert segments.mask.all()
    assert tpo.Segments.from_ids(["b", "a"], exact_size=1, size=3).mask.tolist() == [[True, False, False]] * 2


SHUFFLED = (
    "Rows that are shuffled before they are cut into micro-batches leave groups incomplete: gather whole groups first, "
    "or train on the `tpo.row_weights` of whole groups."
)
SHARED = "Groups that share an id, as when a prompt is drawn twice, need ids of their own."
EXACT = "`ids` must be exact, such as integers or strings; got {} among them. Give each row the id of its group."
RANGE = "`ids` must be below `num_groups`, 5, and integers from 0; got {}. Leave `num_groups` out for other ids."
FLAT = "`ids` must have the shape [N]; got {}. Flatten them: numpy.ravel(ids)."
LEAVE_OUT = "Leave it out to take what the ids have."
REFUSED = [
    (["a", "b", "a", "c"], {"exact_size": 2}, f"in 2 of 3 groups: 'b' has 1, 'c' has 1. {SHUFFLED}"),
    (range(9), {"exact_size": 2}, f"in 9 of 9 groups: 0 has 1, 1 has 1, 2 has 1 and 6 more. {SHUFFLED}"),
    (np.asarray([1] * 4), {"exact_size": 2}, f"in 1 of 1 groups: 1 has 4. {SHARED}"),
    ([U[1]] * 3 + [U[2]], {"exact_size": 2}, f"in 2 of 2 groups: {U[1]!r} has 3, {U[2]!r} has 1. {SHUFFLED} {SHARED}"),
    ([0, 1, 0, 1], {"exact_size": 2, "num_groups": 3}, f"in 1 of 3 groups: 2 has 0. {SHUFFLED}"),
    (
        [1, 1, 1],
        {"size": 2},
        "`size` must be at least that of the largest group, 3; got 2. Leave it out to fit the largest.",
    ),
    ([1], {"size": -1}, f"`size` must be an integer and at least 0; got -1. {LEAVE_OUT}"),
    ([1], {"size": 4.0}, f"`size` must be an integer and at least 0; got 4.0. {LEAVE_OUT}"),
    ([], {"num_groups": -1}, f"`num_groups` must be an integer and at least 0; got -1. {LEAVE_OUT}"),
    ([], {"exact_size": 0}, f"`exact_size` must be an integer and at least 1; got 0. {LEAVE_OUT}"),
    ([0, 5], {"num_groups": 5}, RANGE.format(5)),
    ([-1, 4], {"num_groups": 5}, RANGE.format(-1)),
    (["a", "b"], {"num_groups": 5}, RANGE.format("'a'")),
    (np.asarray([2**64 - 1], "uint64"), {"num_groups": 5}, RANGE.format(2**64 - 1)),
    ([1.0, 2.0], {}, EXACT.format("float")),
    ([1, float("nan")], {}, EXACT.format("float")),
    (np.asarray([1.0, np.nan], "float16"), {}, EXACT.format("float")),
    (torch.tensor([1.0]).bfloat16(), {}, EXACT.format("float")),
    ([1j], {}, EXACT.format("complex")),
    ([1, None], {}, EXACT.format("NoneType")),
    (np.asarray(["2020", "NaT"], "datetime64[D]"), {}, EXACT.format("NoneType")),
    (
        np.ma.masked_array([1, 2], [True, False]),
        {},
        (
            "`ids` must be a plain array; got MaskedArray. "
            "Pass its data, and where it is valid as `mask`: x.filled(0), ~numpy.ma.getmaskarray(x)."
        ),
    ),
    (np.asarray([[1, 2]]), {}, FLAT.format((1, 2))),
    (torch.ones(2, 2, dtype=torch.int64), {}, FLAT.format((2, 2))),
    (3, {}, FLAT.format(())),
    ("ids", {}, FLAT.format(())),
    (
        [torch.tensor([1, 2])],
        {},
        (
            "`ids` must have the shape [N]; got one of shape (2,) among them. "
            "Give each row one id: a number, a string or a tuple."
        ),
    ),
    (
        [[1, 2]],
        {},
        (
            "`ids` must have the shape [N], and each of them a hash; got unhashable type: 'list'. "
            "Flatten them, or name groups by integers, strings or tuples."
        ),
    ),
]


@pytest.mark.parametrize(("ids", "options", "text"), REFUSED, ids=range(len(REFUSED)))
def test_ids_that_do_not_fit_are_refused(ids, options, text):
    with pytest.raises((tpo.InvalidArgumentError, tpo.InvalidTypeError)) as caught:
        tpo.Segments.from_ids(ids, **options)
    if text.startswith("in "):
        text = f"every group must have `exact_size` rows, 2; got another number {text}"
    assert str(caught.value) == text


def test_ids_that_are_traced_are_refused():
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        jax.jit(lambda ids: tpo.Segments.from_ids(ids).mask)(jnp.asarray([1, 2]))
    text = "`ids` must have values to look at; got an array that is being traced. "
    assert str(caught.value) == text + "Find the groups outside the compiled function."


@pytest.mark.parametrize("shape", [(), (5,), (5, 6)])
def test_another_number_of_rows_is_refused(shape):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.Segments.from_ids(IDS).gather(np.zeros(shape))
    text = f"the array must hold one row for each of the ids, [N, ...], here (6,); got {shape}. "
    assert str(caught.value) == text + "Build the segments from the ids of these rows."


@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (4, 3, 3)])
def test_other_groups_are_refused(shape):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.Segments.from_ids(IDS).scatter(np.zeros(shape))
    text = f"the array must hold the groups that `gather` gives, [G, K, ...], here (3, 3); got {shape}. "
    assert str(caught.value) == text + "Build the segments from the ids of these rows."


def test_rows_must_be_an_array():
    with pytest.raises(tpo.InvalidTypeError, match="`array` must be an array; got list"):
        tpo.Segments.from_ids(IDS).gather([1.0] * 6)
