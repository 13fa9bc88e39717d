"""Checks of the identity of groups: what belongs together, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.rollouts.checks.base import Verdict, share
from tpo.rollouts.reading.columns import shown

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts

SHOWN = 3
"""The most groups that are named."""


def singletons(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Groups of one completion: standardized scores are 0 there, so that they teach nothing."""
    del expected
    alone = rollouts.sizes == 1
    figures = {"groups": float(alone.sum()), "share": float(alone.mean())}
    if not alone.any():
        return Verdict(ok=True, detail=f"none of {len(alone):,} groups has a single completion", figures=figures)
    said = f"{share(alone.sum(), len(alone), 'groups')} have a single completion"
    if alone.all():
        remedy = (
            "Every completion has an id of its own, as when agents get one per session. Log an id that all completions "
            "of one sampled prompt share, and name it: --group COLUMN; or group by prompt: --ignore COLUMN."
        )
        return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
    remedy = "Keep the completions of a prompt together, or leave such groups out: they teach nothing."
    return Verdict(ok=False, detail=f"{said}{_named(rollouts, alone)}", figures=figures, remedy=remedy)


def mixed_prompts(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Groups whose completions have different prompts: their scores cannot be compared."""
    del expected
    prompts = rollouts.columns["prompt"]
    pairs = np.unique(np.stack([rollouts.groups, prompts])[:, ~np.isnan(prompts)].astype(np.int64), axis=1)
    mixed = np.bincount(pairs[0], minlength=len(rollouts.names)) > 1
    figures = {"groups": float(mixed.sum()), "share": float(mixed.mean())}
    if not mixed.any():
        return Verdict(ok=True, detail="each group has one prompt", figures=figures)
    said = f"{share(mixed.sum(), len(mixed), 'groups')} have several prompts{_named(rollouts, mixed)}"
    remedy = "An id must belong to one prompt, sampled once: make ids unique over prompts, ranks and steps."
    return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)


def cut_groups(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Prompts that have several ids in one step: their groups were cut, or one prompt was drawn twice."""
    del expected
    steps, known = _steps(rollouts), "step" in rollouts.available
    prompts = rollouts.columns["prompt"]
    triples = np.unique(np.stack([steps, prompts, rollouts.groups])[:, ~np.isnan(prompts)].astype(np.int64), axis=1)
    _, counts = np.unique(triples[:2], axis=1, return_counts=True)
    cut = float((counts > 1).sum())
    figures = {"prompts": cut, "share": cut / len(counts)}
    within = "step and prompt" if known else "prompt"
    if not cut:
        return Verdict(ok=True, detail=f"each {within} has one id", figures=figures)
    said = f"{share(cut, len(counts), 'prompts')} have several ids"
    if not known:
        # Several epochs over the same prompts look the same.
        remedy = "If these are no epochs over the same prompts, groups were cut. To tell, log the step."
        return Verdict(ok=None, detail=said, figures=figures, remedy=remedy)
    remedy = (
        "Groups were cut, as by shuffling rows into mini-batches or by ranks that make ids of their own: make ids "
        "before rows are divided. A prompt that is drawn twice on purpose may have two."
    )
    return Verdict(ok=False, detail=f"{said} within a step", figures=figures, remedy=remedy)


def sizes(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Groups that are smaller or larger than the others, or than the size that is expected."""
    values, counts = np.unique(rollouts.sizes, return_counts=True)
    usual = int(values[counts.argmax()]) if expected.group_size is None else expected.group_size
    smaller, larger = rollouts.sizes < usual, rollouts.sizes > usual
    figures = {
        "size": float(usual),
        "smaller": float(smaller.sum()),
        "larger": float(larger.sum()),
        "smallest": float(values[0]),
        "largest": float(values[-1]),
    }
    wrong = smaller | larger
    if not wrong.any():
        return Verdict(ok=True, detail=f"each of {len(wrong):,} groups has {usual}", figures=figures)
    fewer = f"{smaller.sum():,} have fewer (the smallest {values[0]:,})" if smaller.any() else ""
    more = f"{larger.sum():,} have more (the largest {values[-1]:,})" if larger.any() else ""
    said = (
        f"{share(wrong.sum(), len(wrong), 'groups')} do not have {usual} completions: "
        f"{'; '.join(filter(None, (fewer, more)))}"
    )
    if expected.ragged:
        return Verdict(ok=None, detail=said, figures=figures)
    reasons = {
        "Smaller groups were cut, or lost rows.": smaller.any(),
        "Larger ones share an id or a prompt, or have rows twice.": larger.any(),
    }
    remedy = " ".join([*(text for text, there in reasons.items() if there), "If sizes differ by design: --ragged."])
    return Verdict(ok=False, detail=f"{said}{_named(rollouts, wrong)}", figures=figures, remedy=remedy)


def _named(rollouts: Rollouts, wrong: np.ndarray[Any, Any]) -> str:
    """Name the first groups, `[G]` boolean, in which something is wrong."""
    found = np.flatnonzero(wrong)
    more = ", ..." if len(found) > SHOWN else ""
    return f" ({', '.join(shown(rollouts.names[group]) for group in found[:SHOWN])}{more})"


def _steps(rollouts: Rollouts) -> np.ndarray[Any, Any]:
    """`[N]` int64, equal numbers for equal steps."""
    steps = rollouts.columns.get("step", np.zeros(len(rollouts.groups)))
    return np.unique(steps, return_inverse=True)[1]
