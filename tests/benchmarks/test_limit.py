"""The lower limit counts exactly the matrix products; the tables show the measured numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from torch.utils.flop_counter import FlopCounterMode

from tpo import train
from tpo.plugins import registry
from tpo.training.task import Drafts, SharesWork
from tpo.training.trainer import draw_inputs, initial_parameters


@pytest.fixture(autouse=True)
def scripts(monkeypatch, pytestconfig):
    monkeypatch.syspath_prepend(pytestconfig.rootpath / "benchmarks")


def counted(work):
    """Count the floating-point operations of products in a forward and backward pass, by PyTorch's own counter."""
    from work import arm_of

    task, arm = arm_of(work)
    backend = registry.backend("torch")
    params = initial_parameters(task, backend, (0,), "float32")
    rollout = task.rollout(backend, params, draw_inputs(task, arm, backend, (0,), 0, "float32"), arm)
    data = task.share(backend, rollout.data)
    with FlopCounterMode(display=False) as counter:
        value, pull = backend.vjp(lambda p: task.log_probs(backend, p, data, arm), params)
        pull(backend.namespace().ones_like(value))
    rows = data[3].first.shape[1] / arm.batch_size if len(data) > 3 else 1
    return task, arm, rows, counter.get_total_flops()


@pytest.mark.parametrize(
    "name", ["token TPO, V=16", "terminal TPO, H=10, K=8, untrained", "terminal TPO, H=10, K=8, converged"]
)
def test_the_limit_is_a_little_less_than_what_is_done(name):
    from limit import forward_flops
    from work import WORKS

    task, arm, rows, done = counted(next(work for work in WORKS if work.name == name))
    limit = 3 * forward_flops(task.policy, arm.batch_size, rows)
    # Attention to what is masked, and looking tokens up by products, are avoidable.
    assert limit < done < 1.15 * limit


def test_a_converged_policy_has_one_completion_per_prompt_to_evaluate():
    from work import WORKS

    work = next(work for work in WORKS if work.name.endswith("K=8, converged"))
    assert counted(work)[2] == 1


def row(step, again):
    found = {"step": step, "first": 4.0, "again": again, "memory": 500.0}
    return {"work": "w", "goal": 0.1, "limit": 0.05, "jax": found, "torch": found}


def cells(table):
    return [next(iter(column.cells)) for column in table.columns]


def test_the_table_shows_the_share_of_the_limit():
    from tables import table

    assert cells(table([row(0.2, 2.0)], ("jax",))) == ["w", "0.1", "0.050", "0.200 (25%)", "4.0 (2.0)", "500"]
    assert cells(table([row(0.2, None)], ("jax",)))[4] == "4.0"


def test_the_comparison_shows_ratios():
    from tables import comparison

    shown = cells(comparison([row(0.1, None)], [row(0.2, 2.0)], ("jax",)))
    assert shown == ["w", "0.50", "1.00", "-", "1.00"]
    assert len(comparison([row(0.1, 1.0)], [row(0.1, 1.0) | {"work": "other"}], ("jax",)).rows) == 0


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("batch size B", {"arm": {"batch_size": 5}}),
        ("group size K", {"arm": {"group_size": 5}}),
        ("length H", {"task": {"vocab_size": 2, "length": 5}}),
        ("vocabulary V", {"task": {"vocab_size": 5, "length": 10}}),
        ("seeds", {"seeds": 5}),
    ],
)
def test_the_growth_of_each_size_changes_that_size_alone(what, changed):
    from growth import SIZES, work_of
    from work import TOKEN

    usual = {"arm": {}, "task": TOKEN, "seeds": 1, "algorithm": "tpo", "policy": "learning", "steps": 7}
    work = vars(work_of(what, 5))
    assert {name: work[name] for name in usual} == usual | changed
    assert np.all(np.diff(SIZES[what]) > 0)
    assert len(SIZES) == 5


def test_completions_are_counted_where_they_are_shared():
    from measure import counting
    from work import WORKS, arm_of

    work = next(work for work in WORKS if work.name.endswith("K=8, converged"))
    task, arm = arm_of(work)
    rows = []
    counted = counting(task, rows)
    assert isinstance(counted, Drafts)
    assert isinstance(counted, SharesWork)
    seeds = (0, 1)
    next(train(counted, replace(arm, batch_size=3, group_size=4), registry.backend("torch"), seeds=seeds, steps=1))
    assert rows == [3 * len(seeds)]


MADE_UP = {"task.dataset": "made-up"}


def test_experiments_are_measured_as_they_are_run():
    from experiments import BANDIT, MNIST, MNIST_ALONE, measure, row_of, table

    small = [
        replace(one, settings={"trainer.steps": 2, "trainer.seeds": 2, "trainer.seeds_per_cell": 1} | more)
        for one, more in ((BANDIT, {}), (MNIST, MADE_UP), (MNIST_ALONE, MADE_UP))
    ]
    found = [measure(one) for one in small]
    for one in found:
        assert 0 < one["steps"] < one["wall"]
        assert one["cpu_seconds"] > 0
        assert one["rate"] > 0
    rows = [
        row_of(one, [numbers, {name: 3 * value for name, value in numbers.items()}])
        for one, numbers in zip(small, found, strict=True)
    ]
    assert rows[0]["wall"] == pytest.approx(2 * found[0]["wall"])
    assert cells(table(rows))[0].startswith("single-context bandit")


def test_every_experiment_has_the_cells_of_its_arms():
    from experiments import EXPERIMENTS, cells_of

    for one in EXPERIMENTS:
        cells = cells_of(one)
        assert len({str(cell.arm) for cell in cells}) == len(one.arms)
        assert len({cell.seeds for cell in cells}) * len(one.arms) == len(cells)
