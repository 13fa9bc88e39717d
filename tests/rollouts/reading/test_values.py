"""Values of a row: numbers of any size, lists, digests."""

import math
from decimal import Decimal

import numpy as np
import pytest

from tpo.rollouts.reading.values import cut_off, digest, length, number, numbers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0),
        (True, 1.0),
        (Decimal("0.5"), 0.5),
        (1e101, math.inf),
        (-1e101, -math.inf),
        (10**400, math.inf),
        (Decimal("1e999"), math.inf),
    ],
)
def test_numbers(value, expected):
    assert number(value) == expected
    assert numbers([value]).tolist() == [expected]


@pytest.mark.parametrize("value", [None, math.nan, Decimal("nan")])
def test_what_is_missing_is_nan(value):
    assert math.isnan(number(value))
    assert math.isnan(numbers([value, 1])[0])


@pytest.mark.parametrize("value", ["1", [1], {}, b"1", 1j])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match=f"^{type(value).__name__} where a number should be$"):
        number(value)
    with pytest.raises(ValueError, match="where a number should be"):
        numbers([1.0, value])


def test_a_number_is_no_list():
    with pytest.raises(ValueError, match=r"^float where a list should be$"):
        numbers(1.0)


def test_lengths_are_numbers_or_of_lists():
    assert (length(3), length([7, 8]), length([])) == (3, 2, 0)
    padded = np.array([True, True, False])
    assert (length([7, 8, 0], padded), length([7, 8], padded), length(3, padded)) == (2, 2, 3)


def test_reasons_to_stop():
    told = {"length": 1, "MAX_TOKENS": 1, "FinishReason.LENGTH": 1, "length ": 1, "max_new_tokens": 1}
    told |= {"model_length": 1, "stop": 0, "eos": 0, True: 1, False: 0}
    assert {value: cut_off(value) for value in told} == told
    assert (cut_off(1), cut_off(0)) == (1, 0)
    assert all(math.isnan(cut_off(value)) for value in ("", "abort", None, 2, 5.5, -1, 151645))


def test_equal_values_have_equal_digests():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert len({digest(value) for value in (1, 2, [1], {"1": 1}, None, "a", "\ud800")}) == 7


def test_values_without_bottom_are_refused():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(ValueError, match="nested too deep"):
        digest(nested)
