"""`tpo check` and `tpo explain-batch`, with checks and planners of a plug-in."""

import json
import sys
from types import ModuleType

import pytest

import tpo as package
from tpo.plugins import registry

FOUND = (
    package.Finding("library", ok=True, detail="1.0"),
    package.Finding("workers", ok=False, detail="see nothing", remedy="Install it there."),
    package.Finding("fact", ok=None, detail="[bold]as it is[/]"),
)
PLAN = package.BatchPlan((("groups", "16"), ("rows", "256")), ("Small groups.",), ("`shuffle` must not be True.",))


@pytest.fixture
def plugin(monkeypatch):
    """A plug-in with a check and a planner, beside the built-in ones."""
    module = ModuleType("made_up_adapter")
    module.check = lambda: iter(FOUND)
    module.plan = lambda arguments: PLAN if arguments else package.BatchPlan(())
    monkeypatch.setitem(sys.modules, "made_up_adapter", module)
    host = package.PluginHost([])

    class Hooks:
        @package.hookimpl
        def tpo_checks(self):
            return (package.CheckInfo(name="mine", load="made_up_adapter:check", summary="looks"),)

        @package.hookimpl
        def tpo_batch_planners(self):
            return (package.BatchPlannerInfo(name="mine", load="made_up_adapter:plan", summary="plans"),)

    host.register(Hooks(), "made up")
    monkeypatch.setattr(registry, "host", lambda: host)


@pytest.mark.usefixtures("plugin")
def test_checks_are_listed_run_and_fail(tpo):
    assert tpo("check").out == "mine: looks\n"
    outcome = tpo("check", "mine")
    assert outcome.code == 1
    assert [line.split() for line in outcome.out.splitlines()] == [
        ["subject", "found"],
        ["library", "ok", "1.0"],
        ["workers", "FAILS", "see", "nothing"],
        ["fact", "[bold]as", "it", "is[/]"],
        ["workers:", "Install", "it", "there."],
    ]
    assert json.loads(tpo("check", "mine", "--json").out)[1]["remedy"] == "Install it there."


@pytest.mark.usefixtures("plugin")
def test_a_plan_is_shown_with_what_is_refused(tpo):
    outcome = tpo("explain-batch", "size=16")
    assert outcome.code == 1
    assert outcome.out.splitlines()[-2:] == ["warning: Small groups.", "refused: `shuffle` must not be True."]
    assert ["groups", "16"] in [line.split() for line in outcome.out.splitlines()]
    assert json.loads(tpo("explain-batch", "--trainer", "mine", "a=1", "--json").out)["facts"][1] == ["rows", "256"]
    assert tpo("explain-batch").code == 0


@pytest.mark.usefixtures("plugin")
def test_bad_input(tpo):
    assert "a registered check; got 'yours'" in tpo("check", "yours").err
    assert "a registered trainer; got 'yours'" in tpo("explain-batch", "--trainer", "yours").err


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize(
    ("found", "came"),
    [
        (lambda: 5, "TypeError: 'int' object is not iterable"),
        (lambda: [FOUND[0], 5], "5"),
        (lambda: [package.Finding("a", ok=3, detail="b")], "a Finding whose `ok` is 3, not bool | None"),
        (lambda: sys.exit(0), "SystemExit: 0"),
        (lambda: ({}[one] for one in "x"), "KeyError: 'x'"),
    ],
)
def test_a_check_that_finds_something_else_is_named(tpo, options, found, came):
    sys.modules["made_up_adapter"].check = found
    text = f"the check 'mine' must return objects of the class tpo.Finding; got {came}."
    assert tpo("check", "mine", *options) == (2, "", f"error: {text} Fix or uninstall its plug-in.\n")


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize(
    ("plan", "came"),
    [
        (lambda _: 5, "5"),
        (lambda _: package.BatchPlan((("rows", 5),)), "a BatchPlan whose `facts` is (('rows', 5),), not tuple[tuple["),
        (lambda _: {}["x"], "KeyError: 'x'"),
        (lambda _: sys.exit(0), "SystemExit: 0"),
    ],
)
def test_a_trainer_that_plans_something_else_is_named(tpo, options, plan, came):
    sys.modules["made_up_adapter"].plan = plan
    outcome = tpo("explain-batch", *options, "x")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: the trainer 'mine' must explain a batch by a tpo.BatchPlan; got {came}")
    assert outcome.err.endswith(". Check the settings, or fix its plug-in.\n")


@pytest.mark.usefixtures("plugin")
def test_a_refusal_without_facts_has_no_table(tpo):
    sys.modules["made_up_adapter"].plan = lambda _: package.BatchPlan(
        (), ("w.",), ("`x` must be 1; got 2. Change it.",)
    )
    assert tpo("explain-batch", "x") == (1, "warning: w.\nrefused: `x` must be 1; got 2. Change it.\n", "")


@pytest.mark.usefixtures("plugin")
def test_an_unknown_setting_of_very_many_is_answered_with_the_nearest(tpo):
    def plan(settings):
        raise package.unknown_name("option", settings[0], [*(f"num_of_{n}" for n in range(200)), "num_generations"])

    sys.modules["made_up_adapter"].plan = plan
    outcome = tpo("explain-batch", "num_generation")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(
        "error: the name must be a registered option; got 'num_generation'. Did you mean 'num_generations'? "
        "Registered: 201 names, which its documentation lists; the nearest are num_generations, num_of_"
    )
    assert outcome.err.count("num_of_") == 4


def test_a_trainer_that_is_not_installed_says_how_to_install_it(tpo, monkeypatch, from_an_index):
    del from_an_index
    monkeypatch.setattr(registry, "missing", lambda info: info.requires)
    for arguments in (("explain-batch", "--trainer", "verl"), ("check", "verl")):
        outcome = tpo(*arguments)
        assert outcome.code == 2
        assert 'pip install "tpo[verl]"' in outcome.err


def test_where_no_trainer_is_installed_one_must_be_named(tpo, monkeypatch):
    monkeypatch.setattr(registry, "missing", lambda info: info.requires)
    text = "`--trainer` must be given unless exactly one is installed; got none. Name one of trl, verl."
    assert tpo("explain-batch") == (2, "", f"error: {text}\n")


def test_one_of_several_trainers_must_be_named(tpo, monkeypatch):
    infos = {name: package.BatchPlannerInfo(name=name, load="made_up:plan") for name in ("one", "other")}
    monkeypatch.setattr(package.PluginHost, "batch_planners", lambda _: infos)
    message = "`--trainer` must be given unless exactly one is installed; got one, other. Name one of one, other."
    assert message in tpo("explain-batch").err
