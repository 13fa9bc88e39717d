"""The settings of a trainer's `tpo` section: an algorithm of the core by name, and how log-probs become candidates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tpo import Arm, InvalidArgumentError, InvalidTypeError, TokenClip, TruncatedIS, unknown_name

if TYPE_CHECKING:
    from tpo import Algorithm

DEFAULTS: dict[str, Any] = {"anchor": "ratio", "kl": 0.0}
"""Defaults of algorithms' options that differ from the core's: completions are long, see `anchor` of `tpo.TPO`; and
trainers have a KL penalty of their own."""

DEFAULT_NAME = "tpo"
"""The algorithm if none is named."""

PATHS = ("auto", "gather", "whole")

SCORES_ONLY = "Name one that compares the candidates of a prompt by their scores, such as tpo or grpo."


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a trainer of language models uses the core.

    Attributes:
        algorithm: The algorithm, with its corrections.
        length_exponent: The log-prob of a completion is the sum over its tokens divided by `length ** length_exponent`:
            0 is the sum (the paper), 1 the mean over tokens.
        tie_tolerance: Groups whose scores span no more than this count as tied. In units of the scores.
        path: Where the weights of rows are computed: `gather` from log-probs gathered over ranks, `whole` from the
            micro-batches, which then hold whole groups, or `auto`.
    """

    algorithm: Algorithm
    length_exponent: float = 0.0
    tie_tolerance: float = 0.0
    path: str = "auto"

    def __post_init__(self) -> None:
        """Check the numbers and the path.

        Raises:
            InvalidArgumentError: A number is out of range, or the algorithm does not fit groups of completions.
        """
        if not 0 <= self.length_exponent <= 1:
            message = f"`length_exponent` must be from 0 to 1; got {self.length_exponent}."
            raise InvalidArgumentError(f"{message} 0 is the sum over tokens, 1 the mean.")
        if not 0 <= self.tie_tolerance < float("inf"):
            message = f"`tie_tolerance` must be finite and at least 0; got {self.tie_tolerance}."
            raise InvalidArgumentError(f"{message} 0 switches it off.")
        if self.path not in PATHS:
            raise unknown_name("path", self.path, PATHS)
        traits, name = self.algorithm.traits, type(self.algorithm).__name__
        if traits.critic or not traits.compares_candidates or {"advantages", "baseline_scores"} & {*traits.needs}:
            message = f"`name` must be an algorithm that needs only the scores of several candidates; got {name}."
            raise InvalidArgumentError(f"{message} {SCORES_ONLY}")
        if traits.takes_tokens and self.length_exponent:
            message = f"`length_exponent` must be 0 for {name}, which takes log-probs of tokens"
            raise InvalidArgumentError(f"{message}; got {self.length_exponent}. Leave it out.")

    @property
    def takes_tokens(self) -> bool:
        """Whether the algorithm takes the log-probs of tokens rather than of whole completions."""
        return self.algorithm.traits.takes_tokens

    @property
    def tilts_old_policy(self) -> bool:
        """Whether the target starts from the softmax of the old log-probs, nearly one-hot for long completions."""
        return bool(getattr(innermost(self.algorithm), "tilts_old_policy", False))

    @property
    def needs_rollout_log_probs(self) -> bool:
        """Whether the log-probs of the engine that sampled are needed."""
        return "rollout_log_probs" in self.algorithm.traits.needs

    @property
    def needs_reference(self) -> bool:
        """Whether the log-probs of a fixed reference policy are needed."""
        return self.algorithm.traits.fixed_reference


def innermost(algorithm: Any) -> Any:
    """The algorithm inside all wrappers; `algorithm` itself if it wraps none."""
    while hasattr(algorithm, "algorithm"):
        algorithm = algorithm.algorithm
    return algorithm


OWN: Mapping[str, type] = {
    "standardizer": str,
    "token_clip": float,
    "truncated_is": float,
    "length_exponent": float,
    "tie_tolerance": float,
    "path": str,
}
"""Settings beside the algorithm's own options, with their types; `None` means left out."""

