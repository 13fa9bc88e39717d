"""The page of results in a real browser: no errors, every figure there, tables that sort, and it fits a phone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE = {"width": 390, "height": 844}
SHOTS = Path("runs/browser")


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The page of two exhibits, run at the smallest scale."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("figure3", "figure4"):
        command = [sys.executable, "-m", "tpo", "run", name, "--scale", "smoke", "--output", str(folder)]
        subprocess.run(command, check=True)
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
    assert len(boxes) == 2
    assert all(box["width"] > 300 and box["height"] > 100 for box in boxes)
    ink = page.eval_on_selector("svg text", "text => getComputedStyle(text).fill")
    assert ink == {"light": "rgb(27, 27, 27)", "dark": "rgb(232, 232, 232)"}[scheme]
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{scheme}.png", full_page=True)
    assert said == []


def test_a_click_on_its_head_sorts_a_column_and_another_turns_it_round(browser, html):
    page, said = open_page(browser, html)

    def column():
        return page.eval_on_selector_all(
            "table >> nth=0 >> tbody tr td:nth-child(3)", "cells => cells.map(c => +c.dataset.key)"
        )

    head = page.locator("table").first.locator("th button").nth(2)
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
