"""The page of results in a real browser: no errors, every figure there and legible, tables that sort, links that lead
where they say, and it fits a phone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.experiments.colors import contrast
from tests.experiments.records import make_arm, make_record, record_of_exhibit
from tpo.experiments.analysis import record as records

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE = {"width": 375, "height": 812}
LEGIBLE = 9
"""The smallest legible font size, in pixels."""

SHOTS = Path("runs/browser")


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The page of two exhibits that are run at the smallest scale, and of four made-up ones.

    Those have four axes side by side, labels of their own below each, more labels than colours, and an exhibit twice.
    """
    folder = tmp_path_factory.mktemp("runs")
    for name in ("figure3", "figure4"):
        command = [sys.executable, "-m", "tpo", "run", name, "--scale", "smoke", "--output", str(folder)]
        subprocess.run(command, check=True)
    crowd = make_record(exhibit="crowd", panels={"P": {f"arm {number}": make_arm() for number in range(9)}})
    made_up = [record_of_exhibit("table2"), record_of_exhibit("figure16"), crowd, crowd]
    for number, record in enumerate(made_up):
        records.write(record, folder / f"made-up-{number}")
    subprocess.run([sys.executable, "-m", "tpo", "report", str(folder)], check=True)
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "Chromium must be installed; found none. On Debian: apt-get install chromium."
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield opened
        opened.close()


def open_page(browser, html, **options):
    page = browser.new_context(offline=True, **options).new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(html.as_uri())
    return page, said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_offline_without_a_word_and_shows_its_figures(browser, html, scheme):
    page, said = open_page(browser, html, color_scheme=scheme)
    boxes = [svg.bounding_box() for svg in page.query_selector_all(".figure svg")]
    assert len(boxes) == 6
    assert all(box["width"] > 300 and box["height"] > 100 for box in boxes)
    ink = page.eval_on_selector("svg text", "text => getComputedStyle(text).fill")
    assert ink == {"light": "rgb(27, 27, 27)", "dark": "rgb(232, 232, 232)"}[scheme]
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{scheme}.png", full_page=True)
    assert said == []


def test_a_click_on_its_head_sorts_a_column_and_another_turns_it_round(browser, html):
    page, said = open_page(browser, html)

    table = page.locator("table:has(th button)").first

    def column():
        return table.locator("tbody tr td:nth-child(3)").evaluate_all("cells => cells.map(c => +c.dataset.key)")

    head = table.locator("th button").nth(2)
    head.click()
    up = column()
    head.click()
    assert up == sorted(up)
    assert len(up) == 4
    assert column() == up[::-1]
    assert said == []


def test_a_phone_never_scrolls_the_whole_page_sideways(browser, html):
    page, _ = open_page(browser, html, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "phone.png", full_page=True)


def test_letters_of_figures_are_legible_on_a_phone(browser, html):
    page, _ = open_page(browser, html, viewport=PHONE)
    sizes = page.eval_on_selector_all(
        ".figure svg :is(text, tspan)",
        """letters => letters.filter(one => one.textContent.trim() && !one.querySelector("tspan")).map(one => {
            const matrix = one.getScreenCTM();
            return parseFloat(getComputedStyle(one).fontSize) * Math.hypot(matrix.a, matrix.b);
        })""",
    )
    assert len(sizes) > 300
    assert min(sizes) >= LEGIBLE


def test_a_wide_figure_scrolls_in_its_own_frame(browser, html):
    page, _ = open_page(browser, html, viewport=PHONE)
    inner, outer = page.eval_on_selector(
        "#table2-laptop-jax .figure", "frame => [frame.scrollWidth, frame.clientWidth]"
    )
    assert outer <= PHONE["width"]
    assert inner == pytest.approx(11.2 * 96, abs=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_and_lines_stand_out_from_the_page(browser, html, scheme):
    page, _ = open_page(browser, html, color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 27)"}[scheme]
    letters = page.eval_on_selector_all(".figure svg text", "all => all.map(one => getComputedStyle(one).fill)")
    assert min(contrast(color, paper) for color in set(letters)) > 4.5
    lines = page.eval_on_selector_all(
        ".figure svg :is(path, use):not(defs *)",
        """all => all.map(one => getComputedStyle(one)).flatMap(style => [
            style.strokeOpacity === "1" ? style.stroke : "none", style.fillOpacity === "1" ? style.fill : "none",
        ]).filter(color => color.startsWith("rgb("))""",
    )
    assert len(set(lines)) >= 8
    assert min(contrast(color, paper) for color in set(lines)) >= 3


def test_no_name_is_given_twice_and_each_link_leads_to_its_own_exhibit(browser, html):
    page, _ = open_page(browser, html)
    names = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
    assert len(names) == len(set(names))
    links = page.locator(".overview td:not([rowspan]) a")
    titles = [section.inner_text() for section in page.locator("section h2").all()]
    reached = []
    for link in links.all():
        link.click()
        target = page.evaluate("document.querySelector(':target').id")
        top = page.locator(f"#{target}").bounding_box()["y"]
        assert abs(top) < 5 or page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 5")
        said = page.locator(f"#{target} .said").first.inner_text()
        assert all(f" {part}" in said for part in link.inner_text().split(", "))
        reached.append(target)
    assert reached == [section.get_attribute("id") for section in page.locator("section").all()]
    assert len(set(reached)) == len(titles) == 6
    assert {"crowd-laptop-jax", "crowd-laptop-jax-2", "figure3-smoke-numpy", "figure16-laptop-jax"} <= set(reached)
