"""Checks of log-probs: whether their values are possible, and their lists have the right length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tpo.rollouts.checks.base import Verdict, share
from tpo.rollouts.reading.fields import LOG_PROBS
from tpo.rollouts.rollouts import TOKENS

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts


def impossible(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Log-probs that are positive, missing or not finite, or 0 everywhere."""
    del expected
    names = [name for name in LOG_PROBS if name in rollouts.columns]
    positive = sum(rollouts.columns[f"{name}.positive"] > 0 for name in names)
    unknown = sum(rollouts.columns[f"{name}.impossible"] > 0 for name in names)
    zero = [name for name in names if not np.nan_to_num(rollouts.columns[name], nan=1.0).any()]
    figures = {
        "positive": float(np.count_nonzero(positive)),
        "not_finite": float(np.count_nonzero(unknown)),
        "all_zero": float(len(zero)),
    }
    total = len(rollouts.groups)
    said = [
        f"{share(figures['positive'], total, 'rows')} have log-probs above 0" if figures["positive"] else "",
        f"{share(figures['not_finite'], total, 'rows')} lack some or have infinite ones"
        if figures["not_finite"]
        else "",
        f"{', '.join(zero)} are 0 everywhere" if zero else "",
    ]
    if not any(said):
        return Verdict(ok=True, detail=f"{', '.join(names)}: none is above 0 or missing", figures=figures)
    remedies = {
        "Positive ones are probabilities, or have the wrong sign.": figures["positive"],
        "Missing ones are of tokens that the engine did not sample, such as tool output: log a mask.": figures[
            "not_finite"
        ],
        "Zeros come from a buffer that was not filled, or from sampling at temperature 0.": zero,
    }
    remedy = " ".join(text for text, there in remedies.items() if there)
    return Verdict(ok=False, detail="; ".join(filter(None, said)), figures=figures, remedy=remedy)


def lengths(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Lists of log-probs that have another length than the completion, or than one another."""
    del expected
    counts = [rollouts.columns[f"{name}.tokens"] for name in LOG_PROBS if name in rollouts.columns]
    if rollouts.length_unit == TOKENS:
        counts.append(rollouts.columns["length"])
    table = np.stack(counts)
    known = np.isfinite(table)
    low, high = np.where(known, table, np.inf).min(0), np.where(known, table, -np.inf).max(0)
    wrong = low < high
    figures = {"rows": float(wrong.sum()), "largest_difference": float((high - low)[wrong].max(initial=0.0))}
    if not wrong.any():
        return Verdict(ok=True, detail="all lists of log-probs are as long as their completions", figures=figures)
    said = (
        f"{share(wrong.sum(), len(wrong), 'rows')} have lists of log-probs that differ from the completion, or from "
        f"one another, by up to {figures['largest_difference']:,.0f} tokens"
    )
    remedy = (
        "Log-probs are of the completion's tokens alone, without prompt and padding, and one for each: log a mask "
        "(--token-mask) for padded lists."
    )
    return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
