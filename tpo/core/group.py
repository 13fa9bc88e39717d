"""A group: the K candidates sampled for one context, with their scores and log-probs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tpo.core.arrays.equality import same_fields
from tpo.core.arrays.libraries import LOOKUP
from tpo.core.arrays.numpy_arrays import NUMPY, usable
from tpo.core.arrays.ops import unify, working_dtype
from tpo.core.arrays.structure import ON_HOST, OPTION
from tpo.core.checks.group_checks import ARRAYS, BOOLEAN, LOG_PROBS, OF_SCORES, check_dtypes, check_shapes, refuse_nan
from tpo.core.group_scores import above_baseline, absolute, held, treated_scores, unrounded
from tpo.core.log_probs import sequence_log_probs
from tpo.core.nan import nan_policy
from tpo.core.scores import relative_scores, scores_above
from tpo.core.scores_beside import scores_beside
from tpo.core.standardizing.standardizer import GROUP_AXIS

if TYPE_CHECKING:
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.nan import NanPolicy

GIVEN = {"scores": "given_scores", "baseline_scores": "given_baseline_scores"}
"""The field with the numbers before the cast, by the field with those after it."""

OF_NUMPY = ("given_scores", "given_baseline_scores", "score_differences", "baseline_differences")
"""Fields with the digits of NumPy's wide scores; the given ones do not go through transforms."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Scored candidates, with the group axis last. All arrays are constant to differentiation.

    Any number of leading axes may precede the group axis: a group for each of their indices. With `token_mask`, all
    log-probs are per token, `[..., K, T]`; without it they are per whole candidate, `[..., K]`. Arrays that need no
    cast are not copied: do not change them in place afterwards.

    Attributes:
        scores: `[..., K]` real, integer or boolean: what the scorer returned. Stored, like every array but the masks,
            in the working dtype of `old_log_probs` (float32 for half precision); `given_scores` keep the original one.
        old_log_probs: `[..., K]` or `[..., K, T]` real floating, in nats: log-probs under the policy before the
            update, as the trained model computes them.
        ref_log_probs: Log-probs under a separate reference policy, shaped as `old_log_probs`, or `None`.
        rollout_log_probs: Log-probs as the engine that sampled computed them, shaped as `old_log_probs`, or `None`.
        advantages: `[..., K]` real: a critic's estimates, for the algorithms that need them, or `None`.
        baseline_scores: `[...]` real: the score of one more candidate per group, decoded greedily, or `None`.
        mask: `[..., K]` boolean, true where a slot holds a candidate; `None` means everywhere.
        taken: `[..., K]` boolean, true for the candidates that were sampled, if the group also holds others, such as
            all possible actions; `None` means all. Scores are standardized over the whole group, but policy
            gradients sum over the candidates taken. Methods that fit the policy to weights of the candidates (TPO,
            REBEL, GVPO, PMPO, AWR, MPO, V-MPO, RSBP) use all of them, and ignore it.
        token_mask: `[..., K, T]` boolean, true where a candidate has a token; `None` where log-probs are `[..., K]`.
        nan: Treatment of NaN and infinite scores: `propagate` makes their group NaN, `mask` adds them to the mask,
            `raise` refuses them, and NaN in any other array but `rollout_log_probs`.
        given_scores: `[..., K]`: the scores in their original dtype; a NumPy array where the library lacks that dtype.
            Do not pass it: only `dataclasses.replace` does, so that scores which are not replaced keep their digits.
            `None` once NumPy's wide numbers have gone through a transform such as `jax.jit`.
        given_baseline_scores: `[...]`: the same for the baseline scores.
        score_differences: `[..., K]`: the scores up to a shift per group, where `given_scores` are wide NumPy numbers.
        baseline_differences: `[..., K]`: scores minus baseline scores, where both are such numbers.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries other than NumPy meet.
        InvalidArgumentError: Shapes differ, a dtype does not fit, or a number is not finite under `raise`.
        UnknownNameError: `nan` is unknown.
    """

    scores: Array
    old_log_probs: Array
    ref_log_probs: Array | None = None
    rollout_log_probs: Array | None = None
    advantages: Array | None = None
    baseline_scores: Array | None = None
    mask: Array | None = None
    taken: Array | None = None
    token_mask: Array | None = None
    nan: NanPolicy = field(default="propagate", metadata=OPTION)
    given_scores: Array | None = field(default=None, repr=False, metadata=ON_HOST)
    given_baseline_scores: Array | None = field(default=None, repr=False, metadata=ON_HOST)
    score_differences: Array | None = field(default=None, init=False, repr=False)
    baseline_differences: Array | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the arrays, convert them to one library and dtype, and stop their gradients."""
        values = {name: getattr(self, name) for name in (*ARRAYS, *GIVEN.values())}
        of_scores = (*OF_SCORES, *GIVEN.values())
        on_host = {name: usable(name, values[name]) for name in of_scores if isinstance(values[name], NUMPY)}
        elsewhere = [name for name in values if name not in on_host]
        ops, arrays = unify(**{name: values[name] for name in elsewhere})
        xp, given = ops.namespace(), dict(zip(elsewhere, arrays, strict=True))
        check_dtypes(xp, given)
        given |= on_host
        check_shapes(given)
        like: Any = given["old_log_probs"]
        dtype = working_dtype(xp, like.dtype)
        for name, place in GIVEN.items():
            given[name] = unrounded(ops, given[name], given.pop(place), name, place)
        constant = {name: _constant(ops, held(ops, array, like)) for name, array in given.items()}
        scores: Any = constant["scores"]
        treated = treated_scores(ops, scores, constant["mask"], self.nan, like, dtype)
        constant["mask"], baseline = treated.mask, constant["baseline_scores"]
        if nan_policy(self.nan).refuses:
            refuse_nan(xp, constant)
        relative = {
            "given_scores": treated.given,
            "given_baseline_scores": baseline,
            "score_differences": treated.relative,
            "baseline_differences": above_baseline(ops, treated, baseline, like, dtype),
        }
        for name, array in (constant | relative | {"scores": treated.scores}).items():
            kept = array is None or name in BOOLEAN or name in relative
            object.__setattr__(self, name, array if kept else absolute(ops, array, like, dtype))

    def __eq__(self, other: object) -> bool:
        """Whether all arrays have equal dtypes and equal values, NaN equal to NaN; compared on the host."""
        return same_fields(self, other) if isinstance(other, Group) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore pickled fields, and register groups as pytrees of the libraries imported by now."""
        LOOKUP.integrate()
        vars(self).update(state)

    @property
    def size(self) -> int:
        """K, the length of the group axis."""
        return int(self.scores.shape[-1])

    def library(self) -> tuple[Ops, Namespace]:
        """Return the operations of the library that owns the arrays, and its namespace."""
        ops, _ = unify(scores=self.scores)
        return ops, ops.namespace()

    def scores_for(self, axes: tuple[int, ...]) -> Array:
        """Scores for a standardizer that bears shifts along `axes`, `[..., K]`, with all the digits that are known."""
        if self.given_scores is not None:
            return self.given_scores
        near = self.score_differences if axes == GROUP_AXIS else None
        return self.scores if near is None else near

    def relative_scores(self, axes: tuple[int, ...] = GROUP_AXIS) -> Array:
        """Scores up to a shift along `axes`, `[..., K]` in the working dtype, with exact differences."""
        if self.score_differences is not None and axes == GROUP_AXIS:
            return self.score_differences
        near = scores_beside(self.scores_for(axes), self.scores, mask=self.mask, axes=axes, nan="propagate")
        ops, arrays = unify(scores=near, like=self.scores)
        given: Any = arrays[0]
        return relative_scores(ops.namespace(), given, self.mask, self.scores.dtype, axes)

    def scores_above_baseline(self) -> Array:
        """Scores minus their group's baseline score, `[..., K]` in the working dtype."""
        if self.baseline_differences is not None:
            return self.baseline_differences
        _, xp = self.library()
        given: Any = self.given_scores
        baseline: Any = self.given_baseline_scores
        if any(array is None or isinstance(array, NUMPY) for array in (given, baseline)):
            given, baseline = self.scores, self.baseline_scores
        return scores_above(xp, given, baseline, self.mask, self.scores.dtype)

    def reference(self) -> Array:
        """Log-probs under the reference policy, or under the old policy without a reference."""
        return self.old_log_probs if self.ref_log_probs is None else self.ref_log_probs

    def summed(self) -> Group:
        """The same group with log-probs of whole candidates, `[..., K]`: the sums over their tokens.

        Candidates without a token are masked: their sum, 0, would make them the likeliest.
        """
        if self.token_mask is None:
            return self
        _, xp = self.library()
        present = xp.any(self.token_mask, axis=-1)
        mask = present if self.mask is None else present & self.mask
        sums: dict[str, Any] = {
            name: None if getattr(self, name) is None else sequence_log_probs(getattr(self, name), self.token_mask)
            for name in LOG_PROBS
        }
        scores, baseline = (getattr(self, place) for place in GIVEN.values())
        given: dict[str, Any] = {
            "scores": self.scores if scores is None else scores,
            "baseline_scores": self.baseline_scores if baseline is None else baseline,
        }
        whole = replace(self, token_mask=None, mask=mask, **given, **sums)
        if scores is None:
            for name in OF_NUMPY:
                object.__setattr__(whole, name, getattr(self, name))
        return whole

    def by_token(self, log_probs: Array) -> Array:
        """Reshape log-probs of this group to `[..., K, T]`; a whole candidate counts as one token."""
        return log_probs if self.token_mask is not None else log_probs[..., None]


def _constant(ops: Ops, array: Array | None) -> Array | None:
    return array if array is None or isinstance(array, NUMPY) else ops.stop_gradient(array)
