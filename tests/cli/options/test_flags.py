"""Flags come from the fields of a task."""

from __future__ import annotations

from dataclasses import dataclass, field

import click
import pytest

from tpo import PluginError
from tpo.cli.options.option import attribute_texts, flags_of


@dataclass(frozen=True, kw_only=True)
class Example:
    """An example.

    Attributes:
        step_size: How far to go,
            each time.
        name: What it is called: anything.
        quick: Whether to hurry.

    Raises:
        Nothing: Not an attribute.
    """

    step_size: float
    name: str = "one"
    quick: bool = False
    limit: int | None = None
    made: int = field(default_factory=lambda: 7)


def parse(*arguments):
    command = click.Command("example", params=flags_of(Example))
    return command.make_context("example", list(arguments)).params


def test_texts_come_from_the_attributes_section():
    assert attribute_texts(Example) == {
        "step_size": "How far to go, each time.",
        "name": "What it is called: anything.",
        "quick": "Whether to hurry.",
    }


@dataclass(frozen=True, kw_only=True)
class Derived(Example):
    """Inherits the fields of an example.

    Attributes:
        quick: Whether to run.
        from_: Where to begin.
    """

    from_: str = "here"


def test_texts_of_a_base_class_are_inherited():
    texts = {"quick": "Whether to run.", "from_": "Where to begin."}
    assert attribute_texts(Derived) == attribute_texts(Example) | texts


def test_a_name_that_python_reserves_is_written_with_an_underscore():
    (flag,) = [flag for flag in flags_of(Derived) if flag.name == "from_"]
    assert flag.opts == ["--from"]


def test_texts_are_the_help():
    helps = {flag.name: flag.help for flag in flags_of(Example)}
    assert helps == {**attribute_texts(Example), "limit": None, "made": None}


def test_defaults_are_those_of_the_fields():
    assert parse("--step-size", "1") == {"step_size": 1.0, "name": "one", "quick": False, "limit": None, "made": 7}


def test_values_have_the_types_of_the_fields():
    values = parse("--step-size", "0.5", "--name", "3", "--quick", "--limit", "4", "--made", "2")
    assert values == {"step_size": 0.5, "name": "3", "quick": True, "limit": 4, "made": 2}
    assert parse("--step-size", "1", "--no-quick")["quick"] is False


def test_a_field_without_a_default_is_required():
    with pytest.raises(click.MissingParameter) as caught:
        parse()
    assert caught.value.param is not None
    assert caught.value.param.name == "step_size"


def test_a_field_of_several_texts_may_be_repeated():
    @dataclass
    class Several:
        set_: tuple[str, ...] = ()

    command = click.Command("several", params=flags_of(Several))
    assert command.make_context("several", []).params == {"set_": ()}
    assert command.make_context("several", ["--set", "a", "--set", "b,c"]).params == {"set_": ("a", "b,c")}


def test_a_type_that_is_no_flag_is_refused():
    @dataclass
    class Odd:
        sizes: list[int]

    with pytest.raises(PluginError) as caught:
        flags_of(Odd)
    assert str(caught.value) == (
        "a field with a flag must be int, float, str, bool or tuple[str, ...]; got list[int] for 'sizes'. "
        "Change its annotation."
    )
