"""Anchors on episodes: K attempts at the same start, each with one score. Beyond the paper."""

from __future__ import annotations

from functools import partial

from tpo.experiments.exhibits.anchor_arms import SOURCE, TARGET_METRICS
from tpo.experiments.spec.exhibit import FINAL_ERROR, Exhibit, Scale

on_episodes = partial(
    Exhibit,
    source=SOURCE,
    scales={
        "laptop": Scale(settings={"trainer.seeds": 5}),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}),
    },
    statistic=FINAL_ERROR,
    curves=("error", *TARGET_METRICS, "episode_length"),
)
"""Creates an exhibit on episodes, from the other fields of `Exhibit`."""
