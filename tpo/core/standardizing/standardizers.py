"""Standardizers: ways to make the scores of a group comparable, as frozen dataclasses.

Each computes in both tiers: `fast` is the definition, `exact` computes the same in double words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpo.core.arithmetic import exact, fast
from tpo.core.arithmetic.double_word import Pair
from tpo.core.arrays.elementwise import count, mask_or_all, where_else
from tpo.core.options import check_not_negative, plain_options
from tpo.core.standardizing.standardizer import GROUP_AXIS, Standardizer, WithinGroup
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace


@dataclass(frozen=True, kw_only=True)
class ZScore(WithinGroup):
    """Z-score, as in the paper: centred and divided by the population standard deviation.

    Dividing by a small standard deviation magnifies noise: scores of 0 and .01, which differ only by how an answer is
    formatted, get the same z-scores as 0 and 1. Both options prevent that, and are off by default.

    Attributes:
        tolerance: Groups whose scores span no more than this count as tied and give 0. In units of the scores.
        floor: Lower bound on the standard deviation that scores are divided by. In units of the scores.

    Raises:
        InvalidArgumentError: An option is negative or infinite.

    Source:
        Kaddour 2026, equation 5; section 6 on groups of low variance.

    Example:
        >>> import numpy as np, tpo
        >>> noise = np.asarray([0.01, 0.0, 0.0, 0.01])
        >>> tpo.standardize(noise)
        array([ 1., -1., -1.,  1.])
        >>> tpo.standardize(noise, standardizer=tpo.ZScore(tolerance=0.01))
        array([0., 0., 0., 0.])
        >>> tpo.standardize(noise, standardizer=tpo.ZScore(floor=0.1)).round(3)
        array([ 0.05, -0.05, -0.05,  0.05])
    """

    tolerance: float = 0.0
    floor: float = 0.0

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_not_negative(tolerance=self.tolerance, floor=self.floor)

    @property
    def bounded(self) -> bool:
        """True: the mean of the squares is at most 1."""
        return True

    def fast(self, xp: Namespace, scores: Array, mask: Array | None) -> Array:
        """Standardize by the plain formula, `tpo.core.arithmetic.fast.z_score`."""
        return fast.z_score(xp, scores, mask, tolerance=self.tolerance, floor=self.floor)

    def exact(self, xp: Namespace, scores: Array, mask: Array | None) -> Pair:
        """Standardize in double words, by `tpo.core.arithmetic.exact.z_score`."""
        return exact.z_score(xp, scores, mask, tolerance=self.tolerance, floor=self.floor)


Z_SCORE = ZScore()
"""The default standardizer everywhere."""


@dataclass(frozen=True, kw_only=True)
class Centred(WithinGroup):
    """Scores minus the mean of their group, without division by a standard deviation.

    Source:
        Liu et al. 2025 (Dr. GRPO), section 3.1, on the bias that the division brings.
    """

    def fast(self, xp: Namespace, scores: Array, mask: Array | None) -> Array:
        """Centre by the plain formula, `tpo.core.arithmetic.fast.centre`."""
        return fast.centre(xp, scores, mask)

    def exact(self, xp: Namespace, scores: Array, mask: Array | None) -> Pair:
        """Centre in double words, by `tpo.core.arithmetic.exact.centre`."""
        return exact.centre(xp, scores, mask)


@dataclass(frozen=True, kw_only=True)
class LeaveOneOut(WithinGroup):
    """Scores minus the mean of the other candidates: `n / (n - 1)` times the centred score; 0 in a group of one.

    Source:
        Ahmadian et al. 2024 (RLOO), equation 7.
    """

    def fast(self, xp: Namespace, scores: Array, mask: Array | None) -> Array:
        """Scale centred scores by `n / (n - 1)`, from `tpo.core.arithmetic.fast.centre`."""
        centred = fast.centre(xp, scores, mask)
        number = count(xp, mask_or_all(xp, mask, scores), scores)
        return centred * number / where_else(xp, number > 1, number - 1, 1.0)

    def exact(self, xp: Namespace, scores: Array, mask: Array | None) -> Pair:
        """Subtract the mean of the others in double words, by `tpo.core.arithmetic.exact.centre`."""
        return exact.centre(xp, scores, mask, leave_out=1)


@dataclass(frozen=True, kw_only=True)
class BatchZScore(Standardizer):
    """Z-score over several axes at once, instead of within each group.

    Attributes:
        axes: The axes that make up the batch, counted from the last; they include the group axis, and never an axis
            of seeds.
        centre_groups: Whether each group's own mean is subtracted first, so that only the standard deviation is the
            batch's.

    Raises:
        InvalidArgumentError: `axes` are not negative, or the group axis is not among them.

    Source:
        Hu 2025 (REINFORCE++), equation 7; with `centre_groups` its variant with a group baseline.
    """

    axes: tuple[int, ...] = (-2, -1)
    centre_groups: bool = False

    def __post_init__(self) -> None:
        """Check the axes."""
        if (
            not _are_axes(self.axes)
            or -1 not in self.axes
            or max(self.axes) >= 0
            or len(set(self.axes)) != len(self.axes)
        ):
            message = f"`axes` must be different negative numbers, -1 among them; got {self.axes}."
            raise InvalidArgumentError(f"{message} (-2, -1) is a batch of groups.")

    @property
    def shift_axes(self) -> tuple[int, ...]:
        """The axes of the batch, or of each group where groups are centred first."""
        return GROUP_AXIS if self.centre_groups else self.axes

    @property
    def bounded(self) -> bool:
        """True: the mean of the squares over the batch is at most 1."""
        return True

    def fast(self, xp: Namespace, scores: Array, mask: Array | None) -> Array:
        """Standardize the batch as one group, by `tpo.core.arithmetic.fast.z_score`."""
        if self.centre_groups:
            scores = fast.centre(xp, scores, mask)
        return self._apart(xp, fast.z_score(xp, *self._together(xp, scores, mask)), scores)

    def exact(self, xp: Namespace, scores: Array, mask: Array | None) -> Pair:
        """Standardize the batch as one group, by `tpo.core.arithmetic.exact.z_score`."""
        if self.centre_groups:
            scores = exact.centre(xp, scores, mask).high
        high, low = exact.z_score(xp, *self._together(xp, scores, mask))
        return Pair(self._apart(xp, high, scores), self._apart(xp, low, scores))

    def _order(self, dimensions: int) -> tuple[int, ...]:
        """A permutation of the axes that puts the axes of the batch last."""
        batch = sorted(axis + dimensions for axis in self.axes)
        return (*(axis for axis in range(dimensions) if axis not in batch), *batch)

    def _together(self, xp: Namespace, scores: Array, mask: Array | None) -> tuple[Array, Array | None]:
        """Merge the axes of the batch into one last axis."""
        if len(scores.shape) < -min(self.axes):
            message = f"`scores` must have the axes {self.axes}; got the shape {tuple(scores.shape)}."
            raise InvalidArgumentError(f"{message} Stack the groups of a batch, or use ZScore().")
        order = self._order(len(scores.shape))
        shape = (*(scores.shape[axis] for axis in order[: -len(self.axes)]), -1)
        together = xp.reshape(xp.permute_dims(scores, order), shape)
        return together, None if mask is None else xp.reshape(xp.permute_dims(mask, order), shape)

    def _apart(self, xp: Namespace, values: Array, like: Array) -> Array:
        """Undo `_together` for an array that was shaped as `like`."""
        order = self._order(len(like.shape))
        permuted = xp.reshape(values, tuple(like.shape[axis] for axis in order))
        return xp.permute_dims(permuted, tuple(sorted(range(len(order)), key=order.__getitem__)))


def _are_axes(axes: object) -> bool:
    return isinstance(axes, tuple) and all(isinstance(axis, int) for axis in axes)
