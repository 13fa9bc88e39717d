"""Reading a user's own experiment, an exhibit in a TOML file."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from tpo.errors import DataError, InvalidArgumentError, NotInstalledError, look_up, naming
from tpo.experiments.analysis.statistics import STATISTICS
from tpo.experiments.catalogue import taken_names
from tpo.experiments.spec.arms import arm_of, arms_for
from tpo.experiments.spec.backends import check_backend
from tpo.experiments.spec.exhibit import WHOLE, Exhibit, Scale, Trainer
from tpo.experiments.spec.field_types import fitted
from tpo.experiments.spec.overrides import changed, flat
from tpo.experiments.spec.plan import plan
from tpo.experiments.toml_fields import SpecArm, decoded, read_fields
from tpo.plugins import registry
from tpo.training.arm import Arm
from tpo.training.checks import DTYPES, check
from tpo.training.metric_names import reported_error
from tpo.training.task import ClosedForm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tpo.experiments.spec.overrides import KeyPath
    from tpo.experiments.spec.planned import Plan
    from tpo.experiments.toml_fields import Spec, SpecScale

FOLDER_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
"""Pattern of names that can be part of an output folder's name."""

SUFFIX = ".toml"
ARM_FIELDS = dict.fromkeys(field.name for field in fields(Arm))


def read(path: Path) -> Exhibit:
    """Read the exhibit in the file at `path`. Fields that an arm leaves out have the task's values.

    Raises:
        TPOError: The file cannot be read, or is invalid; the message names the file.
    """
    with naming(str(path)):
        exhibit = _exhibit(read_fields(path), path)
        for scale in exhibit.all_scales:
            planned = plan(exhibit, scale, {})
            planned.check_measures()
            _check_arms(planned)
        return exhibit


def _check_arms(planned: Plan) -> None:
    """Raise an error for the first arm that cannot be trained. Data may be missing: they are fetched later."""
    for (_, label), (cell, *_) in planned.cells.items():
        task = registry.created_task(cell.task, cell.options)
        with naming(f"arms.{label}"), suppress(DataError):
            check(task, cell.arm, seeds=cell.seeds, steps=cell.steps, dtype=cell.dtype)


def _check_on_a_line(*texts: str) -> None:
    for text in texts:
        if any(unicodedata.category(character) == "Cc" for character in text):
            message = f"titles and labels must have no control characters, such as line breaks; got {text!r}."
            raise InvalidArgumentError(f"{message} Remove them.")


def _exhibit(spec: Spec, path: Path) -> Exhibit:
    _check_folder_name("name", spec.name)
    _check_free(spec.name)
    _check_on_a_line(spec.title or "", *spec.arms, *spec.panels)
    look_up("statistic", spec.statistic, STATISTICS)
    info, cls = registry.host().find("task", registry.host().tasks(), spec.task), registry.task(spec.task)
    options = _options(cls, spec.options)
    created = registry.created_task(spec.task, options)
    error = reported_error(created) if spec.error is None else spec.error
    backend = spec.backend or info.default_backend
    # Another one may be chosen on the command line.
    with suppress(NotInstalledError):
        check_backend(backend, created)
    return Exhibit(
        name=spec.name,
        title=spec.name if spec.title is None else spec.title,
        source=path.name,
        task=spec.task,
        options=options,
        arms=_arms(created, spec.arms),
        panels={label: flat(own) for label, own in spec.panels.items()} or {spec.task: {}},
        trainer=_trainer(spec.trainer),
        scales={label: _scale(label, given) for label, given in spec.scales.items()},
        curves=(error,) if spec.curves is None else spec.curves,
        statistic=spec.statistic,
        measure=spec.measure,
        error=error,
        backend=backend,
        note=spec.note,
        whole=WHOLE,
    )


def _options(cls: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    known = dict.fromkeys(field.name for field in fields(cls))
    found = changed({"task": known}, {("task", name): value for name, value in given.items()})["task"]
    return fitted(cls, {name: found[name] for name in given}, "task")


def _check_folder_name(field: str, name: str) -> None:
    """Raise an error for names that lead out of the folder of results, or are hidden in it."""
    if not FOLDER_NAME.fullmatch(name):
        message = f"`{field}` must consist of letters, digits, '-', '_' and '.', and not begin with '.'; got {name!r}."
        raise InvalidArgumentError(f"{message} Choose another: it is also the name of the folder of results.")


def _check_free(name: str) -> None:
    """Raise an error for the name of an existing task or exhibit, which share a namespace."""
    if name in taken_names():
        message = f"`name` must be new; got {name!r}, the name of a task or exhibit."
        raise InvalidArgumentError(f"{message} Choose another: it is also the name of the folder of results.")


def _arms(task: Any, given: Mapping[str, Any]) -> dict[str, Arm]:
    arms = {label: _arm(task, label, own) for label, own in given.items()}
    if not isinstance(task, ClosedForm):
        for label, arm in arms.items():
            with naming(f"arms.{label}"):
                arm.create_algorithm()
    return arms


def _arm(task: Any, label: str, own: Mapping[str, Any]) -> Arm:
    # Names first: a misspelt `algorithm` would be said to be missing.
    changed({"arms": {label: ARM_FIELDS}}, {("arms", label, name): None for name in own if name != "options"})
    given = decoded(own, SpecArm, f"$.arms.{label}")
    usual = asdict(arms_for(task, (given.algorithm,), {})[given.algorithm])
    here: KeyPath = ("arms", label)
    changes = {(*here, name): value for name, value in own.items() if name != "options"}
    changes |= {(*here, "options", name): value for name, value in given.options.items()}
    return arm_of(changed({"arms": {label: usual}}, changes)["arms"][label], f"arms.{label}")


def _trainer(given: Mapping[str, Any]) -> Trainer:
    usual = asdict(Trainer(steps=0, seeds=0))
    found = changed({"trainer": usual}, {("trainer", name): value for name, value in given.items()})["trainer"]
    found = fitted(Trainer, found, "trainer")
    look_up("dtype", found["dtype"], dict.fromkeys(DTYPES))
    for name, example in {"steps": 100, "seeds": 5}.items():
        if name not in given or found[name] < 1:
            must = f"at least 1; got {given[name]}" if name in given else "given; got none"
            raise InvalidArgumentError(f"`trainer.{name}` must be {must}. For example: {name} = {example}.")
    return Trainer(**found)


def _scale(label: str, given: SpecScale) -> Scale:
    _check_folder_name(f"scales.{label}", label)
    if label == WHOLE:
        message = f"a scale must not be called {WHOLE!r}; got `scales.{label}`."
        raise InvalidArgumentError(f"{message} Choose another name: that is the spec as it is written.")
    return Scale(settings=flat(given.settings), panels=given.panels)
