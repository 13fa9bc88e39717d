"""What stands in the page, from a record made by hand."""

from __future__ import annotations

import pytest

from tpo import InvalidArgumentError
from tpo.experiments import page

ARM = {
    "final_error": {"mean": 0.5, "se": 0.1, "median": 0.5},
    "steps_to_1pct": {"of_mean": None, "median": 41.0},
    "seconds_per_step": 0.25,
    "seeds": 2,
    "seeds_planned": 5,
    "ours": {"of_mean": None, "spread": None, "median": 41.0},
    "published": "never",
    "difference": None,
    "curves": {"error": {"steps": [0, 1], "mean": [1.0, 0.5], "se": [0.1, 0.1]}},
}


def record(**changes):
    return {
        "exhibit": "table1",
        "title": "Steps <to> 1 %",
        "source": "Table 1",
        "note": "",
        "statistic": "steps to 1 %",
        "scale": "laptop",
        "backend": "jax",
        "deviations": ["trainer.seeds 5 instead of 20"],
        "completed": False,
        "panels": {"V=2": {"TPO": ARM}, "V=4": {}},
        "settings": {},
        "provenance": {},
        "cpu_seconds": 1.0,
        "peak_memory_mb": 1.0,
    } | changes


def test_a_row_says_never_and_sorts_it_last():
    (row,) = page.rows(record())
    assert [text for text, _ in row] == ["V=2", "TPO", "never", "", "41", "never", "", "41", "2 of 5", "0.25"]
    assert row[2][1] == "Infinity"


def test_the_page_says_what_is_missing_and_escapes_what_it_is_told():
    html = page.render([record()])
    assert "not finished" in html
    assert "changed: trainer.seeds 5 instead of 20" in html
    assert "Steps &lt;to&gt; 1 %" in html
    assert "currentColor" in html


def test_the_page_is_the_same_when_made_again():
    assert page.render([record()]) == page.render([record()])


def test_a_page_of_nothing_is_refused(tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"must show an exhibit; got none\. Run one: tpo run table1\."):
        page.write([], tmp_path / "report.html")
