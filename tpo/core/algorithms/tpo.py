"""Target Policy Optimization (TPO)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from tpo.core.algorithms.base import Traits, TraitsByOption
from tpo.core.anchors import ANCHORS, anchoring
from tpo.core.arithmetic.precision import check_precision
from tpo.core.arrays.elementwise import cast, log_or_zero, where_else
from tpo.core.arrays.ops import check_same_shape, working_dtype
from tpo.core.checks.check_group import check_group
from tpo.core.log_target import log_target
from tpo.core.loss import Loss, log_policy, valid_candidates
from tpo.core.losses.current import adopt_signal, check_log_probs
from tpo.core.losses.divergences import DIVERGENCES, Aim, divergence_named, exponentials
from tpo.core.options import check_eta, plain_options
from tpo.core.standardizing.standardizer import check_standardizer
from tpo.core.standardizing.standardizers import Z_SCORE
from tpo.core.target import candidate_weights, target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.anchors import Anchor
    from tpo.core.arithmetic.precision import Precision
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.losses.divergences import DivergenceName
    from tpo.core.standardizing.standardizer import Standardizer

SHIFTED = MappingProxyType({"shift": "scores are measured by a standardizer that a shift changes"})
"""The law that a standardizer breaks whose results depend on the origin of the scores."""


def _by_options() -> dict[tuple[str, str, bool], Traits]:
    """The traits by anchor, by divergence and by whether the standardizer bears shifts."""
    return {
        (anchor, name, bears_shifts): Traits(
            update_rule=f"{ANCHORS[anchor].rule}; {divergence.rule}",
            compares_candidates=True,
            breaks=MappingProxyType({**ANCHORS[anchor].breaks, **({} if bears_shifts else SHIFTED)}),
        )
        for anchor, (name, divergence), bears_shifts in product(ANCHORS, DIVERGENCES.items(), (True, False))
    }


def _options(algorithm: Any) -> tuple[str, str, bool]:
    # A class has no standardizer of its own: the default is made by a function.
    standardizer = getattr(algorithm, "standardizer", Z_SCORE)
    return algorithm.anchor, algorithm.divergence, bool(standardizer.shift_axes)


def _z_score() -> Standardizer:
    # By a function: `torch.compile` cannot follow a default that is an object, where `TPO()` is made while it traces.
    return Z_SCORE


@dataclass(frozen=True, kw_only=True)
class TPO:
    """Fit the policy over each group to a score-tilted target by cross-entropy.

    `q_i ∝ p_old_i · exp(u_i / eta)` with standardized scores `u`, and the loss `-sum_i q_i log p_i`. The gradient
    in the candidates' log-probs is `p - q` by construction: a tied group whose policy has not moved contributes exactly
    0, whereas automatic differentiation would leave round-off. A candidate that was impossible under the old policy
    (`-inf`) has `q = 0`; if it is possible now, `p - q` pushes its log-prob down. One that has become impossible has
    the gradient `-q` and a huge loss.

    Log-probs of long sequences differ by tens of nats within a group, so that `p_old` is almost one-hot and `q`
    almost equal to it, whatever the scores. For such sequences use `anchor="ratio"`: `p` is the softmax of
    `log_probs - old_log_probs` and `q ∝ exp(u / eta)`. Its fixed point is the same, and its weights at the old
    policy, `1/K - q`, do not depend on the length. A candidate that was impossible enters `p` as `log_probs - 0`. The
    target does not depend on the old policy either, so candidates must be samples: for all actions of a bandit keep
    `policy`.

    With `divergence="reverse"` the loss is `sum_i p_i (log p_i - log q_i)`, whose gradient is
    `p_i (d_i - sum_j p_j d_j)` with `d = log p - log q`. It is 0 at the same policies, and leaves candidates of small
    `p` alone, where the cross-entropy raises them to `q`. Candidates that were impossible under the old policy have no
    `log q`: the policy is over the others. Candidates that became impossible add 0.

    `eta` is measured in the unit that the standardizer sets: standard deviations of the group for `ZScore`, units of
    the scores for `Centred`, means of the group for `MeanScaled`.

    Attributes:
        eta: Temperature, above 0. The paper uses 1 throughout.
        anchor: `policy`, the paper's, as above; `ratio`, for long sequences; or `none`, the paper's ablation: `p` is
            the softmax of `log_probs` and `q ∝ exp(u / eta)`.
        divergence: `forward`, the paper's, KL(q || p) by its cross-entropy; or `reverse`, KL(p || q).
        standardizer: How scores become `u`: `ZScore`, the paper's, or another one, such as `Ranks`.
        precision: Precision of the target, `exact` or `fast`, as in `tpo.target`.

    Raises:
        InvalidArgumentError: `eta` is not positive.
        UnknownNameError: `anchor`, `divergence` or `precision` is unknown.

    Source:
        Kaddour 2026, equations 2 and 3, algorithm 1; figure 9 for `anchor="none"`. `anchor="ratio"` with
        `divergence="forward"` is the forward projection of Listwise Policy Optimization (arXiv 2605.06139), and with
        `divergence="reverse"` its reverse projection. This library found the forward projection independently.

    Example:
        >>> import numpy as np, tpo
        >>> log_probs = np.log([0.5, 0.5])
        >>> group = tpo.Group(scores=np.asarray([1.0, 0.0]), old_log_probs=log_probs)
        >>> for divergence in ("forward", "reverse"):
        ...     algorithm = tpo.TPO(divergence=divergence)
        ...     print(algorithm.loss(log_probs, algorithm.prepare(group)).value.round(4))
        0.6931
        0.4338
    """

    eta: float = 1.0
    anchor: Anchor = "policy"
    divergence: DivergenceName = "forward"
    standardizer: Standardizer = field(default_factory=_z_score)
    precision: Precision = "exact"

    traits: ClassVar[TraitsByOption] = TraitsByOption(_options, _by_options())

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_eta(self.eta)
        check_standardizer(self.standardizer)
        check_precision(self.precision)
        anchoring(self.anchor)
        divergence_named(self.divergence)

    @property
    def target_options(self) -> Mapping[str, Any]:
        """The options of `tpo.target` and `tpo.diagnostics` for the target of this algorithm."""
        return {"eta": self.eta, "anchor": self.anchor, "standardizer": self.standardizer}

    @property
    def tilts_old_policy(self) -> bool:
        """Whether the target is a tilt of the old policy over the group."""
        return anchoring(self.anchor).tilts_old_policy

    def prepare(self, group: Group) -> Aim:
        """The target of each group, `[..., K]`, and what the divergence needs of it."""
        check_group(group, self)
        _, xp = group.library()
        q = target(
            group.old_log_probs,
            group.scores_for(self.standardizer.shift_axes),
            self.eta,
            mask=group.mask,
            anchor=self.anchor,
            standardizer=self.standardizer,
            precision=self.precision,
        )
        valid, origin = valid_candidates(group), None
        if anchoring(self.anchor).measures_ratios:
            # An impossible candidate is measured from 0: its log-prob stays what it is.
            origin = where_else(xp, valid, group.old_log_probs, 0.0)
        present = xp.astype(xp.any(valid, axis=-1), q.dtype)
        if divergence_named(self.divergence).of_logarithms:
            log_q = log_target(group, self.eta, self.anchor, self.standardizer, self.precision)
            return Aim(q, None, log_q, origin, valid, present)
        return Aim(q, self._minus_q(group, q, origin), None, origin, group.mask, present)

    def _minus_q(self, group: Group, q: Array, origin: Array | None) -> Array:
        ops, xp = group.library()
        # NaN in place of infinity, as by subtracting it from itself, of which NumPy would warn.
        known = where_else(xp, group.old_log_probs != math.inf, group.old_log_probs, math.nan)
        old = _measured(known, origin)
        weights = candidate_weights(q, old, mask=group.mask, precision=self.precision)
        return weights - exponentials(xp, log_policy(ops, old, group.mask))

    def loss(self, log_probs: Array, signal: Aim) -> Loss:
        """The divergence per group, `[...]`; each group with a possible candidate weighs 1."""
        ops, wide, aim = _adopted(log_probs, signal)
        divergence = divergence_named(self.divergence)

        def value_and_gradient(wide: Array) -> tuple[Array, Array]:
            return divergence.value_and_gradient(ops, _measured(wide, aim.origin), aim)

        return Loss(ops.with_own_gradient(value_and_gradient, wide), aim.present)

    def excess_cross_entropy(self, log_probs: Array, signal: Aim) -> Array:
        """KL from the policy over each group to the target, KL(q || p), `[...]` in nats, in at least float32."""
        ops, wide, aim = _adopted(log_probs, signal)
        xp = ops.namespace()
        log_p, log_q = log_policy(ops, _measured(wide, aim.origin), aim.mask), log_or_zero(xp, aim.q)
        return xp.sum(where_else(xp, aim.q > 0, aim.q * (log_q - log_p), 0.0), axis=-1)

    def weights(self, signal: Aim) -> Array:
        """The target mass of each candidate, `[..., K]`."""
        return signal.q


def _adopted(log_probs: Array, signal: Aim) -> tuple[Ops, Array, Aim]:
    """The library of the log-probs, these in at least float32, and the signal in that library."""
    ops, log_probs, aim = adopt_signal(log_probs, signal, Aim)
    xp = ops.namespace()
    if log_probs is not None and log_probs.shape != aim.q.shape:
        check_same_shape(("log_probs",), old_log_probs=aim.q, log_probs=log_probs)
    check_log_probs(xp, log_probs, aim.q)
    return ops, cast(xp, log_probs, working_dtype(xp, log_probs.dtype)), aim


def _measured(log_probs: Array, origin: Array | None) -> Array:
    return log_probs if origin is None else log_probs - origin
