"""Exhibits as data: their cells, the effect of scales, and the requirements on each."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tpo import InvalidArgumentError, UnknownNameError
from tpo.data.catalogue import DATA_SETS
from tpo.experiments.analysis.paper import paper_file, published
from tpo.experiments.analysis.statistics import STATISTICS
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.exhibit import Profile, Scale
from tpo.experiments.spec.plan import asked_for, plan
from tpo.experiments.spec.selection import EVERYTHING, Selection

EXHIBITS = catalogue()


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Files with the right names and sizes: nothing else is checked before a run."""
    monkeypatch.setenv("TPO_DATA", str(tmp_path))
    for data_set in DATA_SETS.values():
        (tmp_path / data_set.name).mkdir()
        for name, size in data_set.sizes.items():
            with (tmp_path / data_set.name / name).open("wb") as file:
                file.truncate(size)


SCALES = ("paper", "laptop", "smoke")


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("name", EXHIBITS)
@pytest.mark.parametrize("scale", SCALES)
def test_every_cell_of_every_exhibit_can_be_run(name, scale):
    exhibit = EXHIBITS[name]
    planned = plan(exhibit, scale, {})
    cells = [cell for block in planned.cells.values() for cell in block]
    planned.validate()
    assert planned.all_cells() == [cell for number, cell in enumerate(cells) if cell not in cells[:number]]
    assert exhibit.statistic in STATISTICS
    assert bool(planned.deviations) == (scale != "paper" and exhibit.scales[scale] != type(exhibit.scales[scale])())


@pytest.mark.parametrize("name", paper_file("published"))
def test_every_published_number_stands_beside_an_arm(name):
    exhibit = EXHIBITS[name]
    for panel, arms in paper_file("published")[name].items():
        assert panel in exhibit.panels
        assert set(arms) <= set(exhibit.arms)
        assert all(published(name, panel, arm) == value for arm, value in arms.items())


def test_table_1_at_the_papers_scale():
    planned = plan(EXHIBITS["table1"], "paper", {})
    assert set(planned.cells) == {(f"V={size}", arm) for size in (2, 4, 8, 16) for arm in ("TPO", "GRPO", "PPO", "DG")}
    blocks = planned.cells["V=8", "DG"]
    assert [cell.seeds for cell in blocks] == [tuple(range(i, i + 5)) for i in (0, 5, 10, 15)]
    cell = blocks[0]
    assert (cell.options["vocab_size"], cell.options["length"], cell.steps, cell.backend) == (8, 10, 1000, "jax")
    assert (cell.arm.algorithm, cell.arm.epochs, cell.arm.batch_size, cell.arm.learning_rate) == ("dg", 1, 100, 1e-3)
    assert planned.deviations == ()


def test_matching_interactions_gives_single_samples_more_prompts_and_a_larger_rate():
    cells = plan(EXHIBITS["table3"], "paper", {}).cells
    for label, batch, rate in (("PPO", 800, 1e-3 * math.sqrt(8)), ("DG", 800, 1e-3 * math.sqrt(8)), ("TPO", 100, 1e-3)):
        arm = cells["H=9, equal interactions", label][0].arm
        assert (arm.batch_size, arm.learning_rate) == (batch, pytest.approx(rate))
        assert cells["H=9, equal prompts", label][0].arm.batch_size == 100


def test_settings_reach_one_arm_all_arms_the_task_and_the_trainer():
    changes = {"arms.TPO.epochs": 2, "arm.batch_size": 7, "task.length": 4, "trainer.steps": 9, "trainer.seeds": 2}
    cells = plan(EXHIBITS["table1"], "paper", changes, backend="torch").cells
    (tpo,), (ppo,) = cells["V=2", "TPO"], cells["V=2", "PPO"]
    assert (tpo.arm.epochs, ppo.arm.epochs, tpo.arm.batch_size, ppo.arm.batch_size) == (2, 4, 7, 7)
    assert (tpo.options["length"], tpo.steps, tpo.seeds, tpo.backend) == (4, 9, (0, 1), "torch")


