"""Rows that are there twice: by mistake, or because short completions repeat."""

from tests.rollouts.loaded import loaded, rows_of, verdict


def test_equal_short_completions_are_no_fault(tmp_path):
    rows = rows_of("a", completion=["yes", "yes", "no", "yes"], score=[1, 1, 0, 1], old_logp=[-0.3, -0.3, -1.3, -0.3])
    found = verdict("doubled rows", loaded(tmp_path, rows))
    assert (found.ok, found.remedy) == (None, "")
    assert found.figures == {"rows": 3, "unlikely": 0, "multiplied_groups": 0}


def test_an_unlikely_completion_is_not_sampled_twice(tmp_path):
    rows = rows_of("a", completion=["long", "long", "x", "y"], score=[1, 1, 0, 1], old_logp=[-20.1, -20.1, -9, -8])
    found = verdict("doubled rows", loaded(tmp_path, rows))
    assert found.ok is False
    assert found.figures == {"rows": 2, "unlikely": 2, "multiplied_groups": 0}


def test_rows_that_each_occur_three_times_were_gathered_three_times(tmp_path):
    rows = [row for group in "ab" for row in rows_of(group, completion=list("xyz") * 3, score=[1, 0, 0] * 3)]
    found = verdict("doubled rows", loaded(tmp_path, rows))
    assert found.ok is False
    assert found.figures == {"rows": 18, "unlikely": 0, "multiplied_groups": 2}


def test_a_group_of_one_answer_says_nothing(tmp_path):
    rows = rows_of("a", completion=["x"] * 4, score=[1] * 4)
    assert verdict("doubled rows", loaded(tmp_path, rows)).figures["multiplied_groups"] == 0


def test_equal_texts_with_other_scores_are_other_rows(tmp_path):
    rows = rows_of("a", completion=["x", "x"], score=[1, 0])
    assert verdict("doubled rows", loaded(tmp_path, rows)).ok