WORDS: Mapping[type, str] = {
    str: "a string",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
}
"""Types of settings and options that are checked, in words."""

SHARED = ("length_exponent", "tie_tolerance", "path")
"""Settings that are attributes of `Settings`."""


def read_settings(values: Any, section: str, accepted: Collection[str] = tuple(OWN)) -> Settings:
    """Read the settings from plain values, such as those of a configuration file.

    Args:
        values: A mapping with `name`, the registered name of an algorithm (default `tpo`), with its options;
            and any of `standardizer`, `tie_tolerance`, `length_exponent`, `token_clip`, `truncated_is` and `path`.
        section: What the trainer's users write before the name of a setting, for errors.
        accepted: Those settings of `OWN` that the trainer has a use for; others are unknown to it.

    Raises:
        UnknownNameError: A name is unknown.
        InvalidArgumentError: A value is out of range.
        InvalidTypeError: A value is of another type than its option.
    """
    if not isinstance(values, Mapping):
        message = f"`{section[:-1]}` must be a section of settings; got {values!r}."
        raise InvalidTypeError(f"{message} Set {section}name, {section}eta and so on.")
    name = values.get("name", DEFAULT_NAME)
    _check_type(f"{section}name", name, str)
    own = {key: values[key] for key in accepted if values.get(key) is not None}
    options = {key: value for key, value in values.items() if key not in {*accepted, "name"}}
    for key, value in own.items():
        _check_type(section + key, value, OWN[key])
    default = _default(name)
    _check_options(default, name, options, section, accepted)
    algorithm = _corrected(_create(default, name, options, own.get("standardizer")), own)
    return Settings(algorithm=algorithm, **{key: own[key] for key in SHARED if key in own})


def _check_type(name: str, value: Any, kind: type) -> None:
    # In Python a boolean is an integer, and in YAML a number may be written without a point.
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise InvalidTypeError(f"`{name}` must be {WORDS[kind]}; got {value!r}. Change it, or leave it out.")


def option_names(name: Any) -> Collection[str]:
    """The names of an algorithm's options; none if `name` is no text.

    Raises:
        UnknownNameError: No algorithm has that name.
    """
    return _values(_default(name)) if isinstance(name, str) else ()


def _default(name: str) -> Algorithm:
    return Arm(algorithm=name, grouping="sequence").create_algorithm()


def _values(default: Algorithm) -> dict[str, Any]:
    """The options of an algorithm with their values, by name."""
    return {field.name: getattr(default, field.name) for field in fields(default)}  # type: ignore[arg-type]


def _check_options(
    default: Algorithm, name: str, options: Mapping[str, Any], section: str, accepted: Collection[str]
) -> None:
    known = _values(default)
    for option, value in options.items():
        if option not in known:
            raise unknown_name(f"option of {name}", option, {*known, *accepted})
        if type(known[option]) in WORDS:
            _check_type(section + option, value, type(known[option]))


def _create(default: Algorithm, name: str, options: Mapping[str, Any], standardizer: str | None) -> Algorithm:
    known = _values(default)
    chosen = {key: value for key, value in DEFAULTS.items() if key in known} | dict(options)
    if standardizer is not None:
        if "standardizer" not in known:
            message = f"`standardizer` must be left out for {name}, which has none to choose; got {standardizer!r}."
            raise InvalidArgumentError(f"{message} tpo has one.")
        chosen["standardizer"] = standardizer
    return Arm(algorithm=name, grouping="sequence", options=chosen).create_algorithm()


def _corrected(algorithm: Algorithm, own: Mapping[str, Any]) -> Algorithm:
    if "token_clip" in own:
        algorithm = TokenClip(algorithm, epsilon=own["token_clip"])
    if "truncated_is" in own:
        algorithm = TruncatedIS(algorithm, cap=own["truncated_is"])
    return algorithm
