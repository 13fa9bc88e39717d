"""The plug-in host with good and bad plug-ins."""

from importlib import metadata

import pytest

from tests.plugins.fakes import FakeEntryPoint, Misspelt, Offers, Returns, WithArgument, algorithm
from tpo import BackendInfo, PluginError, ProblemsInfo, TaskInfo
from tpo.plugins import registry
from tpo.plugins.host import PluginHost

BACKEND = BackendInfo(name="one", load="m:x", array_modules=("m",))
TASK = TaskInfo(name="two", load="m:x", default_backend="one")


def host_of(**plugins):
    return PluginHost([FakeEntryPoint(name, plugin) for name, plugin in plugins.items()])


def test_each_kind_is_listed_by_name_in_alphabetical_order():
    first, second = algorithm("b"), algorithm("a")
    host = host_of(x=Offers(first, TASK), y=Offers(second, BACKEND))
    assert list(host.algorithms().items()) == [("a", second), ("b", first)]
    assert host.backends() == {"one": BACKEND}
    assert host.tasks() == {"two": TASK}
    assert host.broken == {}


def test_problems_with_a_reserved_name_are_refused_alone():
    mine, taken = ProblemsInfo(name="mine", load="m:x"), ProblemsInfo(name="mnist", load="m:x")
    host = host_of(x=Offers(mine, taken))
    assert host.problems() == {"mine": mine, "mnist": taken}
    host.refuse_problems(["mnist"], "the name of images")
    assert host.problems() == {"mine": mine}
    assert str(host.broken["x"]) == (
        "a plug-in must offer names of its own; got 'mnist' from 'x', the name of images. "
        "Rename it or uninstall the plug-in."
    )


def test_one_without_a_hook_is_told():
    host = host_of(x=object(), y=Offers(algorithm("a")))
    text = "a plug-in must implement a hook of tpo.plugins.hookspecs; got 'x', which has none."
    assert str(host.broken["x"]) == f"{text} Mark its hooks with tpo.hookimpl, and let dir() list them."
    assert list(host.algorithms()) == ["a"]


def test_the_trainers_of_language_models_are_there():
    assert list(registry.host().checks()) == ["trl", "tunix", "verl"]
    assert list(registry.host().batch_planners()) == ["trl", "verl"]


def test_every_hook_of_a_built_in_plug_in_is_found():
    for entry_point in metadata.entry_points(group="tpo"):
        module = entry_point.load()
        written = {name for name, value in vars(module).items() if hasattr(value, "tpo_impl")}
        found = {caller.name for caller in registry.host()._manager.get_hookcallers(module)}  # noqa: SLF001
        assert written == found != set(), entry_point.name


def test_a_plug_in_registered_later_is_seen():
    host = host_of(x=Offers(algorithm("a")))
    assert list(host.algorithms()) == ["a"]
    host.register(Offers(algorithm("b")), "y")
    assert list(host.algorithms()) == ["a", "b"]


def test_one_that_does_not_load_is_recorded_and_stops_no_other():
    error = ImportError("no library")
    host = host_of(x=error, y=Offers(algorithm("a")))
    assert host.broken == {"x": error}
    assert list(host.algorithms()) == ["a"]


@pytest.mark.parametrize(
    ("result", "error", "text"),
    [
        (RuntimeError("boom"), RuntimeError, "boom"),
        (None, TypeError, "'NoneType' object is not iterable"),
        (
            ["a"],
            PluginError,
            "the hook of a plug-in must return objects of the class AlgorithmInfo; got 'a'. Fix or uninstall it.",
        ),
    ],
)
def test_one_whose_hook_fails_is_recorded_and_stops_no_other(result, error, text):
    host = host_of(x=Returns(result), y=Offers(algorithm("a")))
    assert list(host.algorithms()) == ["a"]
    assert type(host.broken["x"]) is error
    assert str(host.broken["x"]) == text


def test_a_misspelt_hook_is_named():
    host = host_of(x=Offers(algorithm("a")))
    text = (
        "a plug-in must implement only hooks of tpo.plugins.hookspecs; got 'typo': unknown hook 'tpo_algoritms' "
        "in plugin <misspelt>. Fix or uninstall it."
    )
    with pytest.raises(PluginError) as refusal:
        host.register(Misspelt(), "typo")
    assert str(refusal.value) == text
    assert list(host.algorithms()) == ["a"]
    found = host_of(typo=Misspelt(), y=Offers(algorithm("a")))
    assert {name: str(error) for name, error in found.broken.items()} == {"typo": text}
    assert list(found.algorithms()) == ["a"]


def test_a_hook_with_an_argument_of_its_own_is_named():
    host = host_of(x=WithArgument(), y=Offers(algorithm("a")))
    text = str(host.broken["x"])
    assert text.startswith("a plug-in must implement only hooks of tpo.plugins.hookspecs; got 'x': ")
    assert "Argument(s) {'config'} are declared in the hookimpl but can not be found in the hookspec" in text
    assert list(host.algorithms()) == ["a"]
    host.register(Offers(algorithm("b")), "x")
    assert list(host.algorithms()) == ["a", "b"]


def test_of_a_name_offered_twice_the_first_stays_and_both_plug_ins_are_named():
    first = algorithm("a")
    host = host_of(x=Offers(first), y=Offers(algorithm("a"), algorithm("b"), TASK))
    assert host.algorithms() == {"a": first, "b": algorithm("b")}
    assert host.algorithms()["a"] is first
    assert {name: str(error) for name, error in host.broken.items()} == {
        "y": "a plug-in must offer names of its own; got 'a' from 'y', which 'x' offers too: that one is used. "
        "Rename it or uninstall the plug-in."
    }
    assert host.tasks() == {"two": TASK}


@pytest.mark.parametrize("again", ["x", "y"])
def test_a_plug_in_registered_twice_is_an_error_and_the_first_one_stays(again):
    plugin = Offers(algorithm("a"))
    host = host_of(x=plugin)
    with pytest.raises(PluginError) as refusal:
        host.register(plugin, again)
    assert str(refusal.value) == (
        f"every plug-in must be registered once, under a name of its own; got {again!r} again. Uninstall or rename one."
    )
    assert list(host.algorithms()) == ["a"]


def test_two_plug_ins_of_one_name_are_an_error_and_the_first_one_stays():
    host = host_of(x=Offers(algorithm("a")))
    with pytest.raises(PluginError, match=r"^every plug-in must be registered once"):
        host.register(Offers(algorithm("b")), "x")
    assert list(host.algorithms()) == ["a"]
