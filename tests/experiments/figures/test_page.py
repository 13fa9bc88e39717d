"""The contents of the page of results, from records made by hand."""

from __future__ import annotations

import re
import sys

import pytest

from tests.experiments.records import make_arm, make_record, record_of_exhibit
from tpo import InvalidArgumentError, NotInstalledError
from tpo.experiments.analysis import find
from tpo.experiments.analysis import record as records
from tpo.experiments.figures import overview, page
from tpo.experiments.spec.schema import RESULTS_VERSION


def render(records):
    return page.render(list(page.drawn(records, pytest.fail)))


def names_of(html):
    return re.findall(r'\bid="([^"]+)"', html)


def test_a_row_says_never_and_sorts_it_last():
    html = render([make_record()])
    assert '<td class="text" data-key="0">V=2</td><td class="text" data-key="TPO">TPO</td>' in html
    assert '<td data-key="Infinity">never</td><td data-key="41.0">41</td><td data-key="Infinity">never</td>' in html


def test_what_arms_differ_in_is_said():
    settings = {f"V=2: {arm}": {"steps": 3, "arm": {"epochs": epochs}} for arm, epochs in (("TPO", 4), ("DG", 1))}
    html = render([make_record(panels={"V=2": {"TPO": make_arm(), "DG": make_arm()}}, settings=settings)])
    assert '<p class="said">epochs: 4 in TPO; 1 in DG</p>' in html


def test_the_page_says_what_is_missing_and_escapes_what_it_is_told():
    html = render([make_record()])
    assert "not finished" in html
    assert "changed: trainer.seeds 5 instead of 20" in html
    assert "Steps &lt;to&gt; 1 %" in html
    assert "currentColor" in html


def test_numbers_of_another_version_are_said_to_be_so():
    remark = "Computed by another version of tpo"
    assert remark in render([make_record()])
    assert remark not in render([make_record(numbers=RESULTS_VERSION)])


def test_the_page_is_the_same_when_made_again():
    assert render([make_record()]) == render([make_record()])


def test_a_page_of_nothing_is_refused(tmp_path):
    with pytest.raises(
        InvalidArgumentError, match=r"must show an exhibit or a run; got none\. Run one: tpo run table1\."
    ):
        page.write([], tmp_path / "report.html", pytest.fail)


@pytest.mark.usefixtures("from_an_index")
def test_without_jinja_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(NotInstalledError) as caught:
        render([make_record()])
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
    html = render([make_record(), make_record(), record_of_exhibit("figure13")])
    names = names_of(html)
    assert len(names) == len(set(names))
    used = re.findall(r'\burl\(#([^)]+)\)|\bhref="#([^"]+)"', html)
    assert {one or other for one, other in used} <= set(names)
    assert len(used) > 10


def test_the_list_of_exhibits_tells_what_they_are_and_what_was_changed():
    html = render([make_record(), make_record(scale="paper", deviations=[])])
    links = re.findall(r'<a href="#([^"]+)">(.*?)</a>', html, re.DOTALL)
    told = [(anchor, " ".join(re.sub(r"<[^>]+>", "", text).split())) for anchor, text in links]
    assert told == [
        ("table1-laptop-jax", "table1"),
        ("table1-laptop-jax", "laptop, jax"),
        ("table1-paper-jax", "paper, jax"),
    ]
    assert html.count('title="trainer.seeds 5 instead of 20"> changed</span>') == 1


def test_further_numbers_of_the_paper_stand_below_the_table():
    found = page.besides(record_of_exhibit("table5"))
    assert [one.cells[0].text for one in found] == [
        "reverse copy",
        "eta=0.25",
        "error (%) at the end",
        "25",
        "1",
        "Table 5, appendix D",
    ]
    assert [cell.text for cell in found[4].cells[1:]] == ["0", "0.7", "1", "0.8"]
    assert page.besides(make_record())[0].cells == []
    assert render([record_of_exhibit("table5")]).count("<table>") == 2
    assert render([make_record()]).count("<table>") == 1


