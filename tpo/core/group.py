"""A group: the K candidates sampled for one context, with their scores and log-probs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tpo.core.arrays.elementwise import cast
from tpo.core.arrays.equality import same_fields
from tpo.core.arrays.libraries import LOOKUP
from tpo.core.arrays.ops import SUM_TOKENS_FIRST, check_floating, check_mask, check_same_shape, unify, working_dtype
from tpo.core.arrays.structure import OPTION
from tpo.core.log_probs import sequence_log_probs
from tpo.core.nan import nan_policy, refuse_where, treat_nan
from tpo.core.scores import check_scores, relative_scores, scores_above
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.nan import NanPolicy

PER_CANDIDATE = ("scores", "advantages", "mask", "taken")
LOG_PROBS = ("old_log_probs", "ref_log_probs", "rollout_log_probs")
ARRAYS = (*PER_CANDIDATE, "baseline_scores", *LOG_PROBS, "token_mask")
BOOLEAN = ("mask", "taken", "token_mask")
OF_SCORES = ("scores", "advantages", "baseline_scores")
GIVEN = {"scores": "given_scores", "baseline_scores": "given_baseline_scores"}
"""The field with the numbers before the cast, by the field with those after it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Scored candidates, with the group axis last. All arrays are constant to differentiation.

    Any number of leading axes may precede the group axis: a group for each of their indices. With `token_mask`, all
    log-probs are per token, `[..., K, T]`; without it they are per whole candidate, `[..., K]`.

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
            `raise` refuses them, and NaN in any other array.
        given_scores: `[..., K]`: the scores in their original dtype. Not to be given: `dataclasses.replace` passes them
            on, so that scores which it leaves alone keep their digits.
        given_baseline_scores: `[...]`: the same for the baseline scores.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries meet.
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
    given_scores: Array = field(default=None, repr=False)
    given_baseline_scores: Array | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check the arrays, convert them to one library and dtype, and stop their gradients."""
        names = (*ARRAYS, *GIVEN.values())
        ops, arrays = unify(**{name: getattr(self, name) for name in names})
        given = dict(zip(names, arrays, strict=True))
        xp = ops.namespace()
        for name, place in GIVEN.items():
            given[name] = _unrounded(xp, given[name], given.pop(place), name)
        _check_shapes(given)
        check_floating(xp, **{name: given[name] for name in LOG_PROBS})
        check_mask(xp, **{name: given[name] for name in BOOLEAN})
        check_scores(xp, **{name: given[name] for name in OF_SCORES})
        old_log_probs: Array = given["old_log_probs"]
        dtype = working_dtype(xp, old_log_probs.dtype)
        constant = {name: None if array is None else ops.stop_gradient(array) for name, array in given.items()}
        scores, constant["mask"] = treat_nan(xp, constant["scores"], constant["mask"], self.nan, dtype)
        if nan_policy(self.nan).refuses:
            _refuse_nan(xp, constant)
        object.__setattr__(self, "given_scores", scores)
        object.__setattr__(self, "given_baseline_scores", constant["baseline_scores"])
        for name, array in (constant | {"scores": scores}).items():
            kept = array is None or name in BOOLEAN
            object.__setattr__(self, name, array if kept else cast(xp, array, dtype))

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

    def relative_scores(self) -> Array:
        """Scores up to a shift per group, `[..., K]` in the working dtype, with exact differences."""
        _, xp = self.library()
        return relative_scores(xp, self.given_scores, self.mask, self.scores.dtype)

    def scores_above_baseline(self) -> Array:
        """Scores minus their group's baseline score, `[..., K]` in the working dtype."""
        _, xp = self.library()
        baseline: Array = self.given_baseline_scores
        return scores_above(xp, self.given_scores, baseline, self.mask, self.scores.dtype)

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
        baseline: Any = self.given_baseline_scores
        given = {"scores": self.given_scores, "baseline_scores": baseline, "mask": mask}
        return replace(self, token_mask=None, **given, **sums)

    def by_token(self, log_probs: Array) -> Array:
        """Reshape log-probs of this group to `[..., K, T]`; a whole candidate counts as one token."""
        return log_probs if self.token_mask is not None else log_probs[..., None]


def _unrounded(xp: Namespace, array: Array | None, kept: Array | None, name: str) -> Array | None:
    """The numbers from which `array` was rounded, if these are `kept`; else `array`, which is new.

    Raises:
        InvalidArgumentError: Values are not concrete.
    """
    if array is None or kept is None or array.dtype == kept.dtype or array.shape != kept.shape:
        return array
    if not xp.isdtype(array.dtype, "real floating"):  # numbers after the cast are floating
        return array
    rounded = cast(xp, kept, array.dtype)
    try:
        changed = bool(xp.any((rounded != array) & ~(xp.isnan(rounded) & xp.isnan(array))))
    except (TypeError, RuntimeError) as error:
        message = f"`{name}` must be given when a group is replaced inside a compiled function; got none."
        raise InvalidArgumentError(f"{message} Pass {name}=group.{GIVEN[name]}.") from error
    return array if changed else kept


def _check_shapes(given: dict[str, Array | None]) -> None:
    """Raise an error if the shapes of the arrays do not fit together.

    Raises:
        InvalidArgumentError: Two shapes differ, or there is no group axis.
    """
    per_candidate, log_probs = ({name: given[name] for name in names} for names in (PER_CANDIDATE, LOG_PROBS))
    scores: Array = given["scores"]
    leading, token_mask = tuple(scores.shape), given["token_mask"]
    if token_mask is None:
        check_same_shape(SUM_TOKENS_FIRST, **per_candidate, **log_probs)
    else:
        check_same_shape("", **per_candidate)
        check_same_shape("", token_mask=token_mask, **log_probs)
        _check_shape("token_mask", token_mask, (*leading, token_mask.shape[-1]), "[..., K, T]")
    if given["baseline_scores"] is not None:
        _check_shape("baseline_scores", given["baseline_scores"], leading[:-1], "[...], one per group,")


def _check_shape(name: str, array: Array, expected: tuple[int, ...], words: str) -> None:
    if tuple(array.shape) != expected:
        message = f"`{name}` must have the shape {words} that goes with `scores`, {expected}; got {tuple(array.shape)}."
        raise InvalidArgumentError(message)


def _refuse_nan(xp: Namespace, given: dict[str, Array | None]) -> None:
    """Raise an error for NaN, or infinities that cannot be log-probs, in any array but the scores.

    Raises:
        InvalidArgumentError: There is one where a candidate or token is, or values are not concrete.
    """
    mask, token_mask = given["mask"], given["token_mask"]
    of_log_probs = mask if token_mask is None else token_mask if mask is None else token_mask & mask[..., None]
    for name in LOG_PROBS:
        array: Any = given[name]
        if array is not None:
            unknown = xp.isnan(array) | (array == math.inf)
            refuse_where(xp, unknown, of_log_probs, name, "Find out where the model or engine makes them.")
    for name, where in (("advantages", mask), ("baseline_scores", None)):
        array = given[name]
        if array is not None and xp.isdtype(array.dtype, "real floating"):
            refuse_where(xp, ~xp.isfinite(array), where, name, "Repair what computes them.")
