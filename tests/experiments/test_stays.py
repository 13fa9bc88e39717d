"""Digests of stored cells never change, and published records stay readable."""

import pytest

from tests.experiments.figures.test_exhibit import KEPT
from tpo.experiments.analysis import record
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.plan import plan

LAST_CELLS = {
    "anchor-cart-pole": "1db7696c6a10855f93fa",
    "anchor-epochs": "99d1912c37143d5e65d4",
    "anchor-knapsack": "780b3b9b9702d28d5205",
    "anchor-lengths": "14aa8c454ddc20a1f499",
    "anchor-mnist": "367749a379d515307e73",
    "anchor-rates": "5023e361f12b7c049b46",
    "anchor-terminal": "1727eaf1695c0febaeff",
    "anchor-tokens": "9ca3780919e6510768d4",
    "anchors": "65bc95ae868e4d7d8c22",
    "figure1": "5e60babf9b101c5f8de0",
    "figure1a": "4fddefc8e1270cb11a5a",
    "figure3": "f90036c534758535a8cb",
    "figure4": "30015788a3ba01e3dfd0",
    "figure5": "2a62abaabe35784a4d96",
    "figure5b": "afb59cefb1f419f48cc2",
    "figure9": "3a4a9049549c5234dffe",
    "figure11": "2b24dd4af72b7d930c4e",
    "figure13": "a3c853ef0e24cae1b876",
    "figure14": "efe4d2ef57bdf1c126ba",
    "figure16": "22c7081a594c9c556bd8",
    "figure18": "a1d4467129b2dedbff36",
    "gated": "5d38a27b8c25c4cf1218",
    "table1": "e7af719b6b2fa7c4d6b5",
    "table2": "3c605bb3c3897953eb2f",
    "table3": "3954b9cb46fc7cc778a9",
    "table5": "a06fdfbc617c979bbfef",
    "words": "fa96728ebf07ad11171b",
}
"""The digest of the last cell of each exhibit at the scale of the paper."""


def test_every_exhibit_has_its_digest_here():
    assert set(catalogue()) == set(LAST_CELLS)


@pytest.mark.parametrize("name", LAST_CELLS)
def test_a_cell_keeps_the_name_under_which_it_is_stored(name):
    assert plan(catalogue()[name], "paper", {}).all_cells()[-1].digest == LAST_CELLS[name]


def test_every_published_record_can_be_read():
    read = [record.read(path) for path in KEPT]
    assert len(read) == 57
    assert sum(len(arms) for found in read for arms in found["panels"].values()) == 368
