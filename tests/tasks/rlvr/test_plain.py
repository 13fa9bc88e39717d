"""Metadata is restored from JSON as it was."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpo import DataError
from tpo_tasks.rlvr.plain import decoded, encoded

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.fractions()
KEYS = st.text(max_size=3) | st.integers() | st.tuples(st.integers(), st.integers()) | st.just("$tuple")
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner), max_leaves=20
)


def typed(value):
    """The value with the type of each part."""
    if isinstance(value, list | tuple):
        return type(value), [typed(member) for member in value]
    if isinstance(value, dict):
        return dict, [(typed(key), typed(member)) for key, member in value.items()]
    return type(value), value


@given(VALUES)
def test_what_is_written_is_restored(value):
    assert typed(decoded(json.loads(json.dumps(encoded(value))))) == typed(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({0: (1, 2)}, {"$items": [[0, {"$tuple": [1, 2]}]]}),
        ({"a": [Fraction(1, 2)]}, {"a": [{"$fraction": "1/2"}]}),
        ({"$tuple": 1}, {"$items": [["$tuple", 1]]}),
        ({"a": 1}, {"a": 1}),
        ((), {"$tuple": []}),
    ],
)
def test_how_it_is_written(value, written):
    assert encoded(value) == written


@pytest.mark.parametrize(
    ("value", "number"), [(np.int64(3), 3), (np.float32(0.5), 0.5), (np.asarray([True])[0], True), (np.str_("a"), "a")]
)
def test_numpy_scalars_are_python_numbers(value, number):
    assert typed(encoded(value)) == typed(number)


@pytest.mark.parametrize(("value", "name"), [({1}, "set"), (np.ones(2), "ndarray"), (b"", "bytes"), (1j, "complex")])
def test_anything_else_is_refused(value, name):
    text = f"what a scorer reads must be numbers, texts, lists, tuples and maps; got {name}. Take another data set."
    with pytest.raises(DataError) as caught:
        encoded({"a": [value]})
    assert str(caught.value) == text
