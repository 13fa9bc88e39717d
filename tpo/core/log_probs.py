"""Log-probs of whole candidates from log-probs of their tokens."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tpo.core.arrays.elementwise import cast, mask_or_all, where_else
from tpo.core.arrays.ops import check_floating, check_mask, check_same_shape, unify, working_dtype
from tpo.core.options import check_number, plain
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array


EXPONENTS = "0 gives the sum over tokens, 1 their mean."


def sequence_log_probs(token_log_probs: Array, mask: Array | None = None, *, length_exponent: float = 0.0) -> Array:
    """Log-probs of sequences: the sum over their tokens, divided by `length ** length_exponent`.

    Args:
        token_log_probs: `[..., T]` real floating, in nats.
        mask: `[..., T]` boolean, true where there is a token. Default: everywhere.
        length_exponent: 0 gives the sum (the paper), 1 the mean over tokens.

    Returns:
        `[...]` in the working dtype, float32 for half precision, which could not hold the differences of long sums.
        Differentiable. An empty sequence gives 0, which makes it the likeliest of its group: mask it.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries other than NumPy meet.
        InvalidArgumentError: Shapes differ, a dtype does not fit, or the exponent is not finite.

    Source:
        Kaddour 2026, section 3.4 (the sum); length normalization is an option of this library.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.sequence_log_probs(np.asarray([[-1.0, -2.0, -3.0]]), np.asarray([[True, True, False]]))
        array([-3.])
    """
    check_number("length_exponent", length_exponent, EXPONENTS)
    if not -math.inf < length_exponent < math.inf:
        raise InvalidArgumentError(f"`length_exponent` must be finite; got {length_exponent}. {EXPONENTS}")
    ops, (token_log_probs, mask) = unify(token_log_probs=token_log_probs, mask=mask)
    xp = ops.namespace()
    check_same_shape(token_log_probs=token_log_probs, mask=mask)
    check_floating(xp, token_log_probs=token_log_probs)
    check_mask(xp, mask=mask)
    mask = mask_or_all(xp, mask, token_log_probs)
    wide = cast(xp, token_log_probs, working_dtype(xp, token_log_probs.dtype))
    total = xp.sum(where_else(xp, mask, wide, 0.0), axis=-1)
    if length_exponent == 0:
        return total
    length = xp.sum(xp.astype(mask, wide.dtype), axis=-1)
    return total / where_else(xp, length > 0, length, 1.0) ** plain(length_exponent)