PANELS_DIFFER_IN_BATCHES = ("anchor-lengths", "table2", "table3")
"""Under equal interactions, the batch of the methods with one sample per prompt is larger; longer solutions have fewer
prompts."""


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_setting_of_every_arm_reaches_every_arm_of_every_exhibit(name):
    exhibit = EXHIBITS[name]
    changes = asked_for(exhibit, ["arm.batch_size=50"])
    assert changes == {"arm.batch_size": 50}
    if name in PANELS_DIFFER_IN_BATCHES:
        text = f"a setting must not change what the panels of {name} differ in; got 'arm.batch_size'."
        with pytest.raises(InvalidArgumentError) as caught:
            plan(exhibit, "smoke", changes)
        assert str(caught.value) == f"{text} Change a run of the task instead: tpo run {exhibit.task}."
    else:
        planned = plan(exhibit, "smoke", changes)
        assert {arm for _, arm in planned.cells} == set(exhibit.arms)
        assert {cell.arm.batch_size for cell in planned.all_cells()} == {50}
        assert {cell.arm.batch_size for cell in plan(exhibit, "paper", {}).all_cells()} != {50}


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_setting_of_one_arm_reaches_that_one_of_every_exhibit(name):
    exhibit = EXHIBITS[name]
    for label in exhibit.arms:
        changes = asked_for(exhibit, [f"arms.{label}.learning_rate=0.125"])
        assert changes == {f"arms.{label}.learning_rate": 0.125}
        if name not in (*PANELS_DIFFER_IN_BATCHES, "anchor-rates"):
            cells = plan(exhibit, "smoke", changes).cells
            assert {arm for (_, arm), (cell,) in cells.items() if cell.arm.learning_rate == 0.125} == {label}


def test_a_scale_keeps_panels_that_there_are():
    with pytest.raises(UnknownNameError) as caught:
        replace(EXHIBITS["table1"], scales={"tiny": Scale(panels=("V=3",))})
    assert str(caught.value) == (
        "the name must be a registered panel of table1, at scale tiny; got 'V=3'. Did you mean 'V=8'? "
        "Registered: V=16, V=2, V=4, V=8."
    )


@pytest.mark.parametrize(
    ("changes", "nearest"),
    [
        ({"curves": ("error", "lss")}, "got 'lss'. Did you mean 'loss'?"),
        ({"measure": "eror"}, "got 'eror'. Did you mean 'error'?"),
        ({"error": "test_error"}, "got 'test_error'. Did you mean 'error'?"),
        ({"profile": Profile(label="x", quantity="y", positions=(0.5,), names=("surplus",))}, "got 'surplus'. "),
    ],
)
def test_what_is_not_measured_cannot_be_shown(changes, nearest):
    exhibit = replace(EXHIBITS["figure3"], **changes)
    with pytest.raises(UnknownNameError) as caught:
        plan(exhibit, "smoke", {}).validate()
    text = f"the name must be a registered measure of reinforce on this task; {nearest}"
    assert str(caught.value).startswith(text)
    assert str(caught.value).endswith(" Registered: error, loss, misalignment.")


def test_curves_may_be_of_some_arms():
    exhibit = replace(EXHIBITS["table1"], curves=("error", "excess_cross_entropy"))
    plan(exhibit, "smoke", {}).validate()
    only = replace(exhibit, arms={label: arm for label, arm in exhibit.arms.items() if label != "TPO"})
    with pytest.raises(UnknownNameError, match="excess_cross_entropy"):
        plan(only, "smoke", {}).validate()


def test_what_tells_the_panels_apart_cannot_be_changed():
    with pytest.raises(InvalidArgumentError, match=r"what the panels of table1 differ in; got 'task.vocab_size'"):
        plan(EXHIBITS["table1"], "paper", {"task.vocab_size": 4})
    with pytest.raises(InvalidArgumentError, match=r"what the panels of figure13 differ in; got 'arms.TPO.group_size'"):
        plan(EXHIBITS["figure13"], "paper", {"arms.TPO.group_size": 4})


def test_a_changed_plan_has_a_name_of_its_own():
    assert plan(EXHIBITS["table1"], "laptop", {}).name == "table1-laptop-jax"
    names = {plan(EXHIBITS["table1"], "laptop", {"trainer.steps": n}, backend="torch").name for n in (3, 4)}
    assert len(names) == 2
    assert all(name.startswith("table1-laptop-torch-") for name in names)


def test_a_block_without_seeds_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"`trainer.seeds_per_cell` must be at least 1; got 0\."):
        plan(EXHIBITS["table1"], "laptop", {"trainer.seeds_per_cell": 0})


def test_what_is_not_as_published_is_said():
    planned = plan(EXHIBITS["table1"], "laptop", {"task.length": 6})
    assert planned.deviations == (
        "trainer.steps 150 instead of 1000",
        "trainer.seeds 5 instead of 20",
        "task.length 6 instead of 10",
        "without V=8; V=16",
    )


