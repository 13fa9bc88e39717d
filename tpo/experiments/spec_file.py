"""A user's own exhibit, from a TOML file with the fields of `Exhibit`."""

from __future__ import annotations

import re
import tomllib
from contextlib import contextmanager
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tpo import plugins
from tpo.arms import Arm
from tpo.backends import OPTIMIZERS
from tpo.errors import InvalidArgumentError, InvalidTypeError, TPOError, unknown_name
from tpo.experiments.backends import usable_backends
from tpo.experiments.catalogue import taken_names
from tpo.experiments.exhibit import Exhibit, Scale, Trainer, plan
from tpo.experiments.settings import changed, flat
from tpo.experiments.spec import arms_for
from tpo.experiments.statistics import STATISTICS
from tpo.groupings import GROUPINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tpo.tasks import Task

FULL = "full"
"""The scale of the file as it is."""

FIELDS: Mapping[str, type] = dict.fromkeys(("name", "title", "source", "task", "statistic", "backend", "note"), str) | {
    **dict.fromkeys(("options", "arms", "panels", "trainer", "scales"), dict),
    "curves": list,
}
"""What may stand in the file."""

SCALE: Mapping[str, type] = {"settings": dict, "panels": list}
STATISTIC = "final error, %"
REQUIRED = ("task", "arms")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KINDS = {str: "a text", dict: "a table", list: "a list", int: "a whole number", float: "a number", bool: "a boolean"}


def load(path: Path) -> Exhibit:
    """The exhibit in the file `path`. Its unchanged scale is called `full`; nothing is imported but the task.

    Raises:
        InvalidArgumentError: It cannot be read, or a value makes no sense.
        InvalidTypeError: A value is of the wrong type.
        UnknownNameError: A field, or something named, does not exist. All of these name the file and the key.
    """
    return _File(path).exhibit(_read(path))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"`--spec` must name a file in TOML; got {str(path)!r} ({reason})."
        raise InvalidArgumentError(f"{message} examples/my-experiment.toml shows how it is written.") from error


