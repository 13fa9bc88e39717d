"""The options of `TargetPOTrainer`: those of TRL's `GRPOConfig`, and which algorithm trains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trl import GRPOConfig

from tpo import InvalidArgumentError
from tpo_trl.options import read_options
from tpo_trl.refused import refusals
from tpo_trl.sizes import check_counts

if TYPE_CHECKING:
    from tpo_llm.settings import Settings


@dataclass
class TargetPOConfig(GRPOConfig):
    """Options of `TargetPOTrainer`: those of `GRPOConfig`, except the ones of GRPO's own loss, and the following.

    `None` leaves an option at the algorithm's default, or switches it off if the algorithm has none.

    Attributes:
        tpo_name: The algorithm by its registered name: `tpo`, `grpo`, `dr-grpo`, `gspo`, ...; `tpo list` shows all.
        tpo_options: Further options of the algorithm, by name; on the command line as JSON.
        tpo_eta: Temperature of TPO's target, above 0, in units of standardized scores.
        tpo_anchor: What TPO's target starts from: `ratio` (the default here), `policy` (the paper) or `none`.
        tpo_divergence: `forward` (the paper) or `reverse`, between policy and target.
        tpo_standardizer: How scores are scaled: `z-score`, `centred`, `mean-scaled`, `leave-one-out` or `ranks`.
        tpo_length_exponent: From 0 (sum over tokens) to 1 (mean): log-probs of completions are divided by
            `length ** tpo_length_exponent`.
        tpo_tie_tolerance: Groups whose rewards span no more than this count as tied.
        tpo_token_clip: Likelihood ratios of tokens are clipped to `1 ± tpo_token_clip`.
        tpo_truncated_is: Upper bound on importance weights for an engine that samples with other probabilities.
        tpo_length_normalize_logps: An alias: true for `tpo_length_exponent=1`, false for 0, with the paper's anchor
            unless `tpo_anchor` names another.
        tpo_target_temperature: An alias of `tpo_eta`.

    Raises:
        InvalidArgumentError: An option is out of range, or does not apply.
        UnknownNameError: A name is unknown.
    """

    _VALID_DICT_FIELDS = [*GRPOConfig._VALID_DICT_FIELDS, "tpo_options"]  # noqa: RUF012, SLF001 - as TRL declares them

    tpo_name: str = field(default="tpo", metadata={"help": "Algorithm by its registered name: tpo, grpo, dr-grpo, ..."})
    tpo_options: dict[str, Any] | str | None = field(
        default=None, metadata={"help": "Further options of the algorithm, by name."}
    )
    tpo_eta: float | None = field(default=None, metadata={"help": "Temperature of the target, above 0."})
    tpo_anchor: str | None = field(default=None, metadata={"help": "ratio (default), policy (the paper) or none."})
    tpo_divergence: str | None = field(default=None, metadata={"help": "forward (default, the paper) or reverse."})
    tpo_standardizer: str | None = field(
        default=None, metadata={"help": "How rewards are scaled: z-score, centred, mean-scaled, leave-one-out, ranks."}
    )
    tpo_length_exponent: float | None = field(
        default=None, metadata={"help": "Log-probs of completions are divided by this power of their length."}
    )
    tpo_tie_tolerance: float | None = field(
        default=None, metadata={"help": "Groups whose rewards span no more than this count as tied."}
    )
    tpo_token_clip: float | None = field(
        default=None, metadata={"help": "Likelihood ratios of tokens are clipped to 1 +- this."}
    )
    tpo_truncated_is: float | None = field(
        default=None, metadata={"help": "Upper bound on importance weights of tokens or completions."}
    )
    tpo_length_normalize_logps: bool | None = field(
        default=None, metadata={"help": "Alias: true for tpo_length_exponent=1, false for 0, with anchor policy."}
    )
    tpo_target_temperature: float | None = field(default=None, metadata={"help": "Alias of tpo_eta."})

    def __post_init__(self) -> None:
        """Check the options."""
        check_counts(vars(self))
        super().__post_init__()
        found = refusals(vars(self))
        if found:
            raise InvalidArgumentError("\n".join(found))

    def tpo_settings(self) -> Settings:
        """The algorithm, and how log-probs of tokens become those of completions."""
        return read_options(vars(self))
