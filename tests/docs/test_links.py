"""Relative links of the pages and the README lead to existing files."""

import re

import pytest

LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


def pages(root):
    return [root / "README.md", root / "CONTRIBUTING.md", root / "CHANGELOG.md", *sorted((root / "docs").glob("*.md"))]


def missing(page):
    return [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]


def test_every_relative_link_leads_somewhere(pytestconfig):
    broken = {page.name: links for page in pages(pytestconfig.rootpath) if (links := missing(page))}
    assert broken == {}


@pytest.mark.parametrize(("text", "links"), [("![a](no.svg)", ["no.svg"]), ("[b](https://x.org) [c](#d)", [])])
def test_a_link_that_leads_nowhere_is_found(tmp_path, text, links):
    page = tmp_path / "page.md"
    page.write_text(text)
    assert missing(page) == links
