"""Calling the code of plug-ins."""

from __future__ import annotations

import sys

import pytest

from tpo import BatchPlan, Finding, InvalidArgumentError, PluginError
from tpo.plugins.contracts import Contract

CONTRACT = Contract("check", "mine", "look around")


def failure(error):
    with pytest.raises(PluginError) as caught, CONTRACT.calling():
        raise error
    assert caught.value.__cause__ is error
    return str(caught.value)


@pytest.mark.parametrize(
    ("error", "came"),
    [
        (SystemExit(0), "SystemExit: 0"),
        (KeyError("x"), "KeyError: 'x'"),
        (GeneratorExit(), "GeneratorExit"),
        (OSError("it broke off"), "OSError: it broke off"),
        (ValueError("It is wrong."), "ValueError: It is wrong"),
        (ValueError("wrong\nin\nmany lines"), "ValueError: wrong…"),
    ],
)
def test_whatever_is_raised_names_the_plug_in(error, came):
    assert failure(error) == f"the check 'mine' must look around; got {came}. Fix or uninstall its plug-in."


def test_an_error_without_a_text_names_its_class():
    class UnspeakableError(Exception):
        def __str__(self):
            return sys.exit(1)

    assert failure(UnspeakableError()) == (
        "the check 'mine' must look around; got UnspeakableError. Fix or uninstall its plug-in."
    )


@pytest.mark.parametrize(
    "error", [InvalidArgumentError("deliberate"), OSError(28, "No space left"), KeyboardInterrupt()]
)
def test_errors_of_tpo_and_of_the_system_and_ctrl_c_pass(error):
    with pytest.raises(type(error)) as caught, CONTRACT.calling():
        raise error
    assert caught.value is error


@pytest.mark.parametrize(
    ("value", "kind", "came"),
    [
        (5, Finding, "5"),
        (Finding(5, ok=True, detail=""), Finding, "a Finding whose `subject` is 5, not str"),
        (Finding("", ok=3, detail=""), Finding, "a Finding whose `ok` is 3, not bool | None"),
        (BatchPlan(5), BatchPlan, "a BatchPlan whose `facts` is 5, not tuple[tuple[str, str], ...]"),
        (
            BatchPlan((("rows", 5),)),
            BatchPlan,
            "a BatchPlan whose `facts` is (('rows', 5),), not tuple[tuple[str, str], ...]",
        ),
        (
            BatchPlan((("rows",),)),
            BatchPlan,
            "a BatchPlan whose `facts` is (('rows',),), not tuple[tuple[str, str], ...]",
        ),
        (BatchPlan((), "text"), BatchPlan, "a BatchPlan whose `warnings` is 'text', not tuple[str, ...]"),
    ],
)
def test_what_is_of_another_type_is_refused(value, kind, came):
    with pytest.raises(PluginError) as caught:
        CONTRACT.checked(value, kind)
    assert str(caught.value) == f"the check 'mine' must look around; got {came}. Fix or uninstall its plug-in."


@pytest.mark.parametrize(
    "value", [Finding("a", ok=None, detail="b"), BatchPlan((("a", "b"),), ("c",)), BatchPlan(())], ids=repr
)
def test_what_is_as_agreed_is_returned(value):
    assert CONTRACT.checked(value, type(value)) is value
