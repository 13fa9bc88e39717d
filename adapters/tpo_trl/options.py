"""Reading the settings of an algorithm from the options of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError, InvalidTypeError
from tpo_llm.settings import DEFAULT_NAME, option_names, read_settings

if TYPE_CHECKING:
    from tpo_llm.settings import Settings

PREFIX = "tpo_"
ACCEPTED = ("standardizer", "length_exponent", "tie_tolerance", "token_clip", "truncated_is")
"""The settings of `tpo_llm` that this adapter has a use for."""
SETTINGS = ("name", "eta", "anchor", "divergence", *ACCEPTED)
"""Options that are settings, without the prefix."""

TEMPERATURE = "tpo_target_temperature"
NORMALIZED = "tpo_length_normalize_logps"


def read_options(values: Mapping[str, Any]) -> Settings:
    """Read the settings from the options of a configuration, by name; others are left alone.

    Raises:
        InvalidArgumentError: An option is out of range, does not apply, or contradicts its alias.
        InvalidTypeError: An option is of a wrong type.
        UnknownNameError: A name is unknown.
    """
    chosen = {name: values.get(PREFIX + name) for name in SETTINGS}
    given = {name: value for name, value in chosen.items() if value is not None}
    more = values.get("tpo_options") or {}
    if not isinstance(more, Mapping):
        message = f"`tpo_options` must be options by name; got {more!r}."
        raise InvalidTypeError(f'{message} For example {{"clip": 0.1}}, or on the command line the same as JSON.')
    _add(given, "tpo_options", more)
    temperature, normalized = values.get(TEMPERATURE), values.get(NORMALIZED)
    if temperature is not None:
        _add(given, TEMPERATURE, {"eta": temperature})
    if normalized is not None:
        _add(given, NORMALIZED, {"length_exponent": float(normalized)})
        if "anchor" in option_names(given.get("name", DEFAULT_NAME)):
            given.setdefault("anchor", "policy")
    return read_settings(given, PREFIX, ACCEPTED)


def _add(given: dict[str, Any], option: str, more: Mapping[str, Any]) -> None:
    """Add settings that another option stands for.

    Raises:
        InvalidArgumentError: One is there already, with another value.
    """
    for name, value in more.items():
        if given.setdefault(name, value) != value:
            message = f"`{option}` and `{PREFIX}{name}` must not contradict each other; got {value} and {given[name]}."
            raise InvalidArgumentError(f"{message} Leave one of them out.")
