"""A user's own experiment: an exhibit written down as a TOML file."""

from __future__ import annotations

import re
import tomllib
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError, InvalidTypeError, TPOError, unknown_name
from tpo.experiments.analysis.statistics import STATISTICS
from tpo.experiments.catalogue import taken_names
from tpo.experiments.spec.arms import arm_of, arms_for
from tpo.experiments.spec.exhibit import WHOLE, Exhibit, Scale, Trainer
from tpo.experiments.spec.field_types import fitted
from tpo.experiments.spec.overrides import changed, flat
from tpo.experiments.spec.plan import plan
from tpo.plugins import registry
from tpo.training.metric_names import reported_error
from tpo.training.task import ClosedForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tpo.experiments.spec.overrides import KeyPath
    from tpo.training.arm import Arm

NEEDED: Mapping[str, type] = {"name": str, "task": str, "arms": dict, "trainer": dict}
"""The fields that a file must have, and what they are."""

OPTIONAL: Mapping[str, type] = {
    "title": str,
    "options": dict,
    "panels": dict,
    "scales": dict,
    "curves": list,
    "statistic": str,
    "error": str,
    "measure": str,
    "backend": str,
    "note": str,
}
"""The fields that it may have."""

FOLDER_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
"""What may be part of the name of an output folder."""

SUFFIX = ".toml"


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
        exhibit = _exhibit(values, path)
        for scale in exhibit.all_scales:
            plan(exhibit, scale, {}).check_measures()
        return exhibit


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
    _check_folder_name("name", name)
    _check_free(name)
    statistic = values.get("statistic", next(iter(STATISTICS)))
    if statistic not in STATISTICS:
        raise unknown_name("statistic", statistic, STATISTICS)
    chosen = {field: values[field] for field in ("backend", "note", "error", "measure") if field in values}
    info, cls = registry.host().find("task", registry.host().tasks(), task), registry.task(task)
    options = _options(cls, values.get("options", {}))
    created = cls(**options)
    usual = {"backend": info.default_backend, "error": reported_error(created)} | chosen
    return Exhibit(
        **usual,
        name=name,
        title=values.get("title", name),
        source=path.name,
        task=task,
        options=options,
        arms=_arms(created, values["arms"]),
        panels={label: flat(own) for label, own in _tables("panels", values.get("panels", {})).items()} or {task: {}},
        trainer=_trainer(values["trainer"]),
        scales={label: _scale(label, given) for label, given in _tables("scales", values.get("scales", {})).items()},
        curves=_texts("curves", values.get("curves", [usual["error"]])),
        statistic=statistic,
        whole=WHOLE,
    )


def _options(cls: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    known = dict.fromkeys(field.name for field in fields(cls))
    found = changed({"task": known}, {("task", name): value for name, value in given.items()})["task"]
    return fitted(cls, {name: found[name] for name in given}, "task")


def _tables(name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    for label, own in given.items():
        _check_kind(f"{name}.{label}", own, dict)
    return given


def _texts(name: str, given: Iterable[Any]) -> tuple[str, ...]:
    for place, one in enumerate(given):
        _check_kind(f"{name}[{place}]", one, str)
    return tuple(given)


def _check_folder_name(field: str, name: str) -> None:
    """Refuse what would lead out of the folder that results are kept in, or is hidden there."""
    if not FOLDER_NAME.fullmatch(name):
        message = f"`{field}` must be of letters, digits, '-', '_' and '.', and not begin with '.'; got {name!r}."
        raise InvalidArgumentError(f"{message} Choose another: results are kept in a folder called so.")


def _check_free(name: str) -> None:
    """Refuse the name of a task or an exhibit that there is: they are one namespace."""
    if name in taken_names():
        message = f"`name` must be new; got {name!r}, the name of a task or exhibit."
        raise InvalidArgumentError(f"{message} Choose another: results are kept under it.")


def _arms(task: Any, given: Mapping[str, Any]) -> dict[str, Arm]:
    arms = {label: _arm(task, label, own) for label, own in _tables("arms", given).items()}
    if not isinstance(task, ClosedForm):
        for arm in arms.values():
            arm.create_algorithm()
    return arms


def _arm(task: Any, label: str, own: Mapping[str, Any]) -> Arm:
    if "algorithm" not in own:
        message = f"`arms.{label}.algorithm` must be given; got {own!r}."
        raise InvalidArgumentError(f"{message} Such as algorithm = 'tpo'.")
    algorithm, options = own["algorithm"], own.get("options", {})
    _check_kind(f"arms.{label}.algorithm", algorithm, str)
    _check_kind(f"arms.{label}.options", options, dict)
    usual = asdict(arms_for(task, (algorithm,), {})[algorithm])
    here: KeyPath = ("arms", label)
    changes = {(*here, name): value for name, value in own.items() if name != "options"}
    changes |= {(*here, "options", name): value for name, value in options.items()}
    return arm_of(changed({"arms": {label: usual}}, changes)["arms"][label], f"arms.{label}")


def _trainer(given: Mapping[str, Any]) -> Trainer:
    usual = asdict(Trainer(steps=0, seeds=0))
    found = changed({"trainer": usual}, {("trainer", name): value for name, value in given.items()})["trainer"]
    found = fitted(Trainer, found, "trainer")
    for name in ("steps", "seeds"):
        if found[name] < 1:
            message = f"`trainer.{name}` must be at least 1; got {given.get(name, 'nothing')}."
            raise InvalidArgumentError(f"{message} Such as {name} = 100.")
    return Trainer(**found)


def _scale(label: str, given: Mapping[str, Any]) -> Scale:
    _check_folder_name(f"scales.{label}", label)
    if label == WHOLE:
        message = f"a scale must not be called {WHOLE!r}; got `scales.{label}`."
        raise InvalidArgumentError(f"{message} Choose another name: that is the spec as it is written.")
    fields: Mapping[str, type] = {"settings": dict, "panels": list}
    for name, value in given.items():
        if name not in fields:
            raise unknown_name(f"field of scale {label}", name, fields)
        _check_kind(f"scales.{label}.{name}", value, fields[name])
    panels = _texts(f"scales.{label}.panels", given.get("panels", []))
    return Scale(settings=flat(given.get("settings", {})), panels=panels)
