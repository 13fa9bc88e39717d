"""User-defined names with characters that printing and drawing libraries interpret are shown unchanged."""

from __future__ import annotations

import json

import pytest

from tpo.experiments.analysis import record as records
from tpo.experiments.figures import exhibit, page

SPEC = r"""
name = "mine"
title = "a [/b] c $x^{$ and [bold]bold"
task = "token-reversal"
options = { length = 3, reward = "terminal" }
curves = ["error", "gradient_norm"]
statistic = "final error, %"
backend = "torch"
trainer = { steps = 2, seeds = 1 }

[arms."a$x^{$b [red]"]
algorithm = "grpo"
options = { kl = 0.0 }
batch_size = 2
group_size = 2

[panels."p$_{$ [/i]"]
task.length = 4

[panels.other]
task.length = 5
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(SPEC)
    return path


def test_they_are_shown_as_they_are(tpo, spec, tmp_path):
    ran = tpo("run", "--spec", spec, "--output", tmp_path / "runs")
    assert (ran.code, "Traceback" in ran.err) == (0, False)
    folder = tmp_path / "runs" / "mine-full-torch"
    for found in (ran, tpo("show", folder)):
        text = " ".join(found.out.split())
        assert "a [/b] c $x^{$ and [bold]bold" in text
        # The words of a cell are folded where there is no room.
        assert all(word in text.split() for word in ("a$x^{$b", "[red]", "p$_{$", "[/i]"))
    record = records.read(folder)
    figure = exhibit.draw(record)
    figure.canvas.draw()
    assert figure.get_suptitle() == r"a [/b] c \$x^{\$ and [bold]bold"
    assert "a [/b] c $x^{$ and [bold]bold" in page.render(list(page.drawn([record], pytest.fail)))
    assert record["settings"]["p$_{$ [/i]: a$x^{$b [red]"]["options"]["length"] == 4


def test_a_quantity_that_is_never_positive_has_axes_that_are_not_logarithmic(tpo, spec, tmp_path):
    tpo("run", "--spec", spec, "--output", tmp_path / "runs")
    record = records.read(tmp_path / "runs" / "mine-full-torch")
    panel = record["panels"]["p$_{$ [/i]"]
    (arm,) = panel.values()
    arm["curves"]["gradient_norm"]["mean"] = [0.0, 0.0]
    assert scales_of(record, "gradient norm") == ["linear", "linear"]
    arm["curves"]["gradient_norm"]["mean"] = [0.0, 2.0]
    assert scales_of(record, "gradient norm") == ["log", "linear"]


def scales_of(record, label):
    return [axes.get_yscale() for axes in exhibit.draw(record).axes if axes.get_ylabel() == label]


@pytest.mark.parametrize("label", ["", "_base"])
def test_labels_that_legends_leave_out_are_refused(tpo, spec, label):
    spec.write_text(SPEC.replace('arms."a$x^{$b [red]"', f"arms.{json.dumps(label)}"))
    found = tpo("run", "--spec", spec)
    assert found.code == 2
    text = f"the label of an arm must begin with anything but '_'; got {label!r}."
    assert found.err == f"error: {spec}: {text} Choose another: legends leave such labels out.\n"


def test_only_errors_are_reported_as_errors(tpo, spec):
    spec.write_text(SPEC.replace("statistic", 'error = "gradient_norm"\nstatistic'))
    found = tpo("run", "--spec", spec)
    assert found.code == 2
    assert "must be a registered error to report; got 'gradient_norm'. Registered: error, test_error." in found.err
