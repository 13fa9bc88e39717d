"""Options of a wrong type, and infinite ones, are refused when an algorithm is made."""

from __future__ import annotations

from dataclasses import fields

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
