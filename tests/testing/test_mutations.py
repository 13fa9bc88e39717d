"""Every known defect is caught by the law or the test that its row names."""

import inspect
from collections import Counter

import numpy as np
import pytest

from tests.testing.mutants.libraries import ADAPTERS, NAMESPACES
from tests.testing.mutants.table import ALGORITHMS, LOSSES
from tpo.plugins import registry
from tpo.testing import AlgorithmSuite, AutodiffSuite, check_loss
from tpo.testing.checking.check import ROWS, SINGLE, SIZE
from tpo.testing.checking.counterexample import TOLERANCE
from tpo.testing.checking.functions import as_loss, function_subject, kind_of
from tpo.testing.laws.all_laws import LAWS
from tpo.testing.laws.groups import made_up_groups
from tpo.testing.laws.law import broken
from tpo.testing.laws.subjects import algorithm_subject

TORCH = registry.backend("torch")
FAILURES = (Exception, pytest.fail.Exception)


def named(row):
    return f"{row.wrong}: {row.given.get('name', row.caught_by)}"


def every(rows):
    return pytest.mark.parametrize("row", rows, ids=named)


def passes(suite, row, fixtures):
    """Whether the test of a row passes; `fixtures` are functions, by name."""
    test = getattr(suite(), row.caught_by)
    names = inspect.signature(test).parameters
    assert set(names) <= row.given.keys() | fixtures.keys()
    try:
        with np.errstate(all="ignore"):
            test(**{name: row.given[name] if name in row.given else fixtures[name]() for name in names})
    except FAILURES:
        return False
    return True


@every(LOSSES)
def test_a_wrong_loss_breaks_the_law_that_names_it(row):
    loss, law = row.mutant(), LAWS[row.caught_by]
    kind = kind_of(loss)
    found = [
        broken(law, function_subject(TORCH, as_loss(TORCH, loss, kind), dtype), kind.groups((ROWS, SIZE)), TOLERANCE)
        for dtype in ("float64", SINGLE)
    ]
    assert any(wrong.any() for wrong, _ in found)


@pytest.mark.parametrize("right", sorted({row.right for row in LOSSES}, key=str))
def test_the_losses_that_they_are_made_from_keep_every_law(right):
    assert [verdict.law for verdict in check_loss(right(), ["torch"]) if not verdict.holds] == []


def fixtures_of_algorithm(algorithm):
    return {
        "algorithm": lambda: algorithm,
        "subject": lambda: algorithm_subject(TORCH, algorithm, "float64"),
        "values": lambda: algorithm_subject(registry.backend("numpy"), algorithm, "float64"),
        "wide": lambda: TORCH,
        "groups": made_up_groups,
    }


@every(ALGORITHMS)
def test_a_wrong_algorithm_fails_the_test_that_names_it_and_a_right_one_passes(row):
    assert not passes(AlgorithmSuite, row, fixtures_of_algorithm(row.mutant))
    assert passes(AlgorithmSuite, row, fixtures_of_algorithm(row.right))


def fixtures_of_library(backend):
    return dict.fromkeys(("backend", "autodiff", "wide"), lambda: backend) | {"dtype": lambda: "float32"}


@every([*NAMESPACES, *ADAPTERS])
def test_a_wrong_library_fails_the_test_that_names_it_and_a_right_one_passes(row):
    assert not passes(AutodiffSuite, row, fixtures_of_library(row.mutant))
    assert passes(AutodiffSuite, row, fixtures_of_library(row.right))


def test_the_table_is_long_and_names_every_law():
    rows = [*LOSSES, *ALGORITHMS, *NAMESPACES, *ADAPTERS]
    assert len(rows) >= 70
    assert max(Counter(map(named, rows)).values()) <= 2
    assert {row.caught_by for row in LOSSES} == set(LAWS)
