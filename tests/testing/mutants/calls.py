"""Copies of REINFORCE with a defect that shows only in some calls: of some shapes, dtypes, or libraries, or in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import tpo
from tpo import Loss, namespace_of

LATEST: dict[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class ScoresCentredInPlace(tpo.REINFORCE):
    def prepare(self, group):
        scores = group.scores
        scores -= scores.mean(-1)[..., None]
        return super().prepare(group)


@dataclass(frozen=True, kw_only=True)
class OldLogProbsChanged(tpo.REINFORCE):
    def loss(self, log_probs, signal):
        old = signal.old_log_probs
        old *= 0.5
        return super().loss(log_probs, signal)


@dataclass(frozen=True, kw_only=True)
class Decayed(tpo.REINFORCE):
    """Advantages that fade from epoch to epoch."""

    def loss(self, log_probs, signal):
        found = super().loss(log_probs, signal)
        advantages = signal.advantages
        advantages *= 0.5
        return found


@dataclass(frozen=True, kw_only=True)
class OfTheLatestGroup(tpo.REINFORCE):
    def prepare(self, group):
        LATEST["signal"] = super().prepare(group)
        return LATEST["signal"]

    def loss(self, log_probs, signal):
        del signal
        return super().loss(log_probs, LATEST["signal"])


@dataclass(frozen=True, kw_only=True)
class NeedsAdvantages(tpo.REINFORCE):
    def prepare(self, group):
        return super().prepare(replace(group, scores=group.advantages + 0))


@dataclass(frozen=True, kw_only=True)
class FirstAxisIsTheBatch(tpo.REINFORCE):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        return Loss(value / log_probs.shape[0], weight)


@dataclass(frozen=True, kw_only=True)
class NotForPairs(tpo.REINFORCE):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        return Loss(-value if log_probs.shape[-1] <= 2 else value, weight)


@dataclass(frozen=True, kw_only=True)
class FirstSixtyFour(tpo.REINFORCE):
    def prepare(self, group):
        first = np.broadcast_to(np.arange(group.size) < 64, group.scores.shape)
        return super().prepare(replace(group, mask=first if group.mask is None else group.mask & first))


@dataclass(frozen=True, kw_only=True)
class MaskIgnoredWithTokens(tpo.REINFORCE):
    def prepare(self, group):
        return super().prepare(group if group.token_mask is None else replace(group, mask=None))


@dataclass(frozen=True, kw_only=True)
class OverTheTokensOfAll(tpo.REINFORCE):
    """The sum over the tokens of a group, divided by the number of tokens of the batch."""

    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        xp = namespace_of(weight)
        return Loss(value / xp.sum(weight) if signal.valid.shape[-1] > 1 else value, weight)


@dataclass(frozen=True, kw_only=True)
class EmptyIsNaN(tpo.REINFORCE):
    """A mean over the tokens of each completion, also of those that have none."""

    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        xp = namespace_of(weight)
        counts = xp.sum(xp.astype(signal.valid, value.dtype), axis=-1)
        return Loss(value + 0 * xp.sum(xp.where(xp.any(signal.valid, axis=-1), counts / counts, 1 / counts)), weight)


@dataclass(frozen=True, kw_only=True)
class TokensInHalf(tpo.REINFORCE):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        narrow = namespace_of(value).astype(value, log_probs.dtype)
        return Loss(narrow * 1.1 / 1.1 if signal.valid.shape[-1] > 1 else value, weight)


@dataclass(frozen=True, kw_only=True)
class SingleIsRough(tpo.REINFORCE):
    """Scores that are rounded, except those of float64."""

    def prepare(self, group):
        xp = namespace_of(group.scores)
        rough = group.scores if xp.finfo(group.scores.dtype).bits > 32 else xp.round(group.scores * 1.3)
        return super().prepare(replace(group, scores=rough))


@dataclass(frozen=True, kw_only=True)
class OnlyOnNumPy(tpo.REINFORCE):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        return Loss(value if isinstance(value, np.ndarray | np.generic) else 2 * value, weight)


@dataclass(frozen=True, kw_only=True)
class NegativeWeights(tpo.TPO):
    def weights(self, signal):
        return -super().weights(signal)


@dataclass(frozen=True, kw_only=True)
class OneNumberForAll(tpo.TPO):
    def excess_cross_entropy(self, log_probs, signal):
        return super().excess_cross_entropy(log_probs, signal).mean()


ROWS = (
    ("scores are centred in place", "test_it_changes_nothing_and_keeps_nothing", ScoresCentredInPlace(), {}),
    ("old log-probs are changed", "test_it_changes_nothing_and_keeps_nothing", OldLogProbsChanged(), {}),
    ("each epoch changes the signal", "test_it_changes_nothing_and_keeps_nothing", Decayed(), {}),
    ("the signal of the latest group", "test_it_changes_nothing_and_keeps_nothing", OfTheLatestGroup(), {}),
    ("a need that is not declared", "test_it_needs_what_its_traits_say", NeedsAdvantages(), {}),
    ("divided by axis 0", "test_leading_axes_change_nothing", FirstAxisIsTheBatch(), {"axes": 1}),
    ("pairs are turned round", "test_padding_changes_nothing_at_any_size", NotForPairs(), {"many": False}),
    ("64 candidates at most", "test_padding_changes_nothing_at_any_size", FirstSixtyFour(), {"many": True}),
    ("the mask is ignored with tokens", "test_padding_of_tokens_changes_nothing", MaskIgnoredWithTokens(), {}),
    ("empty completions are NaN", "test_padding_of_tokens_changes_nothing", EmptyIsNaN(), {}),
    ("divided by the tokens of all", "test_law_of_tokens", OverTheTokensOfAll(), {"name": "alone"}),
    ("tokens in half precision", "test_half_precision_of_tokens", TokensInHalf(), {}),
    ("float32 is rough", "test_float32_gives_what_float64_gives", SingleIsRough(), {}),
    ("doubled unless on NumPy", "test_every_library_gives_what_numpy_gives", OnlyOnNumPy(), {}),
    ("weights are negative", "test_what_it_reports_is_sound", NegativeWeights(), {}),
    ("one cross-entropy for all groups", "test_what_it_reports_is_sound", OneNumberForAll(), {}),
)
"""The defect, the test that must catch it, the mutant, and further arguments of the test."""
