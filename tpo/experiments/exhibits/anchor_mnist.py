"""Anchors where candidates are the actions of a bandit: the setting of figure 5."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits.anchor_arms import SOURCE
from tpo.experiments.exhibits.figure5 import EXHIBIT as FIGURE5
from tpo.experiments.exhibits.images import ARMS

TPO = ARMS["TPO"]

EXHIBIT = replace(
    FIGURE5,
    name="anchor-mnist",
    title="MNIST bandit: error on the test set, by anchor",
    source=SOURCE,
    arms={
        "TPO": TPO,
        "TPO (ratio)": replace(TPO, options={**TPO.options, "anchor": "ratio"}),
        "TPO (ratio, reverse)": replace(TPO, options={**TPO.options, "anchor": "ratio", "divergence": "reverse"}),
        "DG": ARMS["DG"],
        "GRPO": ARMS["GRPO"],
    },
    note="Settings are those of figure 5. The images are fetched once: tpo data mnist.",
)
