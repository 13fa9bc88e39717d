"""Anchors where candidates are the actions of a bandit: the setting of figure 5."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tpo.experiments.exhibits.anchor_arms import SOURCE, by_anchor
from tpo.experiments.exhibits.figure5 import EXHIBIT as FIGURE5
from tpo.experiments.exhibits.images import ARMS, arm

EXHIBIT = replace(
    FIGURE5,
    name="anchor-mnist",
    title="MNIST bandit: error on the test set, by anchor",
    source=SOURCE,
    arms=by_anchor(partial(arm, **ARMS["TPO"].options), "actions") | {label: ARMS[label] for label in ("DG", "GRPO")},
    note="Settings are those of figure 5. The images are fetched once: tpo data mnist.",
)
