"""Changing settings by dotted names, with labels that contain dots and equals signs."""

import pytest

from tpo import InvalidArgumentError, UnknownNameError
from tpo.experiments.spec.overrides import changed, flat, parse, resolved

ARM = {"epochs": 4, "options": {"eta": 1.0}}
SETTINGS = {"trainer": {"steps": 10, "rate": 0.5}, "arms": {"TPO": ARM, "eta=0.5": ARM, "eta=0.5.b": ARM}}


def renewed(**changes):
    """The settings with the changes, by name."""
    return changed(SETTINGS, resolved(SETTINGS, changes))


def test_a_value_is_replaced_and_the_rest_is_as_it_was():
    new = renewed(**{"trainer.steps": 3, "arms.TPO.options.eta": 2.0})
    assert new["trainer"] == {"steps": 3, "rate": 0.5}
    assert new["arms"] == SETTINGS["arms"] | {"TPO": {"epochs": 4, "options": {"eta": 2.0}}}
    assert SETTINGS["trainer"]["steps"] == 10


def test_an_option_of_an_algorithm_may_be_new():
    assert renewed(**{"arms.TPO.options.anchor": "none"})["arms"]["TPO"]["options"] == {"eta": 1.0, "anchor": "none"}


def test_nothing_else_may_be_new_whatever_an_arm_is_called():
    settings = {"arms": {"options": ARM}}
    with pytest.raises(UnknownNameError, match=r"got 'arms\.options\.epoch'\. Did you mean 'arms\.options\.epochs'\?"):
        changed(settings, resolved(settings, {"arms.options.epoch": 1}))


def test_every_arm_is_each_of_them_whatever_they_are_called():
    arms = renewed(**{"arm.epochs": 2, "arm.options.eta": 3.0})["arms"]
    assert arms == {label: {"epochs": 2, "options": {"eta": 3.0}} for label in SETTINGS["arms"]}


@pytest.mark.parametrize("label", SETTINGS["arms"])
def test_one_arm_is_that_one_whatever_it_is_called(label):
    assert resolved(SETTINGS, {f"arms.{label}.epochs": 2}) == {("arms", label, "epochs"): 2}


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        renewed(**{"trainer.step": 3})
    assert "must be a registered setting; got 'trainer.step'. Did you mean 'trainer.steps'?" in str(caught.value)


def test_an_option_without_its_arm_says_where_it_stands():
    with pytest.raises(UnknownNameError) as caught:
        renewed(eta=0.5)
    assert str(caught.value) == (
        "the name must be a registered setting; got 'eta'. Registered: arm, arms, trainer. "
        "An option of an algorithm is arm.options.eta, or arms.LABEL.options.eta in one arm."
    )


def test_a_name_inside_a_number_is_refused():
    with pytest.raises(InvalidArgumentError) as caught:
        renewed(**{"trainer.steps.more": 1})
    text = "`trainer.steps.more` must name a setting; got a name inside `trainer.steps`, whose value is 10."
    assert str(caught.value) == f"{text} Write `trainer.steps`."


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("a.b=3", ("a.b", 3)),
        ("a=1e-3", ("a", 0.001)),
        ("a=reverse", ("a", "reverse")),
        ("a=b=c", ("a", "b=c")),
        ("trainer.steps = 3", ("trainer.steps", 3)),
        ("arms.TPO.epochs=1", ("arms.TPO.epochs", 1)),
        ("arms.eta=0.5.epochs=2", ("arms.eta=0.5.epochs", 2)),
        ("arms.eta=0.5.b.epochs=2", ("arms.eta=0.5.b.epochs", 2)),
        ("arms.eta=0.5.options.new=a=b", ("arms.eta=0.5.options.new", "a=b")),
        ("arms.eta=0.5=2", ("arms.eta=0.5", 2)),
        ("arms.eta=0.7.epochs=2", ("arms.eta", "0.7.epochs=2")),
        ("arm.epochs=2", ("arm.epochs", 2)),
    ],
)
def test_an_assignment_is_split_into_the_name_of_a_setting_and_its_value(text, pair):
    assert parse(SETTINGS, text) == pair


@pytest.mark.parametrize("text", ["trainer.steps", "arms.eta=0.5.epochs", ""])
def test_an_assignment_needs_a_value(text):
    with pytest.raises(InvalidArgumentError) as caught:
        parse(SETTINGS, text)
    assert str(caught.value) == f"`--set` must be NAME=VALUE; got {text!r}. For example: --set trainer.steps=300."


def test_a_group_of_settings_cannot_be_replaced():
    with pytest.raises(InvalidArgumentError) as caught:
        renewed(trainer=3)
    text = "`trainer` must name a single setting; got a group of them: steps, rate. For example: trainer.steps."
    assert str(caught.value) == text


def test_an_empty_group_cannot_be_replaced():
    settings = {"arms": {"TPO": {"options": {}}}}
    with pytest.raises(
        InvalidArgumentError, match=r"got a group of them: NAME\. For example: arms\.TPO\.options\.NAME\."
    ):
        changed(settings, resolved(settings, {"arm.options": 3}))


def test_flat_settings_have_dotted_names():
    assert flat(SETTINGS)["arms.TPO.options.eta"] == 1.0
