"""Plug-ins of any kind: a broken one is named, and the rest works."""

from __future__ import annotations

import itertools
import sys
from dataclasses import dataclass

import pytest

from tests.plugins.fakes import FakeEntryPoint, Offers, Returns, algorithm
from tpo import AlgorithmInfo, BackendInfo, LauncherInfo, PluginError, TaskInfo, hookimpl
from tpo.experiments.execution.launchers import launching
from tpo.plugins import registry
from tpo.plugins.host import PluginHost

GOOD = algorithm("good")


class Leaves:
    """An entry point whose module calls `sys.exit`."""

    name = "leaver"

    def load(self):
        sys.exit(0)


class LeavesLater:
    @hookimpl
    def tpo_algorithms(self):
        sys.exit(0)


class Unspeakable:
    """An object that cannot be shown, compared or hashed."""

    __hash__ = None

    def __repr__(self):
        raise ValueError

    def __eq__(self, other):
        raise ValueError


def host_of(*plugins):
    return PluginHost([*(FakeEntryPoint(f"bad{n}", plugin) for n, plugin in enumerate(plugins)), nice()])


def nice():
    return FakeEntryPoint("nice", Offers(GOOD))


def test_one_that_leaves_the_program_at_import_is_named():
    host = PluginHost([Leaves(), nice()])
    assert host.algorithms() == {"good": GOOD}
    assert str(host.broken["leaver"]) == (
        "a plug-in must load without leaving the program; got SystemExit: 0. Fix or uninstall it."
    )


def test_one_whose_hook_leaves_the_program_is_named():
    host = host_of(LeavesLater())
    assert host.algorithms() == {"good": GOOD}
    assert "got SystemExit: 0." in str(host.broken["bad0"])


def test_of_an_error_with_many_lines_the_first_is_shown():
    error = RuntimeError("\n\x1b[31mred\nmany\nlines\n" * 50)
    host = PluginHost([FakeEntryPoint("talker", error), nice()])
    assert str(host.broken["talker"]) == (
        r"a plug-in must load without an error; got RuntimeError: \x1b[31mred…. Fix or uninstall it."
    )
    assert host.broken["talker"].__cause__ is error


def test_of_an_error_with_a_long_line_the_beginning_is_shown():
    host = host_of(Returns(ValueError("ab" * 5000)))
    assert list(host.algorithms()) == ["good"]
    assert str(host.broken["bad0"]) == (
        f"a plug-in must load without an error; got ValueError: {'ab' * 100}…. Fix or uninstall it."
    )


def test_the_text_of_a_plug_in_that_cannot_be_registered_is_one_line():
    class Talks:
        def __eq__(self, other):
            raise ValueError("a\nb\n" * 500)

        __hash__ = None

    assert str(host_of(Talks()).broken["bad0"]) == (
        f"a plug-in must implement only hooks of tpo.plugins.hookspecs; got 'bad0': {'a b ' * 50}…. "
        "Fix or uninstall it."
    )


def test_ctrl_c_while_plug_ins_load_is_heard():
    with pytest.raises(KeyboardInterrupt):
        PluginHost([Interrupting()])


class Interrupting:
    name = "x"

    def load(self):
        raise KeyboardInterrupt


