"""The contents of the page of results, from records made by hand."""

from __future__ import annotations

import re
import sys

import pytest

from tests.experiments.records import make_arm, make_record, record_of_exhibit
from tpo import InvalidArgumentError, NotInstalledError
from tpo.experiments.figures import page
from tpo.experiments.spec.cell import RESULTS_VERSION


def names_of(html):
    return re.findall(r'\bid="([^"]+)"', html)


def test_a_row_says_never_and_sorts_it_last():
    (row,) = page.rows(make_record())
    assert [text for text, _ in row] == ["V=2", "TPO", "never", "", "41", "never", "", "41", "2 of 5", "0.25"]
    assert row[2][1] == "Infinity"


@pytest.mark.parametrize(("published", "key"), [(">95", "95"), ("<2.3", "2.3"), (0.5, "0.5"), ("never", "Infinity")])
def test_a_bound_is_sorted_where_it_is(published, key):
    record = make_record(panels={"V=2": {"TPO": make_arm() | {"published": published}}})
    (row,) = page.rows(record)
    assert row[5] == (str(published), key)


def test_the_page_says_what_is_missing_and_escapes_what_it_is_told():
    html = page.render([make_record()])
    assert "not finished" in html
    assert "changed: trainer.seeds 5 instead of 20" in html
    assert "Steps &lt;to&gt; 1 %" in html
    assert "currentColor" in html


def test_numbers_of_another_version_are_said_to_be_so():
    remark = "Computed by another version of tpo"
    assert remark in page.render([make_record()])
    assert remark not in page.render([make_record(numbers=RESULTS_VERSION)])


def test_the_page_is_the_same_when_made_again():
    assert page.render([make_record()]) == page.render([make_record()])


def test_a_page_of_nothing_is_refused(tmp_path):
    with pytest.raises(
        InvalidArgumentError, match=r"must show an exhibit or a run; got none\. Run one: tpo run table1\."
    ):
        page.write([], tmp_path / "report.html")


@pytest.mark.usefixtures("from_an_index")
def test_without_jinja_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(NotInstalledError) as caught:
        page.render([make_record()])
    text = 'Jinja must be installed to make the page; got no such module. Install it: pip install "tpo[report]".'
    assert str(caught.value) == text


def test_an_anchor_tells_exhibit_scale_and_backend_and_is_never_given_twice():
    records = [
        make_record(),
        make_record(deviations=[]),
        make_record(scale="paper"),
        make_record(backend="torch"),
        make_record(backend="jax-2"),
        make_record(exhibit="my own", scale="a/b"),
        make_record(),
    ]
    assert page.anchors(records) == [
        "table1-laptop-jax",
        "table1-laptop-jax-2",
        "table1-paper-jax",
        "table1-laptop-torch",
        "table1-laptop-jax-2-2",
        "my-own-a-b-jax",
        "table1-laptop-jax-3",
    ]


def test_no_name_is_given_twice_and_all_that_are_used_are_there():
    html = page.render([make_record(), make_record(), record_of_exhibit("figure13")])
    names = names_of(html)
    assert len(names) == len(set(names))
    used = re.findall(r'\burl\(#([^)]+)\)|\bhref="#([^"]+)"', html)
    assert {one or other for one, other in used} <= set(names)
    assert len(used) > 10


def test_the_list_of_exhibits_tells_what_they_are_and_what_was_changed():
    html = page.render([make_record(), make_record(scale="paper", deviations=[])])
    links = re.findall(r'<a href="#([^"]+)">(.*?)</a>', html, re.DOTALL)
    told = [(anchor, " ".join(re.sub(r"<[^>]+>", "", text).split())) for anchor, text in links]
    assert told == [
        (
            "table1-laptop-jax",
            "table1-laptop-jax: Steps &lt;to&gt; 1 % changed: trainer.seeds 5 instead of 20",
        ),
        ("table1-paper-jax", "table1-paper-jax: Steps &lt;to&gt; 1 %"),
    ]


def test_further_numbers_of_the_paper_stand_below_the_table():
    (first, *others) = page.beside_rows(record_of_exhibit("table5"))
    assert [text for text, _ in first] == [
        "reverse copy",
        "eta=0.25",
        "error (%) at the end",
        "25",
        "1",
        "Table 5, appendix D",
    ]
    assert [row[4][0] for row in others] == ["0", "0.7", "1", "0.8"]
    assert page.beside_rows(make_record()) == []
    assert page.render([record_of_exhibit("table5")]).count("<table>") == 2
    assert page.render([make_record()]).count("<table>") == 1
