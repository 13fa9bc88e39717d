"""Options of a wrong type, and infinite ones, are refused when an algorithm is made."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.plugins import registry

CLASSES = sorted({type(algorithm) for algorithm in ALGORITHMS if not hasattr(algorithm, "algorithm")}, key=str)
NUMBERS = [
    pytest.param(cls, field.name, id=f"{cls.__name__}-{field.name}")
    for cls in CLASSES
    for field in fields(cls)
    if isinstance(field.default, float | int) and not isinstance(field.default, bool)
]
WRAPPERS = [tpo.Gated, tpo.TruncatedIS, tpo.IcePop, tpo.TokenClip]


@pytest.mark.parametrize(("cls", "name"), NUMBERS)
def test_a_text_in_the_place_of_a_number_is_refused(cls, name):
    with pytest.raises(
        tpo.InvalidTypeError, match=rf"^`{name}` must be a number that is known before compilation; got str\."
    ):
        cls(**{name: "1"})


@pytest.mark.parametrize(("cls", "name"), NUMBERS)
def test_infinity_is_refused(cls, name):
    with pytest.raises(tpo.InvalidArgumentError, match=f"^`{name}` must"):
        cls(**{name: float("inf")})


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("inner", ["tpo", tpo.TPO, None])
def test_what_is_no_algorithm_is_refused_inside_another(wrapper, inner):
    with pytest.raises(tpo.InvalidTypeError) as caught:
        wrapper(inner)
    assert str(caught.value) == f"`algorithm` must be an algorithm; got {inner!r}. For example tpo.TPO()."


@pytest.mark.parametrize("standardizer", ["z-score", tpo.Ranks, None])
def test_what_is_no_standardizer_is_refused(standardizer):
    with pytest.raises(tpo.InvalidTypeError) as caught:
        tpo.TPO(standardizer=standardizer)
    text = f"`standardizer` must be a tpo.Standardizer; got {standardizer!r}."
    assert str(caught.value) == f"{text} For example tpo.ZScore()."


def test_a_temperature_that_is_traced_is_refused_in_words():
    jax = registry.backend("jax")
    with pytest.raises(
        tpo.InvalidTypeError, match=r"`eta` must be a number that is known before compilation; got .*Tracer"
    ):
        jax.compile(lambda eta: tpo.TPO(eta=eta).eta)(jax.asarray([1.0])[0])


def test_no_limit_on_importance_weights_is_allowed():
    assert tpo.TruncatedIS(tpo.TPO(), cap=float("inf")).cap == float("inf")


@pytest.mark.parametrize("value", [None, [], 3, "token_mean"])
def test_a_name_that_is_none_of_the_known_is_refused(value):
    scores, old = np.asarray([[1.0, 0.0]]), np.log([[0.5, 0.5]])
    for call in (
        lambda: tpo.GRPO(reduction=value),
        lambda: tpo.PMPO(threshold=value),
        lambda: tpo.TPO(anchor=value),
        lambda: tpo.TPO(divergence=value),
        lambda: tpo.target(old, scores, precision=value),
        lambda: tpo.target(old, scores, nan=value),
        lambda: tpo.target(old, scores, anchor=value),
    ):
        with pytest.raises(tpo.UnknownNameError, match=r"^the name must be a registered .*; got .* Registered: "):
            call()


@pytest.mark.parametrize("axes", [-1, [-2, -1], (-2, -1.0), "-1"])
def test_axes_that_are_none_are_refused(axes):
    with pytest.raises(tpo.InvalidArgumentError, match="`axes` must be different negative numbers"):
        tpo.BatchZScore(axes=axes)


@pytest.mark.parametrize("name", ["tolerance", "floor"])
def test_a_tolerance_that_is_no_number_is_refused(name):
    with pytest.raises(tpo.InvalidTypeError, match=f"`{name}` must be a number that is known before .*; got str"):
        tpo.ZScore(**{name: "1"})


def test_weights_and_names_of_rewards_that_do_not_fit_are_refused():
    rewards = np.asarray([[1.0, 0.0]])
    with pytest.raises(tpo.InvalidTypeError, match=r"`weights` must be one number for each reward; got 2\.0"):
        tpo.combine_scores({"right": rewards}, 2.0)
    with pytest.raises(tpo.InvalidArgumentError, match="the names of rewards must differ as texts"):
        tpo.combine_scores({1: rewards, "1": rewards})