NAMES = [3, None, ["a"], {}, "", " ", "a b", "a,b", "-a", "a\nb", "\ud800", "\x1b[31m"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_cannot_be_typed_is_refused_alone(name):
    host = host_of(Offers(algorithm(name), algorithm("other")))
    assert list(host.algorithms()) == ["good", "other"]
    text = str(host.broken["bad0"])
    assert text.startswith(("the field `name` of a AlgorithmInfo must be str; got ", "a name must be printable, "))
    assert text.endswith((" Fix or uninstall the plug-in.", " Rename it or uninstall the plug-in."))


FIELDS = [
    *(AlgorithmInfo(name="a", load="m:x", **{field: None}) for field in ("summary", "requires", "hint")),
    AlgorithmInfo(name="a", load=None),
    AlgorithmInfo(name="a", load="m:x", requires="numpy"),
    AlgorithmInfo(name="a", load="m:x", requires=(1,)),
    AlgorithmInfo(name="a", load="m:x", summary=Unspeakable()),
]


@pytest.mark.parametrize("info", FIELDS)
def test_a_field_of_another_type_is_refused(info):
    host = host_of(Offers(info))
    assert list(host.algorithms()) == ["good"]
    assert str(host.broken["bad0"]).startswith("the field `")


def test_the_fields_of_every_kind_are_checked():
    backend = BackendInfo(name="a", load="m:x", array_modules="numpy")
    task = TaskInfo(name="a", load="m:x", default_backend=None)
    host = host_of(Offers(backend), Offers(task))
    assert host.backends() == host.tasks() == {}
    assert [str(host.broken[name]).partition(";")[0] for name in ("bad0", "bad1")] == [
        "the field `array_modules` of a BackendInfo must be tuple[str, ...]",
        "the field `default_backend` of a TaskInfo must be str",
    ]


GARBAGE = [None, 3, "text", b"bytes", [None], [3, GOOD], Unspeakable(), [Unspeakable()], object(), {"a": 1}]


@pytest.mark.parametrize("result", GARBAGE, ids=range(len(GARBAGE)))
def test_a_hook_that_returns_garbage_is_named(result):
    host = host_of(Returns(result))
    assert set(host.algorithms()) == {"good"}
    assert isinstance(host.broken["bad0"], Exception)


def test_a_hook_that_offers_without_end_ends():
    host = host_of(Returns(algorithm(f"a{n}") for n in itertools.count()))
    assert len(host.algorithms()) == 10_001


@pytest.mark.parametrize("plugin", [Unspeakable(), 3, None, "text"])
def test_what_is_no_plug_in_at_all_stops_no_other(plugin):
    assert list(host_of(plugin).algorithms()) == ["good"]


def test_a_backend_that_cannot_be_made_is_named(monkeypatch):
    host = PluginHost([])
    host.register(Offers(BackendInfo(name="odd", load="os:getcwd", array_modules=("odd",))), "x")
    monkeypatch.setattr(registry, "host", lambda: host)
    with pytest.raises(PluginError, match=r"the backend 'odd' must start on the device 'cpu'; got TypeError: .*"):
        registry.backend("odd", "cpu")


def leave(**_):
    sys.exit(3)


def test_a_backend_that_leaves_the_program_is_named(monkeypatch):
    host = PluginHost([])
    host.register(Offers(BackendInfo(name="leaving", load=f"{__name__}:leave", array_modules=("odd",))), "x")
    monkeypatch.setattr(registry, "host", lambda: host)
    with pytest.raises(PluginError) as caught:
        registry.backend("leaving")
    assert str(caught.value) == (
        "the backend 'leaving' must start on its default device; got SystemExit: 3. "
        "Choose another device, or fix its plug-in."
    )


@dataclass(frozen=True)
class Traitless:
    """An algorithm whose traits are a number."""

    traits = 5


def test_an_algorithm_with_other_traits_is_named():
    with pytest.raises(PluginError) as caught:
        registry.loaded_algorithm(algorithm("odd", f"{__name__}:Traitless"))
    assert str(caught.value) == (
        "the algorithm 'odd' must have `traits`, of the class tpo.Traits; got 5. Fix or uninstall its plug-in."
    )


@pytest.mark.parametrize(
    ("load", "text"),
    [
        ("os:getcwd", "got TypeError: .* takes no arguments"),
        ("operator:eq", "got False"),
        ("math:atan2", "got TypeError"),
    ],
)
def test_a_launcher_that_is_none_is_named(monkeypatch, load, text):
    host = PluginHost([])
    host.register(Offers(LauncherInfo(name="odd", load=load)), "x")
    monkeypatch.setattr(registry, "host", lambda: host)
    with pytest.raises(
        PluginError, match=rf"^the launcher 'odd' must give a scope for an address .*; {text}.*\. Choose "
    ):
        launching("odd", jobs=2)


class Talkative(FakeEntryPoint):
    """A plug-in that prints when it is imported."""

    def load(self):
        print("imported")  # noqa: T201 - its defect
        return self.found


class Greeting:
    @hookimpl
    def tpo_algorithms(self):
        print("asked")  # noqa: T201 - its defect
        yield algorithm("good")


def test_what_plug_ins_print_is_no_output_of_a_command(capsys):
    assert list(PluginHost([Talkative("loud", Greeting())]).algorithms()) == ["good"]
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "imported\nasked\n")
