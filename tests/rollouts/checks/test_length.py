"""Scores against lengths, and advantages against scores, by numbers worked out by hand."""

import pytest

from tests.rollouts.loaded import loaded, rows_of, verdict
from tests.rollouts.made_up import trl_rows


def test_the_correlation_is_within_groups(tmp_path):
    # Over all rows, longer completions score higher; in each group, shorter ones do.
    rows = [
        *rows_of("a", score=[1.0, 0.0], length=[1, 2]),
        *rows_of("b", score=[11.0, 10.0], length=[101, 102]),
    ]
    found = verdict("score by length", loaded(tmp_path, rows)).figures
    assert found["within_groups"] == pytest.approx(-1)
    assert found["over_all"] > 0.99
    assert found["rows"] == 4


def test_correlation_by_hand(tmp_path):
    rows = rows_of("a", score=[1, 2, 3], length=[10, 30, 20])
    assert verdict("score by length", loaded(tmp_path, rows)).figures["within_groups"] == pytest.approx(0.5)


def test_tied_groups_do_not_dilute_it(tmp_path):
    rows = [*rows_of("a", score=[1, 2, 3], length=[10, 30, 20]), *rows_of("b", score=[1, 1, 1], length=[1, 2, 3])]
    assert verdict("score by length", loaded(tmp_path, rows)).figures["within_groups"] == pytest.approx(0.5)


def test_a_lean_towards_length_warns(tmp_path):
    # Per group of four: scores 0 0 1 1 with lengths 1 3 2 4, a correlation of 1/sqrt(5).
    rows = [row for number in range(30) for row in rows_of(number, score=[0, 0, 1, 1], length=[1, 3, 2, 4])]
    found = verdict("score by length", loaded(tmp_path, rows))
    assert found.ok is None
    assert found.figures["within_groups"] == pytest.approx(5**-0.5)
    assert found.remedy.startswith("Longer completions score higher")


@pytest.mark.parametrize(
    ("reasons", "share"),
    [(["stop", "LENGTH", "eos", "max_tokens"], 0.5), ([True, False, False, False], 0.25), ([None, 1, 0, 0], 1 / 3)],
)
def test_reasons_to_stop(tmp_path, reasons, share):
    found = verdict("truncation", loaded(tmp_path, rows_of("a", score=[1, 0, 1, 0], finish_reason=reasons)))
    assert (found.ok, found.figures["share"]) == (False, pytest.approx(share))


def test_advantages_that_scores_give_are_right_whatever_their_scale(tmp_path):
    rows = rows_of("a", score=[1, 0, 0, 1], advantages=[3.5, 1.5, 1.5, 3.5])
    assert verdict("advantages", loaded(tmp_path, rows)).ok


def test_advantages_of_other_groups_are_found(tmp_path):
    rows = trl_rows()
    found = verdict("advantages", loaded(tmp_path, rows))
    assert (found.ok, found.figures) == (True, {"groups": 0, "compared": 4})
    # The prompts are shifted by one row, so that groups are of other completions.
    shifted = [row | {"prompt": rows[place - 1]["prompt"]} for place, row in enumerate(rows)]
    found = verdict("advantages", loaded(tmp_path, shifted))
    assert found.ok is None
    assert found.figures["groups"] > 0
