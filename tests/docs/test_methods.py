"""The page of methods matches the classes, and its columns match the paper's table 4."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

import tpo
from tests.docs.test_examples import ROOT
from tpo import AlgorithmInfo, InvalidArgumentError, Traits
from tpo.plugins.builtin import ALGORITHMS
from tpo.plugins.method_table import BEGIN, END, main, markdown, methods, updated

PAGE = ROOT / "docs" / "methods.md"

TABLE_4 = {
    "REINFORCE": (False, False, False),
    "REINFORCE++": (False, False, True),
    "ReMax": (False, False, True),
    "TRPO": (False, False, False),
    "PPO": (False, False, False),
    "DG": (False, False, False),
    "MDPO": (False, False, False),
    "RLOO": (True, False, False),
    "GRPO": (True, False, False),
    "REBEL": (True, False, False),
    "PMPO": (True, False, True),
    "AWR": (False, True, False),
    "MPO": (True, True, False),
    "V-MPO": (True, True, False),
    "MaxRL": (True, False, False),
    "TPO": (True, False, False),
}
"""Kaddour 2026, table 4: group, critic and fixed reference of each method."""


@dataclass(frozen=True, kw_only=True)
class Made(tpo.GRPO):
    """Do something.

    At length.

    Source:
        Someone 2026,
        equation 1.
    """

    traits: ClassVar = Traits(title="M", update_rule="anything", compares_candidates=False, critic=True)


def test_the_page_is_up_to_date():
    page = PAGE.read_text(encoding="utf-8")
    assert page == updated(page, methods(ALGORITHMS)), "run: python -m tpo.plugins.method_table docs/methods.md"


def test_the_columns_are_those_of_the_paper():
    ours = {method.title: (method.group, method.critic, method.fixed_reference) for method in methods(ALGORITHMS)}
    assert {title: ours[title] for title in TABLE_4} == TABLE_4


def test_every_method_names_its_source_and_what_it_does():
    assert all(method.source and method.summary.endswith(".") for method in methods(ALGORITHMS))


def test_all_that_is_registered_is_described_by_default():
    assert {method.name for method in methods()} >= {info.name for info in ALGORITHMS}


def test_a_row_is_what_a_class_declares():
    info = AlgorithmInfo(name="made", load=f"{__name__}:Made")
    assert markdown(methods([info])).splitlines() == [
        "| method | name | update rule | group | critic | fixed ref. |",
        "| --- | --- | --- | --- | --- | --- |",
        "| M | `made` | anything | ✗ | ✓ | ✗ |",
        "",
        (
            "- **M.** Do something. `Made(clip=0.2, kl=0.04, skip_tied=False, reduction='seq-mean-token-mean')`. "
            "Someone 2026, equation 1."
        ),
    ]


def test_only_what_stands_between_the_markers_is_written(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    main([str(page)])
    expected = f"before\n{BEGIN}\n\n{markdown(methods(ALGORITHMS))}\n\n{END}\nafter\n"
    assert page.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("page", ["", BEGIN, f"{END} {BEGIN}"])
def test_a_page_without_markers_is_refused(page):
    with pytest.raises(InvalidArgumentError, match="the page must hold the lines <!-- methods: begin --> and"):
        updated(page, methods(ALGORITHMS))
