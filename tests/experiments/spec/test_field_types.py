"""Plain values are accepted for the fields of a dataclass if their types match."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction as Exact
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tpo import TPO, Arm, InvalidArgumentError, InvalidTypeError
from tpo.experiments.spec.field_types import field_types, fitted, kinds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal
    from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class Base:
    """A field that is inherited."""

    count: int = 1


class Between(Base):
    """No dataclass: its annotations are no fields."""

    nothing: str


@dataclass(frozen=True, kw_only=True)
class Fields(Between):
    """One field of each kind."""

    rate: float = 0.5
    limit: float | None = None
    either: int | float = 1
    quick: bool = False
    mode: Literal["a", "b"] = "a"
    inner: TPO | None = None
    sizes: tuple[int, ...] = ()
    anything: Any = None
    later: Decimal | None = None
    hidden: Fraction = Exact(1, 2)
    several: Sequence[Fraction] = ()


def test_the_types_are_those_of_the_fields():
    found = field_types(Fields)
    assert list(found)[:2] == ["count", "rate"]
    assert "nothing" not in found
    assert found["later"] == "Decimal | None"
    assert found["hidden"] is Exact
    assert {name: kinds(found[name]) for name in ("count", "limit", "mode")} == {
        "count": (int,),
        "limit": (float, type(None)),
        "mode": (str,),
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("count", 3), ("rate", 0.25), ("limit", None), ("limit", 0.5), ("either", 2), ("either", 0.5)),
        *(
            ("quick", True),
            ("mode", "c"),
            ("inner", None),
            ("sizes", [1, 2]),
            ("anything", "x"),
            ("later", 3),
            ("several", [3]),
        ),
        ("not a field", 3),
    ],
)
def test_a_value_of_the_type_is_taken_as_it_is(name, value):
    found = fitted(Fields, {name: value}, "a")[name]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("name", ["rate", "limit"])
def test_a_whole_number_is_a_fraction_where_one_is_needed(name):
    assert repr(fitted(Fields, {name: 1}, "a")[name]) == "1.0"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("count", "many", "of type int; got 'many', of type str. Write a whole number."),
        ("count", 2.5, "of type int; got 2.5, of type float. Write a whole number."),
        ("count", True, "of type int; got True, of type bool. Write a whole number."),
        ("count", None, "of type int; got None, of type NoneType. Write a whole number."),
        ("rate", "x", "of type float; got 'x', of type str. Write a number."),
        ("limit", "x", "of type float or None; got 'x', of type str. Write a number."),
        ("either", "x", "of type int or float; got 'x', of type str. Write a whole number or a number."),
        ("quick", 1, "of type bool; got 1, of type int. Write true or false."),
        ("mode", 1, "of type str; got 1, of type int. Write a text."),
        ("inner", "x", "of type TPO or None; got 'x', of type str. Set it in Python."),
        ("hidden", 3, "of type Fraction; got 3, of type int. Set it in Python."),
        ("rate", {"a": 1}, "of type float; got {'a': 1}, of type dict. Write a number."),
    ],
)
def test_another_type_is_refused(name, value, text):
    with pytest.raises(InvalidTypeError) as caught:
        fitted(Fields, {name: value}, "arms.TPO")
    assert str(caught.value) == f"`arms.TPO.{name}` must be {text}"


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("name", ["rate", "limit", "anything"])
def test_a_number_that_is_not_finite_is_refused(name, value):
    with pytest.raises(InvalidArgumentError) as caught:
        fitted(Fields, {name: value}, "task")
    assert str(caught.value) == f"`task.{name}` must be finite; got {value}. Choose a number that JSON can hold."


def test_the_gate_of_an_arm_is_declared_to_be_a_number():
    with pytest.raises(
        InvalidTypeError, match=r"`arms\.A\.gate` must be of type float or None; got 'foo', of type str"
    ):
        fitted(Arm, {"gate": "foo", "options": {"any": "thing"}}, "arms.A")


def test_a_whole_number_that_no_fraction_can_be_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"`arm.learning_rate` must be finite; got inf\."):
        fitted(Arm, {"learning_rate": 10**400}, "arm")
