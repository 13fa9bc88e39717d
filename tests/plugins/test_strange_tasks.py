"""Tasks of plug-ins that fail or give other types: the error names them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tests.plugins.fakes import Offers
from tpo import InvalidArgumentError, PluginError, TaskInfo
from tpo.experiments.spec.arms import arms_for, default_algorithms
from tpo.plugins import registry
from tpo.plugins.host import PluginHost


@dataclass(frozen=True)
class Armless:
    """No task at all."""


@dataclass(frozen=True)
class Raising:
    """A task whose every attribute raises."""

    def __getattr__(self, name):
        raise RuntimeError(name)


@dataclass(frozen=True)
class Given:
    """A task with the given arms, and another default arm."""

    arms: Any = field(default_factory=dict)

    def default_arm(self, algorithm, *, compares_candidates):
        del algorithm, compares_candidates
        return 5


@dataclass(frozen=True)
class Leaving:
    """A task that leaves the program, or refuses its option."""

    code: int = 3

    def __post_init__(self):
        if self.code < 0:
            raise InvalidArgumentError("`code` must be at least 0; got -1. Raise it.")
        sys.exit(self.code)


def refused(call, *arguments):
    with pytest.raises(PluginError) as caught:
        call(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("create", "came"),
    [
        (Armless, "AttributeError: 'Armless' object has no attribute 'arms'"),
        (Raising, "RuntimeError: arms"),
        (partial(Given, 5), "5"),
    ],
)
def test_a_task_without_arms_is_named(create, came):
    task = create()
    name = f"{__name__}:{type(task).__name__}"
    text = f"the task {name!r} must have `arms`, a tpo.Arm by algorithm; got {came}. Fix or uninstall its plug-in."
    assert refused(default_algorithms, task) == text
    assert refused(arms_for, task, ["tpo"], {}) == text


@pytest.mark.parametrize("task", [Given({"tpo": 5}), Given()])
def test_a_task_with_an_arm_that_is_none_is_named(task):
    assert refused(arms_for, task, ["tpo"], {}) == (
        f"the task '{__name__}:Given' must have a tpo.Arm for tpo; got 5. Fix or uninstall its plug-in."
    )


def test_a_task_whose_default_arm_fails_is_named():
    class Failing(Given):
        def default_arm(self, algorithm, *, compares_candidates):
            del compares_candidates
            raise KeyError(algorithm)

    text = refused(arms_for, Failing(), ["tpo"], {})
    assert text.endswith("Failing' must have a default arm for tpo; got KeyError: 'tpo'. Fix or uninstall its plug-in.")


@pytest.fixture
def leaving(monkeypatch):
    host = PluginHost([])
    host.register(Offers(TaskInfo(name="leaving", load=f"{__name__}:Leaving", default_backend="numpy")), "x")
    monkeypatch.setattr(registry, "host", lambda: host)


@pytest.mark.usefixtures("leaving")
def test_a_task_that_leaves_the_program_is_named():
    assert refused(registry.created_task, "leaving", {"code": 4}) == (
        "the task 'leaving' must accept its options; got SystemExit: 4. Choose others, or fix its plug-in."
    )


@pytest.mark.usefixtures("leaving")
def test_what_a_task_refuses_deliberately_is_its_own_error():
    with pytest.raises(InvalidArgumentError, match=r"^`code` must be at least 0; got -1\. Raise it\.$"):
        registry.created_task("leaving", {"code": -1})


@dataclass
class Mutable:
    """A task that is no frozen dataclass."""


def test_a_task_that_can_change_is_refused(monkeypatch):
    host = PluginHost(())
    host.register(Offers(TaskInfo(name="mutable", load=f"{__name__}:Mutable", default_backend="torch")), "mutable")
    monkeypatch.setattr(registry, "host", lambda: host)
    assert "the task must be a frozen dataclass; got" in refused(registry.task, "mutable")
