"""Figure 5b: the gain of TPO and DG over a one-vs-rest update on misclassified images."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits import figure5
from tpo.experiments.spec.exhibit import Profile, Trainer

MIDDLES = (0.45, 0.55, 0.65, 0.75, 0.9)
"""Positions of the bins of concentration on the axis; the first is where most of its images are, below .5."""

EXHIBIT = replace(
    figure5.EXHIBIT,
    name="figure5b",
    title="MNIST bandit: surplus over one-vs-rest on misclassified images, most concentrated bin",
    source="Figure 5b, section 3.3, appendix C",
    options={**figure5.EXHIBIT.options, "gains": True},
    arms={label: figure5.EXHIBIT.arms[label] for label in ("TPO", "DG")},
    panels={"at step 2000": {}},
    trainer=Trainer(steps=2000, seeds=20, seeds_per_cell=10),
    scales={
        "laptop": replace(figure5.EXHIBIT.scales["laptop"], settings={"trainer.seeds": 3}),
        "smoke": figure5.EXHIBIT.scales["smoke"],
    },
    statistic="final surplus",
    measure="surplus_4",
    curves=("test_error",),
    profile=Profile(
        label="share of the likeliest wrong class",
        quantity="surplus in the right class's probability",
        positions=MIDDLES,
        names=tuple(f"surplus_{number}" for number in range(len(MIDDLES))),
    ),
    note="First-order gain of the expected update in the probability of the right class, minus that of the method's "
    "one-vs-rest surrogate, on each method's own policy. The bins of the paper are not published; the last is .8 to 1.",
)
