"""Options that are numbers of NumPy, such as those of `numpy.linspace`, are the same as Python's, on every library."""

from __future__ import annotations

from dataclasses import fields, replace
from numbers import Real

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.testing.laws.groups import made_up_groups

STANDARDIZERS = (tpo.ZScore(), tpo.BatchZScore(), tpo.MeanScaled())


def number_fields(options):
    """Names and values of the options that are numbers."""
    values = {one.name: getattr(options, one.name) for one in fields(options)}
    return {name: value for name, value in values.items() if isinstance(value, Real) and not isinstance(value, bool)}


def with_numbers(options, kind):
    """The same options, with numbers of NumPy."""
    return replace(options, **{name: kind(value) for name, value in number_fields(options).items()})


def values_and_weights(backend, algorithm):
    groups = made_up_groups((7, 5)).items()
    arrays = {name: np.asarray(values, "float32") if values.dtype.kind == "f" else values for name, values in groups}
    given = {name: backend.array(values, dtype=values.dtype.name) for name, values in arrays.items()}
    log_probs = given.pop("log_probs")
    loss = algorithm.loss(log_probs, algorithm.prepare(tpo.Group(**given)))
    assert loss.value.dtype == log_probs.dtype
    return backend.numpy(loss.value), backend.numpy(loss.weight)


CASES = [one for one in ALGORITHMS if number_fields(one)]


@pytest.mark.parametrize("algorithm", CASES, ids=str)
def test_options_of_algorithms(backend, algorithm):
    plain = replace(algorithm, **{name: float(np.float32(value)) for name, value in number_fields(algorithm).items()})
    expected = values_and_weights(backend, plain)
    for kind in (np.float32, np.float64):
        given = with_numbers(plain, kind)
        assert (given, repr(given), hash(given)) == (plain, repr(plain), hash(plain))
        for found, value in zip(values_and_weights(backend, given), expected, strict=True):
            np.testing.assert_array_equal(found, value)


@pytest.mark.parametrize("standardizer", STANDARDIZERS, ids=str)
@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_options_of_standardizers_and_targets(backend, standardizer, precision):
    scores = backend.array(np.asarray([[1.0, 0.25, 0.0, 1.0]], "float32"), dtype="float32")
    for given in (standardizer, with_numbers(standardizer, np.float64)):
        q = tpo.target(0 * scores, scores, np.float64(0.5), standardizer=given, precision=precision)
        assert q.dtype == scores.dtype
        expected = tpo.target(0 * scores, scores, 0.5, standardizer=standardizer, precision=precision)
        np.testing.assert_array_equal(backend.numpy(q), backend.numpy(expected))


def test_the_total_weight_of_a_loss(backend):
    loss = tpo.Loss(*(backend.array(np.asarray(x, "float32"), dtype="float32") for x in ([1.0, 2.0], [1.0, 1.0])))
    for weight in (np.float64(3.0), np.float32(3.0), np.int64(3)):
        mean = loss.mean(total_weight=weight)
        assert (mean.dtype, float(backend.numpy(mean))) == (loss.value.dtype, 1.0)
