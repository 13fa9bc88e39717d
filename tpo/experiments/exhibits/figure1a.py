"""Figure 1a: the number of steps to an error of 5 % in the runs of Figure 5a."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits import figure5

EXHIBIT = replace(
    figure5.EXHIBIT,
    name="figure1a",
    title="MNIST bandit: steps to 5 % error on the test set",
    source="Figure 1a, section 3.3",
    arms={label: figure5.EXHIBIT.arms[label] for label in ("TPO", "GRPO", "DG")},
    statistic="steps to 5 %",
    curves=("test_error",),
    note="The same runs as those of figure5. The images are fetched once: tpo data mnist.",
)