@dataclass(frozen=True)
class _File:
    """Makes an exhibit of what a file holds; errors say where in it."""

    path: Path

    @contextmanager
    def at(self, *keys: str) -> Iterator[None]:
        """The scope of what stands under these keys."""
        try:
            yield
        except TPOError as error:
            raise type(error)(f"in {str(self.path)!r}, `{'.'.join(keys)}`: {error}") from error

    def exhibit(self, values: Mapping[str, Any]) -> Exhibit:
        """All of it, checked."""
        self._check_kinds(values, FIELDS)
        for key in REQUIRED:
            if not values.get(key):
                with self.at(key):
                    raise InvalidArgumentError("the field must be there; got none. A task and an arm are needed.")
        name = self._name(values.get("name", self.path.stem))
        task = self._task(values["task"], values.get("options", {}))
        usual = Trainer(steps=100, seeds=1)
        with self.at("trainer"):
            trainer = Trainer(**changed(asdict(usual), flat(values.get("trainer", {}))))
        own = {key: values[key] for key in ("title", "source", "note", "statistic", "backend") if key in values}
        texts = {"title": name, "source": self.path.name, "statistic": STATISTIC}
        exhibit = Exhibit(
            **{**texts, "backend": plugins.host().tasks()[values["task"]].default_backend, **own},
            name=name,
            task=values["task"],
            options=values.get("options", {}),
            arms={label: self._arm(task, label, arm) for label, arm in values["arms"].items()},
            panels={label: flat(own) for label, own in self._tables("panels", values, {values["task"]: {}})},
            trainer=trainer,
            scales={label: self._scale(label, scale) for label, scale in self._tables("scales", values, {})},
            curves=self._texts("curves", values.get("curves", ["error"])),
            whole=FULL,
            as_is=f"as in {self.path.name}",
        )
        self._check(exhibit, task)
        return exhibit

    def _check_kinds(self, values: Mapping[str, Any], known: Mapping[str, type], *keys: str) -> None:
        for key, value in values.items():
            with self.at(*keys, key):
                if key not in known:
                    raise unknown_name("field", key, known)
                _check_kind(value, known[key])

    def _tables(self, key: str, values: Mapping[str, Any], usual: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """The tables in the table called `key`, by their names."""
        tables = values.get(key) or usual
        for label, table in tables.items():
            with self.at(key, label):
                _check_kind(table, dict)
            yield label, table

    def _texts(self, key: str, values: list[Any], *before: str) -> tuple[str, ...]:
        with self.at(*before, key):
            for value in values:
                _check_kind(value, str)
        return tuple(values)

    def _name(self, name: str) -> str:
        with self.at("name"):
            if not NAME.fullmatch(name):
                message = f"the name must be of letters, digits, '.', '_' and '-'; got {name!r}."
                raise InvalidArgumentError(f"{message} Set `name`: the folder of the results is called by it.")
            if name in taken_names():
                message = f"the name must not be that of a task or exhibit; got {name!r}."
                raise InvalidArgumentError(f"{message} Set `name` to another one.")
        return name

    def _task(self, name: str, options: Mapping[str, Any]) -> Task:
        with self.at("task"):
            cls = plugins.task(name)
        with self.at("options"):
            changed(_defaults(cls), options)
            lacking = [field for field in _required(cls) if field not in options]
            if lacking:
                message = f"the options of {name} must have {', '.join(lacking)}; got {', '.join(options) or 'none'}."
                raise InvalidArgumentError(f"{message} Add what is missing.")
            task: Task = cls(**options)
        return task

    def _arm(self, task: Task, label: str, values: Any) -> Arm:
        """The task's own arm for the algorithm, with what the file sets."""
        with self.at("arms", label):
            _check_kind(values, dict)
            if "." in label:
                message = f"the label of an arm must have no dot; got {label!r}."
                raise InvalidArgumentError(f"{message} Dots separate the names of settings: rename it.")
        with self.at("arms", label, "algorithm"):
            algorithm = values.get("algorithm", "")
            _check_kind(algorithm, str)
            usual = arms_for(task, [algorithm], {})[algorithm]
        with self.at("arms", label):
            arm = Arm(**changed(asdict(usual), flat(values)))
        for key, names in (("grouping", GROUPINGS), ("optimizer", OPTIMIZERS)):
            known = {*names, *(getattr(own, key) for own in task.arms.values())}
            with self.at("arms", label, key):
                if getattr(arm, key) not in known:
                    raise unknown_name(key, getattr(arm, key), known)
        with self.at("arms", label, "options"):
            if algorithm in plugins.host().algorithms():
                changed(_defaults(plugins.algorithm(algorithm)), arm.options)
        return arm

    def _scale(self, label: str, values: Mapping[str, Any]) -> Scale:
        with self.at("scales", label):
            if label == FULL:
                raise InvalidArgumentError(f"a scale must not be called {FULL!r}; got that. It is the file as it is.")
        self._check_kinds(values, SCALE, "scales", label)
        panels = self._texts("panels", values.get("panels", []), "scales", label)
        return Scale(settings=flat(values.get("settings", {})), panels=panels)

    def _check(self, exhibit: Exhibit, task: Task) -> None:
        """Refuse names that stand for nothing, and settings that cannot be set."""
        with self.at("statistic"):
            if exhibit.statistic not in STATISTICS:
                raise unknown_name("statistic", exhibit.statistic, STATISTICS)
        with self.at("backend"):
            plugins.host().find("backend", usable_backends(task), exhibit.backend)
        for label, own in exhibit.panels.items():
            with self.at("panels", label):
                plan(replace(exhibit, panels={label: own}), FULL, {})
        for label, scale in exhibit.scales.items():
            with self.at("scales", label, "panels"):
                for panel in scale.panels:
                    if panel not in exhibit.panels:
                        raise unknown_name("panel", panel, exhibit.panels)
            with self.at("scales", label, "settings"):
                plan(exhibit, label, {})


def _check_kind(value: Any, kind: type) -> None:
    if type(value) is not kind:
        got = KINDS.get(type(value), type(value).__name__)
        raise InvalidTypeError(f"the value must be {KINDS[kind]}; got {value!r}, {got}. Write it as such.")


def _defaults(cls: Any) -> dict[str, Any]:
    """The fields of a dataclass and their defaults; `None`, to which anything fits, where there is none."""
    return {field.name: None if field.default is MISSING else field.default for field in fields(cls)}


def _required(cls: Any) -> list[str]:
    return [field.name for field in fields(cls) if field.default is MISSING and field.default_factory is MISSING]
