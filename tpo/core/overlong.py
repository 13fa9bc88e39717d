"""A penalty for completions close to the length limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arrays.elementwise import cast
from tpo.core.arrays.ops import check_floating, namespace_of, working_dtype
from tpo.core.options import check_number, plain
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array


def overlong_penalty(lengths: Array, *, max_length: int, margin: int) -> Array:
    """Penalty to add to the scores of long completions: 0 up to `max_length - margin`, then falling linearly to -1.

    Args:
        lengths: `[..., K]` integer or real floating, in tokens.
        max_length: The length, in tokens, from which on the penalty is -1.
        margin: The number of tokens before `max_length` over which the penalty falls, above 0.

    Returns:
        `[..., K]`, from -1 to 0, in the dtype of `lengths`, or the library's default floating dtype for integers. Half
        precision is computed in float32.

    Raises:
        InvalidTypeError: `lengths` is no array, or another argument no number.
        InvalidArgumentError: `lengths` are no real numbers, or `margin` is not from 1 to `max_length`.

    Source:
        Yu et al. 2025 (DAPO, arXiv 2503.14476), equation 13; there `max_length` is 20480 and `margin` 4096.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.overlong_penalty(np.asarray([80, 85, 95, 200]), max_length=100, margin=20)
        array([ 0.  , -0.25, -0.75, -1.  ])
    """
    for name, value in {"max_length": max_length, "margin": margin}.items():
        check_number(name, value, "It is a number of tokens.")
    if not 0 < margin <= max_length:
        message = f"`margin` must be above 0 and at most `max_length`, {max_length}; got {margin}."
        raise InvalidArgumentError(f"{message} It is the number of tokens over which the penalty falls to -1.")
    xp = namespace_of(lengths, "lengths")
    if xp.isdtype(lengths.dtype, "integral"):
        lengths = xp.astype(lengths, xp.__array_namespace_info__().default_dtypes()["real floating"])
    check_floating(xp, lengths=lengths)
    wide = cast(xp, lengths, working_dtype(xp, lengths.dtype))
    return cast(xp, xp.clip((plain(max_length - margin) - wide) / plain(margin), -1.0, 0.0), lengths.dtype)
