"""Relative links of the pages and the README lead to existing files and headings."""

import re

import pytest

LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
ANCHOR = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)#([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def pages(root):
    return [root / "README.md", root / "CONTRIBUTING.md", root / "CHANGELOG.md", *sorted((root / "docs").glob("*.md"))]


def missing(page):
    return [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]


def headings(page):
    """The anchors of the headings of a page, as GitHub and mkdocs make them."""
    found = HEADING.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower())) for heading in found}


def without_heading(page):
    """The links of a page to headings that do not exist."""
    links = ANCHOR.findall(page.read_text(encoding="utf-8"))
    pages = {file: page.parent / file if file else page for file, _ in links}
    return [f"{file}#{anchor}" for file, anchor in links if anchor not in headings(pages[file])]


def test_every_link_to_a_heading_leads_to_one(pytestconfig):
    broken = {page.name: links for page in pages(pytestconfig.rootpath) if (links := without_heading(page))}
    assert broken == {}


@pytest.mark.parametrize(("link", "links"), [("#a-b-1", []), ("page.md#code", ["page.md#code"]), ("#c", ["#c"])])
def test_a_link_to_a_heading_that_does_not_exist_is_found(tmp_path, link, links):
    page = tmp_path / "page.md"
    page.write_text(f"# A `b`: 1\n\n```\n# code\n```\n[d]({link})\n")
    assert without_heading(page) == links


def test_every_relative_link_leads_somewhere(pytestconfig):
    broken = {page.name: links for page in pages(pytestconfig.rootpath) if (links := missing(page))}
    assert broken == {}


@pytest.mark.parametrize(("text", "links"), [("![a](no.svg)", ["no.svg"]), ("[b](https://x.org) [c](#d)", [])])
def test_a_link_that_leads_nowhere_is_found(tmp_path, text, links):
    page = tmp_path / "page.md"
    page.write_text(text)
    assert missing(page) == links
