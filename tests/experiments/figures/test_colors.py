"""The colours of figures are visible on light and dark pages, and distinguishable for everyone."""

from __future__ import annotations

import itertools
import re
from importlib import resources

import pytest

from tests.experiments.colors import EYES, contrast, distance
from tpo.experiments.figures.drawing import COLORS

PAGES = re.findall(r"--paper: (#\w+)", resources.files("tpo.experiments.figures").joinpath("style.css").read_text())


def test_the_measures_are_right():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("rgb(118, 118, 118)", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert distance("#ffffff", "#000000", "usual") == pytest.approx(1, abs=1e-3)
    assert distance("#ff0000", "#7f7f00", "without green") < distance("#ff0000", "#7f7f00", "usual") / 2


def test_a_line_stands_out_from_the_page_be_it_light_or_dark():
    assert PAGES == ["#fff", "#16181b"]
    for color in COLORS:
        assert contrast(color, "#ffffff") >= 3
        assert contrast(color, "#16181b") >= 3


@pytest.mark.parametrize("eyes", EYES)
def test_no_two_look_alike_to_anyone(eyes):
    assert min(distance(one, other, eyes) for one, other in itertools.combinations(COLORS, 2)) > 0.09
