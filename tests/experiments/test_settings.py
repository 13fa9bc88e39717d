"""Settings changed by dotted names."""

import pytest

from tpo import InvalidArgumentError, InvalidTypeError, UnknownNameError
from tpo.experiments.settings import changed, flat, parse

SETTINGS = {"trainer": {"steps": 10, "rate": 0.5}, "arms": {"TPO": {"epochs": 4, "options": {"eta": 1.0}}}}


def test_a_value_is_replaced_and_the_rest_is_as_it_was():
    new = changed(SETTINGS, {"trainer.steps": 3, "arms.TPO.options.eta": 2.0})
    assert new == {"trainer": {"steps": 3, "rate": 0.5}, "arms": {"TPO": {"epochs": 4, "options": {"eta": 2.0}}}}
    assert SETTINGS["trainer"]["steps"] == 10


def test_an_option_of_an_algorithm_may_be_new():
    new = changed(SETTINGS, {"arms.TPO.options.anchor": "none"})
    assert new["arms"]["TPO"]["options"] == {"eta": 1.0, "anchor": "none"}


def test_a_whole_number_is_a_fraction_where_one_is_needed():
    assert repr(changed(SETTINGS, {"trainer.rate": 1})["trainer"]["rate"]) == "1.0"


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        changed(SETTINGS, {"trainer.step": 3})
    assert "must be a registered setting; got 'trainer.step'. Did you mean 'trainer.steps'?" in str(caught.value)


@pytest.mark.parametrize(("value", "kind"), [("many", "str"), (2.5, "float"), (True, "bool"), (None, "NoneType")])
def test_another_type_is_refused(value, kind):
    with pytest.raises(InvalidTypeError) as caught:
        changed(SETTINGS, {"trainer.steps": value})
    assert str(caught.value) == f"`trainer.steps` must be of type int; got {value!r}, of type {kind}. It is 10 now."


def test_a_name_inside_a_number_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"got one inside `steps`, which is 10"):
        changed(SETTINGS, {"trainer.steps.more": 1})


@pytest.mark.parametrize(
    ("text", "pair"),
    [("a.b=3", ("a.b", 3)), ("a=1e-3", ("a", 0.001)), ("a=reverse", ("a", "reverse")), ("a=b=c", ("a", "b=c"))],
)
def test_assignments(text, pair):
    assert parse(text) == pair


def test_an_assignment_needs_a_value():
    with pytest.raises(InvalidArgumentError, match=r"must be NAME=VALUE; got 'trainer.steps'"):
        parse("trainer.steps")


def test_a_group_of_settings_cannot_be_replaced():
    with pytest.raises(
        InvalidArgumentError, match=r"`trainer` must name a single setting; got a group of them: steps, rate\."
    ):
        changed(SETTINGS, {"trainer": 3})


def test_flat_settings_have_dotted_names():
    assert flat(SETTINGS)["arms.TPO.options.eta"] == 1.0
