"""Missing scores and ties, by counts."""

import math

import pytest

from tests.rollouts.loaded import loaded, rows_of, verdict
from tpo.rollouts.checks.base import Expected
from tpo.rollouts.checks.scores import ceiled
from tpo.rollouts.recommend import recommend


def groups(*scores):
    return [row for number, some in enumerate(scores) for row in rows_of(number, score=some)]


def test_nan_null_and_infinite_scores_are_counted_with_their_groups(tmp_path):
    rollouts = loaded(tmp_path, groups([1, math.nan], [None, math.inf], [0, 1]))
    found = verdict("scores", rollouts)
    assert (found.ok, found.figures) == (False, {"rows": 3, "groups": 2})


def test_shares_of_tied_groups(tmp_path):
    found = verdict("ties", loaded(tmp_path, groups([0, 0], [1, 1], [0.5, 0.5], [0, 1])))
    assert found.ok
    assert found.figures == {"tied": 0.75, "all_fail": 0.25, "all_pass": 0.25}


def test_what_fails_and_what_succeeds_can_be_said(tmp_path):
    found = verdict("ties", loaded(tmp_path, groups([-1, -1], [3, 3], [-1, 3])), fail=-1.0, succeed=3.0)
    assert found.figures["all_fail"] == found.figures["all_pass"] == pytest.approx(1 / 3)


def test_missing_scores_and_groups_of_one_are_left_out_of_the_shares(tmp_path):
    found = verdict("ties", loaded(tmp_path, groups([1, None, 1], [0, 1], [1], [None, 0])))
    assert found.figures["tied"] == 0.5


def test_nothing_but_ties_is_a_fault(tmp_path):
    assert verdict("ties", loaded(tmp_path, groups([0, 0], [1, 1]))).ok is False


@pytest.mark.parametrize(
    ("scores", "ok", "figures"),
    [
        ([[0, 1], [1, 1]], True, {"share": 0, "round_off": 0, "largest_span": 0}),
        ([[0, 0.01], [0, 1]], False, {"share": 0.5, "round_off": 0, "largest_span": 0.01}),
        ([[1000.0, 1000.0005], [0, 1]], False, {"share": 0.5, "round_off": 0.5}),
        ([[0, 0.01], *[[0, 1]] * 20], None, {"share": 1 / 21}),
    ],
)
def test_near_ties(tmp_path, scores, ok, figures):
    found = verdict("near-ties", loaded(tmp_path, groups(*scores)))
    assert found.ok is ok
    assert {name: found.figures[name] for name in figures} == pytest.approx(figures)


def test_what_is_near_can_be_said(tmp_path):
    assert verdict("near-ties", loaded(tmp_path, groups([0, 0.01], [0, 1])), near=0.001).ok


@pytest.mark.parametrize(("number", "up"), [(0.01, 0.01), (0.0123, 0.013), (2e-8, 2e-8), (9.96, 10), (0.0, 0.0)])
def test_tolerances_are_rounded_up(number, up):
    assert ceiled(number) == up
    assert ceiled(number) >= number


@pytest.mark.parametrize("scores", [[2_000_000, 2_000_001], [1e6, 1e6 + 1]])
def test_whole_numbers_have_no_round_off(tmp_path, scores):
    assert verdict("near-ties", loaded(tmp_path, groups(scores, scores))).ok


def test_a_tolerance_that_would_tie_every_group_is_not_recommended(tmp_path):
    rollouts = loaded(tmp_path, groups([0, 0.001], [0, 0.001], [0, 0]))
    found = verdict("near-ties", rollouts)
    assert (found.ok, found.figures["all_untied"]) == (False, 1.0)
    assert "tie_tolerance" not in found.remedy
    assert [one.setting for one in recommend(rollouts, Expected())] == []
