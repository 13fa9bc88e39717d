"""The library reasoning-gym: its data sets, their settings, and their scorers."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from typing import TYPE_CHECKING, Any

import msgspec

from tpo import DataError, InvalidArgumentError, import_extra, unknown_name
from tpo_tasks.rlvr import INSTALL
from tpo_tasks.rlvr.harmless import REFUSED, is_harmless
from tpo_tasks.rlvr.plain import decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

PURPOSE = "generate and score these problems"
SCORERS_KEPT = 256
OWN_OPTIONS = {"size", "seed"}
"""Settings of a data set that are options of `tpo data`."""


class Reference(msgspec.Struct):
    """The part of a problem that the scorer of reasoning-gym reads.

    Attributes:
        answer: A right answer; `None` where the library has none.
        metadata: The library's own description of the problem, converted by `plain.encoded`.
        config: The settings of the data set that generated it: some scorers read them.
    """

    answer: str | None
    metadata: dict[str, Any]
    config: dict[str, Any] = msgspec.field(default_factory=dict)


def known() -> tuple[str, ...]:
    """The names of the data sets that can be generated and scored, sorted.

    Raises:
        NotInstalledError: reasoning-gym is missing.
    """
    return tuple(sorted(set(_data_sets()) - set(REFUSED)))


def check_known(dataset: str) -> None:
    """Raise an error for a data set that does not exist, or is not offered.

    Raises:
        InvalidArgumentError: Its answers cannot be scored.
        NotInstalledError: reasoning-gym is missing.
        UnknownNameError: There is none of that name; the nearest is suggested.
    """
    if dataset in REFUSED:
        message = f"a data set must have a scorer that can read what a language model writes; got {dataset!r}:"
        raise InvalidArgumentError(f"{message} {REFUSED[dataset]}. Take another one.")
    if dataset not in _data_sets():
        raise unknown_name("data set of reasoning-gym", dataset, known())


def check_settings(dataset: str, names: Mapping[str, Any]) -> None:
    """Raise an error for a setting that a data set does not have.

    Raises:
        UnknownNameError: There is none of that name; the nearest is suggested.
    """
    _, config = _data_sets()[dataset]
    settings = {field.name for field in dataclasses.fields(config)} - OWN_OPTIONS
    for name in names:
        if name not in settings:
            raise unknown_name(f"setting of {dataset}", name, settings)


def create(dataset: str, config: Mapping[str, Any], *, size: int, seed: int) -> Any:
    """Create a data set of reasoning-gym.

    Args:
        dataset: Its name.
        config: Its settings, without size and seed.
        size: The number of its problems.
        seed: Determines them.

    Raises:
        InvalidArgumentError: The settings do not suit it.
        NotInstalledError: reasoning-gym is missing.
    """
    try:
        return _library().create_dataset(dataset, size=size, seed=seed, **config)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        message = f"the settings of {dataset} must suit it; got {type(error).__name__}: {error}."
        raise InvalidArgumentError(f"{message} Change them, such as by --set NAME=VALUE.") from error


def ground_truth(answer: str | None, metadata: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """Write what the scorer reads as JSON.

    Raises:
        DataError: The metadata has something that JSON cannot hold.
    """
    return json.dumps({"answer": answer, "metadata": encoded(metadata), "config": dict(config)})


def score(dataset: str, answer: str, ground_truth: str) -> float:
    """Score an answer with reasoning-gym, from 0 to 1; 0 if it raises an error, or the answer is blank or not harmless.

    Args:
        dataset: The name of the data set in reasoning-gym.
        answer: The answer alone, not a whole completion.
        ground_truth: A `Reference` as JSON.

    Raises:
        DataError: The ground truth has another form.
        NotInstalledError: reasoning-gym is missing.
    """
    try:
        reference = msgspec.convert(json.loads(ground_truth), Reference)
        metadata = decoded(reference.metadata)
        scorer = _scorer(dataset, json.dumps(reference.config, sort_keys=True))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"the ground truth of a problem of {dataset} must have an answer and metadata; got {error}."
        raise DataError(f"{message} Write the data again with tpo data.") from error
    if not answer.strip() or not is_harmless(dataset, answer):
        return 0.0
    try:
        value = float(scorer.score_answer(answer, {"answer": reference.answer, "metadata": metadata}))
    except Exception:  # noqa: BLE001 - whatever the library raises at an answer or at its own metadata
        return 0.0
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0


@functools.lru_cache(maxsize=SCORERS_KEPT)
def _scorer(dataset: str, config: str) -> Any:
    """Create the data set that scores answers, once per process: it does not depend on size and seed."""
    return create(dataset, json.loads(config), size=1, seed=0)


@functools.cache
def _data_sets() -> Mapping[str, tuple[Any, Any]]:
    """The classes of the data sets and of their settings, by name."""
    found: Mapping[str, tuple[Any, Any]] = import_extra(
        "reasoning_gym.factory", "reasoning-gym", PURPOSE, install=INSTALL
    ).DATASETS
    return found


def _library() -> Any:
    return import_extra("reasoning_gym", "reasoning-gym", PURPOSE, install=INSTALL)
