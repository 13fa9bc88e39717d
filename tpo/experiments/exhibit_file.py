"""A user's own experiment: an exhibit written down as a TOML file."""

from __future__ import annotations

import tomllib
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from tpo import plugins
from tpo.arms import Arm
from tpo.errors import InvalidArgumentError, InvalidTypeError, TPOError, unknown_name
from tpo.experiments.catalogue import taken_names
from tpo.experiments.exhibit import Exhibit, Scale, Trainer
from tpo.experiments.settings import changed
from tpo.experiments.spec import arms_for
from tpo.experiments.statistics import STATISTICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NEEDED: Mapping[str, type] = {"name": str, "task": str, "arms": dict, "trainer": dict}
"""The fields that a file must have, and what they are."""

OPTIONAL: Mapping[str, type] = {
    "title": str,
    "options": dict,
    "panels": dict,
    "scales": dict,
    "curves": list,
    "statistic": str,
    "backend": str,
    "note": str,
}
"""The fields that it may have."""

SUFFIX = ".toml"
WHOLE = "full"
"""The scale at which a file is run as it is written."""


def read(path: Path) -> Exhibit:
    """The exhibit that the file at `path` describes. What an arm leaves out is as the task has it.

    Raises:
        TPOError: The file cannot be read, or says something that makes no sense; the message names the file.
    """
    with _naming(path):
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"a spec must be a TOML file; got {type(error).__name__}: {error}."
            raise InvalidArgumentError(f"{message} The page on experiments shows one.") from error
        _check_fields(values)
        return _exhibit(values, path)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """The scope in which errors are about `path`."""
    try:
        yield
    except TPOError as error:
        raise type(error)(f"{path}: {error}") from error


def _check_fields(values: Mapping[str, Any]) -> None:
    kinds = {**NEEDED, **OPTIONAL}
    for name, value in values.items():
        if name not in kinds:
            raise unknown_name("field of a spec", name, kinds)
        _check_kind(name, value, kinds[name])
    for name in NEEDED:
        if not values.get(name):
            message = f"`{name}` must be given; got {'nothing' if name not in values else repr(values[name])}."
            raise InvalidArgumentError(f"{message} A spec has at least {', '.join(NEEDED)}.")


def _check_kind(name: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        message = f"`{name}` must be of type {kind.__name__}; got {value!r}, of type {type(value).__name__}."
        raise InvalidTypeError(f"{message} Write it as TOML has it.")


def _exhibit(values: Mapping[str, Any], path: Path) -> Exhibit:
    name, task = values["name"], values["task"]
    _check_free(name)
    statistic = values.get("statistic", next(iter(STATISTICS)))
    if statistic not in STATISTICS:
        raise unknown_name("statistic", statistic, STATISTICS)
    chosen = {field: values[field] for field in ("backend", "note") if field in values}
    info, cls = plugins.host().find("task", plugins.host().tasks(), task), plugins.task(task)
    options = _options(cls, values.get("options", {}))
    return Exhibit(
        **{"backend": info.default_backend, **chosen},
        name=name,
        title=values.get("title", name),
        source=path.name,
        task=task,
        options=options,
        arms=_arms(cls(**options), values["arms"]),
        panels=values.get("panels") or {task: {}},
        trainer=_trainer(values["trainer"]),
        scales={label: _scale(label, given) for label, given in values.get("scales", {}).items()},
        curves=tuple(values.get("curves", ("error",))),
        statistic=statistic,
        whole=WHOLE,
    )


def _options(cls: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    usual = {field.name: getattr(cls(), field.name) for field in fields(cls)}
    found: Mapping[str, Any] = changed({"task": usual}, {f"task.{name}": value for name, value in given.items()})[
        "task"
    ]
    return {name: found[name] for name in given}


def _check_free(name: str) -> None:
    """Refuse the name of a task or an exhibit that there is: they are one namespace."""
    if name in taken_names():
        message = f"`name` must be new; got {name!r}, the name of a task or exhibit."
        raise InvalidArgumentError(f"{message} Choose another: results are kept under it.")


def _arms(task: Any, given: Mapping[str, Any]) -> dict[str, Arm]:
    arms: dict[str, Arm] = {}
    for label, own in given.items():
        _check_kind(f"arms.{label}", own, dict)
        if "algorithm" not in own:
            message = f"`arms.{label}.algorithm` must be given; got {own!r}."
            raise InvalidArgumentError(f"{message} Such as algorithm = 'tpo'.")
        usual = asdict(arms_for(task, (own["algorithm"],), {})[own["algorithm"]])
        options = {**usual["options"], **own.get("options", {})}
        settings = {f"arms.{label}.{name}": value for name, value in own.items() if name != "options"}
        arms[label] = Arm(**{**changed({"arms": {label: usual}}, settings)["arms"][label], "options": options})
        arms[label].create_algorithm()
    return arms


def _trainer(given: Mapping[str, Any]) -> Trainer:
    usual = asdict(Trainer(steps=0, seeds=0))
    found = changed({"trainer": usual}, {f"trainer.{name}": value for name, value in given.items()})["trainer"]
    for name in ("steps", "seeds"):
        if found[name] < 1:
            message = f"`trainer.{name}` must be at least 1; got {given.get(name, 'nothing')}."
            raise InvalidArgumentError(f"{message} Such as {name} = 100.")
    return Trainer(**found)


def _scale(label: str, given: Mapping[str, Any]) -> Scale:
    fields: Mapping[str, type] = {"settings": dict, "panels": list}
    for name, value in given.items():
        if name not in fields:
            raise unknown_name(f"field of scale {label}", name, fields)
        _check_kind(f"scales.{label}.{name}", value, fields[name])
    return Scale(settings=given.get("settings", {}), panels=tuple(given.get("panels", ())))