def test_a_selection_keeps_its_panels_and_arms_in_the_exhibits_order():
    selection = Selection(panels=("V=8", "V=2"), arms=("PPO", "TPO"))
    whole, part = (plan(EXHIBITS["table1"], "paper", {}, selection=one) for one in (EVERYTHING, selection))
    assert list(part.cells) == [("V=2", "TPO"), ("V=2", "PPO"), ("V=8", "TPO"), ("V=8", "PPO")]
    for place, cells in part.cells.items():
        assert [cell.digest for cell in cells] == [cell.digest for cell in whole.cells[place]]
    assert part.deviations == ("without V=4; V=16", "without the arms GRPO; DG")


def test_a_selected_panel_runs_at_a_scale_that_leaves_it_out():
    planned = plan(EXHIBITS["table1"], "laptop", {}, selection=Selection(panels=("V=16",)))
    assert {panel for panel, _ in planned.cells} == {"V=16"}
    assert planned.deviations == (
        "trainer.steps 150 instead of 1000",
        "trainer.seeds 5 instead of 20",
        "only V=16",
    )


def test_a_scales_setting_of_an_arm_that_is_left_out_is_no_deviation():
    table = replace(EXHIBITS["table1"], scales={"small": Scale(settings={"arms.PPO.epochs": 2})})
    planned = plan(table, "small", {}, selection=Selection(arms=("TPO",)))
    assert planned.deviations == ("only the arm TPO",)


def test_a_part_is_described_by_what_it_has_if_that_is_less_than_what_it_lacks():
    selection = Selection(panels=("H=7, equal prompts",), arms=("DG", "TPO", "GRPO", "PPO"))
    planned = plan(EXHIBITS["table3"], "paper", {}, selection=selection)
    assert planned.deviations == ("only H=7, equal prompts", "without the arm GRPO (no KL)")


def test_a_setting_of_an_arm_that_is_not_run_is_refused():
    with pytest.raises(InvalidArgumentError) as caught:
        plan(EXHIBITS["table1"], "paper", {"arms.PPO.epochs": 2}, selection=Selection(arms=("TPO",)))
    assert str(caught.value) == (
        "the arm of a setting must be run; got 'arms.PPO.epochs', where only TPO is. "
        "Run PPO too, or leave the setting out."
    )
    with pytest.raises(UnknownNameError, match=r"got 'arms.PPOO'"):
        plan(EXHIBITS["table1"], "paper", {"arms.PPOO.epochs": 2}, selection=Selection(arms=("TPO",)))
    with pytest.raises(InvalidArgumentError, match="`arms` must name a single setting"):
        plan(EXHIBITS["table1"], "paper", {"arms": 2}, selection=Selection(arms=("TPO",)))


def test_a_selection_of_all_that_the_scale_runs_is_none():
    table = EXHIBITS["table1"]
    whole = Selection(panels=("V=4", "V=2"), arms=tuple(table.arms))
    planned = plan(table, "laptop", {}, selection=whole)
    assert (planned.name, planned.selection) == ("table1-laptop-jax", EVERYTHING)
    assert planned.deviations == plan(table, "laptop", {}).deviations
    names = [
        plan(table, "laptop", {}, selection=Selection(panels=panels, arms=("TPO",))).name
        for panels in (("V=2", "V=4"), ())
    ]
    assert names[0] == names[1] != "table1-laptop-jax"
    assert plan(table, "paper", {}, selection=whole).name == "table1-paper-jax-181bcf7a"


def test_a_selection_has_a_name_of_its_own_whatever_the_order():
    chosen = [Selection(arms=("TPO", "PPO")), Selection(arms=("PPO", "TPO", "PPO")), Selection(arms=("PPO",))]
    first, same, other = (plan(EXHIBITS["table1"], "laptop", {}, selection=one).name for one in chosen)
    assert first == same != other
    assert first.startswith("table1-laptop-jax-")


def test_unknown_panels_and_arms_are_refused_with_those_there_are():
    with pytest.raises(UnknownNameError) as caught:
        plan(EXHIBITS["table3"], "laptop", {}, selection=Selection(panels=("H=7",)))
    text = "the name must be a registered panel of table3; got 'H=7'."
    assert str(caught.value).startswith(text)
    assert "; H=7, equal interactions; H=7, equal prompts; " in str(caught.value)
    with pytest.raises(UnknownNameError, match=r"arm of table3; got 'tpo'\. Did you mean 'TPO'\?"):
        plan(EXHIBITS["table3"], "laptop", {}, selection=Selection(arms=("tpo",)))


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("name", EXHIBITS)
def test_each_arm_of_every_exhibit_can_be_run_alone(name):
    exhibit = EXHIBITS[name]
    for label in exhibit.arms:
        planned = plan(exhibit, "smoke", {}, selection=Selection(arms=(label,)))
        planned.validate()
        assert {arm for _, arm in planned.cells} == {label}


