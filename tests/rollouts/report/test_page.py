"""The page of an audit: complete, self-contained, and never taken in by what it shows."""

from __future__ import annotations

import gc
import re
import sys
import weakref

import pytest

from tests.rollouts.loaded import loaded, rows_of
from tests.rollouts.made_up import FAULTS, few_columns, sound, trl_rows
from tpo import NotInstalledError, OutputError
from tpo.rollouts.audit import audit
from tpo.rollouts.reading.columns import Choice
from tpo.rollouts.report import page
from tpo.rollouts.report.figures import effective_size


def rendered(tmp_path, rows, source="rollouts.jsonl"):
    rollouts = loaded(tmp_path, rows)
    return page.render(source, rollouts, audit(rollouts))


def titles(html):
    return re.findall(r"<section>\n<h2>(.*?)</h2>", html)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            sound(),
            [
                "Effective sample size of the old policy",
                "Score against length",
                "Group sizes",
                "Log-ratio against length",
            ],
        ),
        (trl_rows(), ["Score against length", "Group sizes"]),
        (rows_of("a", score=[1]), ["Group sizes"]),
        (few_columns(sound()), ["Effective sample size of the old policy", "Score against length", "Group sizes"]),
    ],
)
def test_there_is_a_figure_for_all_that_the_rollouts_tell(tmp_path, rows, expected):
    html = rendered(tmp_path, rows)
    assert titles(html) == expected
    assert html.count("<svg") == len(expected)


@pytest.mark.parametrize("weight", [1.0, 1e100, -1e100, 5e-324])
@pytest.mark.filterwarnings("error")
def test_numbers_beyond_all_bounds_are_audited_and_drawn_without_warnings(tmp_path, weight):
    large = (1e308, -1e308, 1e100, -1e100, 9.9e99, 0.0, 1.0)
    rows = [
        {
            "uid": group,
            "step": 1,
            "score": large[(place + group) % 7] * (-1) ** group,
            "advantage": number,
            "old_log_probs": [-abs(number), -1e100],
            "new_log_probs": [-1.0, number],
            "rollout_log_probs": [-1e100, 1e100],
            "completion_length": abs(number) if group % 2 else place + 1,
        }
        for group in range(20)
        for place, number in enumerate(large)
    ]
    rollouts = loaded(tmp_path, rows, Choice(scores=(f"score={weight}",)))
    found = audit(rollouts)
    assert page.render("rollouts.jsonl", rollouts, found).count("<svg") == 4
    details = {one.subject: one.detail for one in found.faults}
    assert details["scores"] == "40 of 140 scores (29 %) are NaN, null, infinite or beyond 1e100, in 20 groups"
    assert details["log-probs"].startswith("140 of 140 rows (100 %) have log-probs above 0")


def test_it_has_each_finding_with_what_to_do(tmp_path):
    html = rendered(tmp_path, FAULTS["completions are cut off"][1](sound()))
    assert '<span class="fault">1 fault.</span>' in html
    assert (
        '<tr class="fault"><td>truncation</td><td>fault</td><td>128 of 192 completions (67 %) were cut off</td>' in html
    )
    assert "<td>advantages</td><td>not audited</td><td>without advantage</td>" in html
    assert "<tr><td>anchor</td><td>policy</td>" in html
    assert "192 completions in 24 groups." in html
    assert "No fault was found." in rendered(tmp_path, sound())


def test_settings_that_have_no_foundation_are_said_to_be_withheld(tmp_path):
    html = rendered(tmp_path, FAULTS["ranks were counted twice"][1](sound()))
    assert "No settings are recommended before these are repaired: doubled rows." in html
    assert "Settings that follow" not in html


def test_it_loads_nothing_and_is_the_same_again(tmp_path):
    html = rendered(tmp_path, sound())
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', html.replace("http://www.w3.org/1999/xlink", "")) == []
    assert "prefers-color-scheme: dark" in html
    assert html == rendered(tmp_path, sound())
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_texts_of_rollouts_are_no_markup(tmp_path):
    rows = [row | {"uid": "<script>x</script>", "<b>": 1} for row in rows_of("a", score=[1, 0])]
    html = rendered(tmp_path, [row | {"group_id": f"<i>{n}"} for n, row in enumerate(rows)], source="<u>.jsonl")
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<u>" not in html
    assert "&lt;u&gt;.jsonl" in html


@pytest.mark.parametrize("score", [1e100, -1e100, None])
def test_numbers_that_cannot_be_drawn_are_no_error(tmp_path, score):
    rows = rows_of("a", score=[score, 0, 1], old_logp=[-1e100, -1, -2], new_logp=[-1, -1e100, -2], length=[1e100, 1, 0])
    assert rendered(tmp_path, [*rows, *rows]).count("<svg") >= 1


def test_another_file_is_not_replaced(tmp_path):
    rollouts = loaded(tmp_path, sound())
    found, path = audit(rollouts), tmp_path / "audit.html"
    for _ in range(2):
        page.write(path, "rollouts.jsonl", rollouts, found)
    path.write_text("mine")
    with pytest.raises(OutputError, match="must be new or made by tpo before"):
        page.write(path, "rollouts.jsonl", rollouts, found)


@pytest.mark.parametrize(("library", "name"), [("jinja2", "Jinja"), ("matplotlib.figure", "matplotlib")])
def test_what_is_not_installed_is_named(tmp_path, monkeypatch, library, name):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(NotInstalledError, match=f"{name} must be installed to"):
        rendered(tmp_path, sound())


@pytest.mark.parametrize(("size", "least"), [(2, 1.5), (4, 2.0), (16, 4.0)])
def test_the_figure_marks_the_size_that_the_check_asks_for(tmp_path, size, least):
    rows = rows_of("a" * size, score=list(range(size)), old_log_probs=[-1.0] * size)
    lines = effective_size(loaded(tmp_path, rows)).axes[0].lines
    assert {line.get_xdata()[0] for line in lines if line.get_linestyle() == ":"} == {least}


def test_rollouts_are_freed_after_their_audit(tmp_path):
    rollouts = loaded(tmp_path, sound())
    audit(rollouts)
    seen = weakref.ref(rollouts)
    del rollouts
    gc.collect()
    assert seen() is None
