"""The interface of standardizers, which make the scores of a group comparable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.core.arithmetic.double_word import Pair
from tpo.errors import InvalidTypeError

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace

GROUP_AXIS = (-1,)


class Standardizer:
    """A map from scores to standardized scores. A subclass is a frozen dataclass that defines at least `fast`."""

    @property
    def shift_axes(self) -> tuple[int, ...]:
        """The axes along which a shift of all scores changes nothing, counted from the last; none by default.

        Before integers and scores of a wider dtype are cast, they are shifted towards 0 along these axes, so that no
        difference between them is lost.
        """
        return ()

    @property
    def bounded(self) -> bool:
        """Whether the magnitude of standardized scores is at most max(2, sqrt(n)) for n scores."""
        return False

    def fast(self, xp: Namespace, scores: Array, mask: Array | None) -> Array:
        """Standardize scores by the plain formula.

        Args:
            xp: The library of the arrays.
            scores: `[..., K]` floating, at least float32, constant.
            mask: `[..., K]` boolean, or `None` for everywhere.

        Returns:
            `[..., K]`; 0 in masked slots.
        """
        raise NotImplementedError

    def exact(self, xp: Namespace, scores: Array, mask: Array | None) -> Pair:
        """Standardize scores in double words; by the plain formula unless a subclass overrides it."""
        values = self.fast(xp, scores, mask)
        return Pair(values, xp.zeros_like(values))


class WithinGroup(Standardizer):
    """A standardizer within each group, so that shifting all scores of a group changes nothing."""

    @property
    def shift_axes(self) -> tuple[int, ...]:
        """The group axis: a shift of all its scores changes nothing."""
        return GROUP_AXIS


def check_standardizer(standardizer: Any) -> None:
    """Raise an error for an option that is no standardizer.

    Raises:
        InvalidTypeError: It is something else, such as a name or a class.
    """
    if not isinstance(standardizer, Standardizer):
        message = f"`standardizer` must be a tpo.Standardizer; got {standardizer!r}."
        raise InvalidTypeError(f"{message} For example tpo.ZScore().")
