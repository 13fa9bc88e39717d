"""Estimates of the time of cells, from made-up probes."""

from dataclasses import replace

import pytest

from tests.experiments.made_up import make_cells, make_result
from tpo.experiments.execution.estimate import (
    FEW_STEPS,
    Probe,
    estimate,
    first_probe,
    is_worth_repeating,
    overhead_of,
    second_probe,
    seconds_of,
    wall_seconds,
)
from tpo.experiments.spec.cell import Cell
from tpo.plugins import registry

CELL = make_cells(steps=100, seeds=2)["tpo"]


def probe(seconds, seeds=2, **evaluations):
    """A result of `seeds` whose steps took `seconds`."""
    return make_result([[0.5] * len(seconds)] * seeds, seconds, **evaluations)


def test_cells_that_differ_in_their_seeds_are_of_one_kind():
    other = make_cells(steps=100, seeds=2)["dg"]
    again = replace(CELL, seeds=(7,))
    assert CELL.kind == again.kind != other.kind
    assert CELL.digest != again.digest


def test_the_first_probe_is_the_cell_cut_to_its_first_steps():
    assert first_probe(CELL) == replace(CELL, steps=FEW_STEPS)
    assert first_probe(replace(CELL, steps=2)) == replace(CELL, steps=2)


@pytest.mark.parametrize(
    ("cells", "steps", "is_worth"),
    [
        # The first probe took 5 s and 3 of the steps, which take 1 s each: with as much again there must be 16 s.
        (1, 10, False),
        (1, 11, True),
        (2, 4, True),
        (2, 3, False),
        (3, 3, False),
    ],
)
def test_a_second_probe_is_made_where_it_costs_less_than_the_rest(cells, steps, is_worth):
    found = Probe(probe([1.0, 1.0, 1.0]), overhead=5.0)
    assert is_worth_repeating([replace(CELL, steps=steps)] * cells, found) is is_worth


@pytest.mark.parametrize(
    ("seconds", "steps"),
    [([9.0, 1.0, 1.0], 10), ([9.0, 4.0, 4.0], 6), ([9.0, 0.01, 0.02], 100), ([9.0, 0.0, 0.0], 100)],
)
def test_the_second_probe_takes_ten_seconds_or_six_steps_and_a_tenth_of_all_at_most(seconds, steps):
    assert second_probe(replace(CELL, steps=1000), probe(seconds)).steps == steps
    assert second_probe(replace(CELL, steps=80), probe(seconds)).steps == min(steps, 8)


def test_later_steps_take_the_mean_of_the_later_steps_of_the_probe():
    # 3 first steps of 8 s in all, then 97 of .5 s.
    assert seconds_of(CELL, probe([6.0, 1.0, 1.0, 0.5, 0.25, 0.75, 0.5])) == pytest.approx(8 + 97 * 0.5)
    assert seconds_of(CELL, probe([6.0, 1.0, 1.0, 0.5])) == pytest.approx(8 + 97 * 0.5)


def test_a_cell_of_more_seeds_than_the_probe_takes_longer():
    found = seconds_of(replace(CELL, seeds=(0, 1, 2, 3, 4, 5)), probe([1.0] * 5))
    assert found == pytest.approx(3 * 100)


def test_a_probe_of_all_steps_is_counted_as_it_is():
    cell = replace(CELL, steps=4)
    assert seconds_of(cell, probe([5.0, 1.0, 1.0, 3.0])) == 10


def evaluated_cell(steps, every):
    arm = registry.task("mnist")(dataset="made-up").arms["tpo"]
    options = {"dataset": "made-up", "evaluate_every": every}
    return Cell(task="mnist", options=options, arm=arm, backend="torch", seeds=(0, 1), steps=steps)


def test_an_evaluation_that_only_the_last_step_of_the_probe_has_is_added_as_often_as_the_task_has_it():
    last = probe([1.0, 1.0, 1.0, 1.0, 1.0, 5.0], test_error=[[0.5]] * 2, evaluated=[6])
    assert seconds_of(evaluated_cell(100, 20), last) == pytest.approx(100 * 1.0 + 5 * 4.0)


def test_evaluations_in_the_midst_of_the_probe_are_in_its_mean():
    several = probe([1.0, 1.0, 1.0, 1.0, 3.0, 1.0, 3.0], test_error=[[0.5] * 2] * 2, evaluated=[5, 7])
    assert seconds_of(evaluated_cell(103, 2), several) == pytest.approx(3 + 100 * 5 / 3)


def test_cells_are_started_in_order_as_jobs_become_free():
    assert wall_seconds([3.0, 1.0, 1.0, 4.0], 2) == 6
    assert wall_seconds([4.0, 3.0, 1.0, 1.0], 2) == 5
    assert wall_seconds([2.0, 2.0], 1) == 4
    assert wall_seconds([], 2) == 0


def test_the_overhead_is_what_the_wall_time_has_beyond_the_steps():
    results = [probe([2.0, 2.0]), probe([3.0, 3.0])]
    # Two at once for 8 s, of which 10 s of 16 are steps.
    assert overhead_of(8.0, results, jobs=2) == 3
    assert overhead_of(8.0, results, jobs=5) == 3
    assert overhead_of(1.0, results, jobs=1) == 0
    assert overhead_of(1.0, [], jobs=1) == 0


def test_an_estimate_counts_cells_steps_and_seconds():
    cells = [CELL, replace(CELL, seeds=(2, 3)), replace(CELL, seeds=(4,))]
    found = estimate(cells, {CELL.kind: Probe(probe([1.0] * 5), overhead=2.0)}, jobs=2)
    assert (found.cells, found.seed_steps, found.unmeasured) == (3, 500, 0)
    # 102 s each for two seeds, 52 s for one.
    assert found.seconds == pytest.approx(154)


def test_cells_of_a_kind_that_was_not_measured_take_no_time_and_are_counted():
    other = make_cells(steps=100, seeds=2)["dg"]
    found = estimate([CELL, other], {CELL.kind: Probe(probe([1.0] * 5), overhead=2.0)}, jobs=1)
    assert (found.cells, found.seed_steps, found.unmeasured) == (2, 400, 1)
    assert found.seconds == pytest.approx(102)
