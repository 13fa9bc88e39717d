"""What a standardizer is: a way to make the scores of a group comparable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arithmetic.double_word import Pair

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace

GROUP_AXIS = (-1,)


class Standardizer:
    """How scores become standardized scores. A subclass is a frozen dataclass that defines `fast`, at least."""

    @property
    def shift_axes(self) -> tuple[int, ...]:
        """The axes along which a shift of all scores changes nothing, counted from the last; none by default.

        Scores of a wider dtype, and integers, are brought near 0 along these axes before they are cast, so that no
        difference between them is lost.
        """
        return ()

    @property
    def bounded(self) -> bool:
        """Whether no standardized score can be further from 0 than the square root of the number of scores."""
        return False

    def fast(self, xp: Namespace, scores: Array, mask: Array | None) -> Array:
        """Standardized scores by the plain formula.

        Args:
            xp: The library of the arrays.
            scores: `[..., K]` floating, at least float32, constant.
            mask: `[..., K]` boolean, or `None` for everywhere.

        Returns:
            `[..., K]`; 0 in masked slots.
        """
        raise NotImplementedError

    def exact(self, xp: Namespace, scores: Array, mask: Array | None) -> Pair:
        """The same in double words; the plain formula unless a subclass does better."""
        values = self.fast(xp, scores, mask)
        return Pair(values, xp.zeros_like(values))


class WithinGroup(Standardizer):
    """A standardizer that compares the scores of each group among themselves, wherever they lie."""

    @property
    def shift_axes(self) -> tuple[int, ...]:
        """The group axis."""
        return GROUP_AXIS