def texts_of(html):
    """The texts of each row of the table on top."""
    table = html[html.index('<table class="overview">') : html.index("</table>")]
    return [re.findall(r"<td[^>]*>(?:<a[^>]*>)?([^<]*)", line) for line in table.split("<tr>")[2:]]


def test_the_table_on_top_is_in_the_order_of_the_paper_with_backends_beside_each_other():
    made = [
        make_record(exhibit=name, backend=backend) for backend in ("torch", "jax") for name in ("table1", "figure3")
    ]
    assert [row[-5] for row in texts_of(render(made))] == ["laptop, jax", "laptop, torch"] * 2
    found = [name.partition("-")[0] for name in page.anchors(overview.ordered(made))]
    assert found == ["figure3", "figure3", "table1", "table1"]


def test_the_table_on_top_says_what_was_run_and_what_came_of_it():
    ours = {"of_mean": 60, "spread": None, "median": 60}
    curves = {
        "TPO": {"steps": [0, 50, 60, 149], "mean": [0.5, 0.02, 0.01, 0.0], "se": [0.1, 0.001, 0.001, 0.0]},
        "GRPO": {"steps": [0, 50, 60, 149], "mean": [0.5, 0.5, 0.5, 0.5], "se": [0.001] * 4},
        "PPO": {"steps": [0, 50, 60, 149], "mean": [0.5, 0.5, 0.02, 0.02], "se": [0.0001] * 4},
    }
    published = {"TPO": {"published": 58, "ours": ours}, "GRPO": {"published": 904}, "PPO": {"published": 59}}
    arms = {label: make_arm(error=curve) | published[label] | {"seeds_planned": 2} for label, curve in curves.items()}
    steps = {"V=2: TPO": {"steps": 500}, "V=2: GRPO": {"steps": 500}, "V=2: PPO": {"steps": 500}}
    (row,) = texts_of(render([make_record(panels={"V=2": arms}, settings=steps)]))
    # GRPO and PPO, which do not get there, are in no order. TPO's 50 to 149 steps have the paper's 58 among them, PPO's
    # 150 or more do not have its 59, and 904 were not run. Two seeds of three arms, of 20 seeds of four arms of four
    # panels, each of 1000 steps.
    assert row == [
        "table1",
        "TPO needs the fewest steps at every vocabulary size.",
        "laptop, jax",
        "V=2: TPO 60, GRPO never, PPO never",
        "2 of 3 pairs, 1 undecided",
        "1 of 2",
        "0.94 %",
    ]


def test_an_exhibit_of_ones_own_has_no_published_scale():
    assert overview.published_share(make_record(exhibit="mine")) is None


def test_a_record_that_cannot_be_drawn_is_left_out_and_the_others_are_shown(tmp_path, monkeypatch):
    def draw(record, anchor):
        if record["exhibit"] == "table5":
            raise ValueError("x and y must have same first dimension")
        return f"<svg id={anchor}>"

    monkeypatch.setattr(page, "svg", draw)
    refused = []
    odd = make_record(exhibit="table5", backend="torch")
    assert page.write([odd, make_record()], tmp_path / "report.html", refused.append) == 1
    (error,) = refused
    came = "ValueError: x and y must have same first dimension, for 'table5' (torch)"
    assert str(error) == f"a record must have numbers that can be drawn; got {came}. Run it again."
    assert "table1-laptop-jax" in (tmp_path / "report.html").read_text()


def test_runs_of_one_kind_are_told_apart_by_their_folders(tmp_path):
    record = make_record()
    for name in ("first", "a/second"):
        (tmp_path / name).mkdir(parents=True)
        records.write(record, tmp_path / name)
    found = find.below(tmp_path, pytest.fail)
    assert [one["folder"] for one in found] == ["a/second", "first"]
    html = render(found)
    assert [row[-5] for row in texts_of(html)] == ["laptop, jax, a/second", "laptop, jax, first"]
    assert " · a/second" in html
    usual = record | {"folder": "table1-laptop-jax"}
    assert overview.folder_of(usual) == overview.folder_of(record) == ""