def test_figure_1_shares_its_cells_with_table_3():
    ours = plan(EXHIBITS["figure1"], "paper", {}).cells
    theirs = plan(EXHIBITS["table3"], "paper", {}).cells
    for place, cells in ours.items():
        assert [cell.digest for cell in cells] == [cell.digest for cell in theirs[place]]


def test_the_name_of_a_cell_is_a_fixed_function_of_what_it_computes():
    cell = plan(EXHIBITS["table1"], "smoke", {}).cells["V=2", "TPO"][0]
    assert cell.digest == type(cell).from_json(cell.to_json()).digest
    assert cell.digest == DIGEST


def test_an_unknown_scale_and_setting_suggest_the_nearest():
    with pytest.raises(UnknownNameError, match=r"got 'labtop'\. Did you mean 'laptop'\?"):
        plan(EXHIBITS["table1"], "labtop", {})
    with pytest.raises(UnknownNameError, match=r"got 'trainer.seed'\. Did you mean 'trainer.seeds'\?"):
        plan(EXHIBITS["table1"], "laptop", {"trainer.seed": 3})


DIGEST = "0da7d86173168491cba0"


def test_deviations_are_from_what_the_paper_has_in_the_panels_that_are_kept():
    assert plan(EXHIBITS["figure18"], "laptop", {}).deviations[0] == "trainer.steps 200 instead of 2000 or 1000"
    same = plan(EXHIBITS["table1"], "paper", {"arm.batch_size": 100, "trainer.steps": 1000})
    assert same.deviations == ()
    some = plan(EXHIBITS["table1"], "paper", {"arm.epochs": 4})
    assert some.deviations == ("arm.epochs 4 instead of 1",)


def test_an_option_that_the_papers_arm_does_not_set_deviates_where_it_is_set():
    planned = plan(EXHIBITS["figure14"], "paper", {"arms.GRPO.options.skip_tied": True})
    assert planned.deviations == ("arms.GRPO.options.skip_tied True instead of its default",)


def test_the_order_of_changes_counts_in_names_and_in_deviations():
    one, other = {"arm.epochs": 2, "arms.TPO.epochs": 3}, {"arms.TPO.epochs": 3, "arm.epochs": 2}
    three, two = (plan(EXHIBITS["table1"], "smoke", changes) for changes in (one, other))
    assert three.cells["V=2", "TPO"][0].arm.epochs == 3
    assert two.cells["V=2", "TPO"][0].arm.epochs == 2
    assert three.name != two.name
    assert "arms.TPO.epochs 3 instead of 4" in three.deviations
    assert not any("arms.TPO" in deviation for deviation in two.deviations)
    same = [
        plan(EXHIBITS["table1"], "smoke", dict(changes)).name
        for changes in ([("arm.epochs", 2), ("trainer.steps", 3)], [("trainer.steps", 3), ("arm.epochs", 2)])
    ]
    assert same[0] == same[1]


SMALL = Scale(settings={"arm.epochs": 2, "arms.TPO.epochs": 3})


def epochs(planned, panel="V=2"):
    return {arm: cells[0].arm.epochs for (place, arm), cells in planned.cells.items() if place == panel}


def test_what_is_asked_for_last_holds_and_over_what_a_scale_says():
    table = replace(EXHIBITS["table1"], scales={"small": SMALL})
    assert epochs(plan(table, "small", {})) == {"TPO": 3, "GRPO": 2, "PPO": 2, "DG": 2}
    assert set(epochs(plan(table, "small", {"arm.epochs": 4})).values()) == {4}
    asked = asked_for(table, ["arm.epochs=2", "arms.TPO.epochs=3", "arm.epochs=4"])
    assert set(epochs(plan(table, "paper", asked)).values()) == {4}
    asked = asked_for(table, ["arms.TPO.epochs=3", "arm.epochs=4", "arms.TPO.epochs=5"])
    assert epochs(plan(table, "paper", asked)) == {"TPO": 5, "GRPO": 4, "PPO": 4, "DG": 4}


def test_labels_that_do_not_tell_two_runs_apart_are_refused():
    arms = {"b: c": EXHIBITS["table1"].arms["TPO"], "c": EXHIBITS["table1"].arms["DG"]}
    with pytest.raises(InvalidArgumentError, match=r"got 'a: b: c' twice, in table1\. Choose labels without ': '\."):
        replace(EXHIBITS["table1"], arms=arms, panels={"a": {}, "a: b": {}}, scales={})


def test_a_scale_that_keeps_all_panels_leaves_none_out():
    table = replace(EXHIBITS["table1"], scales={"small": Scale(panels=tuple(EXHIBITS["table1"].panels))})
    assert plan(table, "small", {}).deviations == ()
