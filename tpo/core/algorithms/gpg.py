"""Group Policy Gradient, GPG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits, check_group
from tpo.core.arithmetic.limits import divided
from tpo.core.losses.advantages import centred_advantages, untied
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss
from tpo.core.options import check_positive

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class GPG:
    """The score-function estimator `-A · log_probs` on centred scores, over the groups that have something to tell.

    The paper multiplies the loss of a batch by `alpha`, the number of its completions over the number of those in
    groups whose scores are not all equal. Here tied groups weigh nothing instead, so that each group stands alone:
    the same under `seq-mean-token-mean`, and under `token-mean` with tokens counted in place of completions. verl
    takes for `alpha` the number of completions over the number of scores that are not 0, which is something else.

    Attributes:
        f_norm: What centred scores are divided by, `F_norm` in the paper.
        skip_tied: Whether groups whose scores are all equal count for nothing; where not, `alpha` is 1.
        reduction: How losses per token are averaged, a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `f_norm` is not positive.
        UnknownNameError: `reduction` is no such name.

    Source:
        Chu et al. 2025 (arXiv 2504.02546).
    """

    f_norm: float = 1.0
    skip_tied: bool = True
    reduction: str = "token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="PG + centred group advantage", compares_candidates=True, takes_tokens=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        check_positive(1.0, f_norm=self.f_norm)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Centred scores over `f_norm` as advantages."""
        check_group(group, self)
        signal = centred_advantages(group)
        signal = untied(signal) if self.skip_tied else signal
        return signal._replace(advantages=divided(group.library()[1], signal.advantages, self.f_norm))

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
