"""Measurements of a row: padding, errors, invariances."""

import numpy as np
import pytest

from tools.conformance import inputs, measure
from tools.conformance.invariances import CHANGES
from tpo.testing.golden import corpus


def run(function, arrays):
    """Run a function on NumPy."""
    return function(*arrays)


@pytest.fixture(scope="module")
def groups(pristine):
    return measure.part(corpus.load(inputs.corpus_file(pristine)), "float32")


@pytest.fixture(scope="module")
def truth(pristine, groups):
    everything = corpus.load(inputs.corpus_file(pristine))
    return inputs.load_truth(inputs.truth_file(pristine, corpus.digest(everything)), list(groups))


def test_padding_to_a_width_changes_no_bit(groups):
    plain = measure.all_blocks(run, measure.exact, groups, (2, 8))
    padded = measure.all_blocks(run, measure.exact, groups, (17,))
    for key, arrays in plain.items():
        assert [x.shape for x in arrays] == [groups[key].scores.shape] * 5
        for ours, others in zip(arrays, padded[key], strict=True):
            np.testing.assert_array_equal(ours, others)


def test_the_worst_error_is_found_where_it_is(groups, truth):
    results = measure.all_blocks(run, measure.exact, groups, (2, 8))
    key = "float32", 8
    results[key][0][7, 3] = 99.0
    worst = measure.worst(groups, results, truth, 0)
    assert worst.ulp > 1e6
    assert (worst.where["size"], worst.where["group"], worst.where["candidate"]) == (8, 7, 3)
    assert worst.where["value"] == (99.0).hex()
    assert worst.where["scores"] == [float(x).hex() for x in groups[key].scores[7]]


def test_the_error_of_the_fast_tier_is_in_machine_epsilons(groups, truth):
    results = {key: [q[0] for q in truth[key].q] for key in groups}
    assert measure.error_of_fast({k: [x.astype("float32") for x in v] for k, v in results.items()}, truth, 0) <= 0.25


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_asks_for_the_same_numbers(groups, name):
    block = groups["float32", 8]
    change = CHANGES[name](block)
    results = measure.exact(*change.arrays)
    assert any(a.shape != b.shape or not np.array_equal(a, b) for a, b in zip(change.arrays, block, strict=False))
    for ours, others in zip(results, measure.exact(*block[:3]), strict=True):
        np.testing.assert_array_equal(change.undo(ours), others[change.groups])


def test_a_change_that_matters_is_counted(groups):
    results = measure.all_blocks(run, measure.exact, groups, (2, 8))
    assert set(measure.changed(run, groups, results, (8,)).values()) == {0}
    results["float32", 8][0][3, 0] += 1
    assert measure.changed(run, groups, results, (8,)) == dict.fromkeys(CHANGES, 1)
