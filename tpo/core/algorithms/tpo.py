"""Target Policy Optimization (TPO)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from tpo.core.algorithms.base import Traits, TraitsByOption, check_group
from tpo.core.anchors import ANCHORS, anchoring
from tpo.core.arithmetic.precision import check_precision
from tpo.core.arrays.elementwise import cast, where_else
from tpo.core.arrays.ops import SUM_TOKENS_FIRST, check_same_shape, unify, working_dtype
from tpo.core.loss import Loss, log_policy, possible_candidates
from tpo.core.options import check_eta
from tpo.core.standardizers import Z_SCORE
from tpo.core.target import candidate_weights, target

if TYPE_CHECKING:
    from tpo.core.anchors import Anchor
    from tpo.core.arithmetic.precision import Precision
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.group import Group
    from tpo.core.standardizer import Standardizer


class TPOSignal(NamedTuple):
    """The signal of TPO: the target of each group, and a correction that makes gradients of tied groups exactly 0.

    Attributes:
        q: `[..., K]` the target.
        minus_q: `[..., K]`, `-q` plus the round-off of the plain softmax at the old policy: added to that softmax, it
            gives exactly 0 for a tied group whose policy has not moved.
        origin: `[..., K]` in nats: subtracted from the log-probs before the softmax over the group; `None` for 0.
        mask: `[..., K]` boolean, or `None` if every slot holds a candidate.
        present: `[...]` 1 for a group with a possible candidate, 0 for one without.
    """

    q: Array
    minus_q: Array
    origin: Array | None
    mask: Array | None
    present: Array


TRAITS = Traits(update_rule="q ∝ p_old exp(u / eta); CE to q", compares_candidates=True)


def _z_score() -> Standardizer:
    # By a function: `torch.compile` cannot follow a default that is an object, where `TPO()` is made while it traces.
    return Z_SCORE


@dataclass(frozen=True, kw_only=True)
class TPO:
    """Fit the policy over each group to a score-tilted target by cross-entropy.

    `q_i ∝ p_old_i · exp(u_i / eta)` with standardized scores `u`, and the loss `-sum_i q_i log p_i`. The gradient
    in the candidates' log-probs is `p - q` by construction: a tied group whose policy has not moved contributes exactly
    0, whereas automatic differentiation would leave round-off.

    Log-probs of long sequences differ by tens of nats within a group, so that `p_old` is almost one-hot and `q`
    almost equal to it, whatever the scores. For such sequences use `anchor="ratio"`: `p` is the softmax of
    `log_probs - old_log_probs` and `q ∝ exp(u / eta)`. Its fixed point is the same, and its weights at the old
    policy, `1/K - q`, do not depend on the length.

    Attributes:
        eta: Temperature, above 0. The paper uses 1 throughout.
        anchor: `policy`, the paper's, as above; `ratio`, for long sequences; or `none`, the paper's ablation: `p` is
            the softmax of `log_probs` and `q ∝ exp(u / eta)`.
        standardizer: How scores become `u`, from `tpo.core.standardizers`.
        precision: Precision of the target, `exact` or `fast`, as in `tpo.target`.

    Raises:
        InvalidArgumentError: `eta` is not positive.
        UnknownNameError: `anchor` or `precision` is unknown.

    Source:
        Kaddour 2026, equations 2 and 3, algorithm 1; figure 9 for `none`. `ratio` is the forward projection of Listwise
        Policy Optimization (arXiv 2605.06139); this library found it independently.
    """

    eta: float = 1.0
    anchor: Anchor = "policy"
    standardizer: Standardizer = field(default_factory=_z_score)
    precision: Precision = "exact"

    traits: ClassVar[TraitsByOption] = TraitsByOption(
        "anchor", {name: TRAITS._replace(breaks=anchor.breaks) for name, anchor in ANCHORS.items()}
    )

    def __post_init__(self) -> None:
        """Check the options."""
        check_eta(self.eta)
        check_precision(self.precision)
        anchoring(self.anchor)

    @property
    def tilts_old_policy(self) -> bool:
        """Whether the target is a tilt of the old policy over the group."""
        return anchoring(self.anchor).tilts_old_policy

    def prepare(self, group: Group) -> TPOSignal:
        """The target of each group, `[..., K]`."""
        check_group(group, self)
        ops, xp = group.library()
        q = target(
            group.old_log_probs,
            group.given_scores,
            self.eta,
            mask=group.mask,
            anchor=self.anchor,
            standardizer=self.standardizer,
            precision=self.precision,
        )
        valid, origin = possible_candidates(group.old_log_probs, group.mask), None
        if anchoring(self.anchor).measures_ratios:
            # An impossible candidate is measured from 0: its log-prob stays what it is.
            origin = where_else(xp, valid, group.old_log_probs, 0.0)
        old = _measured(group.old_log_probs, origin)
        weights = candidate_weights(q, old, mask=group.mask, precision=self.precision)
        minus_q = weights - _policy(xp, log_policy(ops, old, group.mask))
        return TPOSignal(q, minus_q, origin, group.mask, xp.astype(xp.any(valid, axis=-1), q.dtype))

    def loss(self, log_probs: Array, signal: TPOSignal) -> Loss:
        """Cross-entropy per group, `[...]`; each group with a possible candidate weighs 1."""
        ops, (log_probs, *arrays) = unify(log_probs=log_probs, **signal._asdict())
        xp, data = ops.namespace(), TPOSignal(*arrays)
        if log_probs.shape != data.q.shape:
            check_same_shape(SUM_TOKENS_FIRST, old_log_probs=data.q, log_probs=log_probs)

        def value_and_gradient(wide: Array) -> tuple[Array, Array]:
            log_p = log_policy(ops, _measured(wide, data.origin), data.mask)
            return -xp.sum(data.q * log_p, axis=-1), _policy(xp, log_p) + data.minus_q

        wide = cast(xp, log_probs, working_dtype(xp, log_probs.dtype))
        return Loss(ops.with_own_gradient(value_and_gradient, wide), data.present)

    def excess_cross_entropy(self, log_probs: Array, signal: TPOSignal) -> Array:
        """KL from the policy over each group to the target, KL(q || p), `[...]` in nats."""
        ops, (log_probs, *arrays) = unify(log_probs=log_probs, **signal._asdict())
        xp, data = ops.namespace(), TPOSignal(*arrays)
        log_p = log_policy(ops, _measured(log_probs, data.origin), data.mask)
        log_q = xp.log(where_else(xp, data.q > 0, data.q, 1.0))
        return xp.sum(where_else(xp, data.q > 0, data.q * (log_q - log_p), 0.0), axis=-1)

    def weights(self, signal: TPOSignal) -> Array:
        """The target mass of each candidate, `[..., K]`."""
        return signal.q


def _measured(log_probs: Array, origin: Array | None) -> Array:
    return log_probs if origin is None else log_probs - origin


def _policy(xp: Namespace, log_p: Array) -> Array:
    """`exp(log_p)`, rounded before anything is added to it, in compiled code too."""
    return xp.clip(xp.exp(log_p), max=1.0)
