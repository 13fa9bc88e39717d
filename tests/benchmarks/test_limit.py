"""The limit counts the products that are done, and no more; the tables say what was measured."""

from __future__ import annotations

import numpy as np
import pytest
from torch.utils.flop_counter import FlopCounterMode

from tpo import plugins
from tpo.training import draw_inputs, initial_parameters


@pytest.fixture(autouse=True)
def scripts(monkeypatch, pytestconfig):
    monkeypatch.syspath_prepend(pytestconfig.rootpath / "benchmarks")


def counted(work):
    """Floating-point operations of the products in a forward and backward pass on PyTorch, by its own counter."""
    from work import arm_of

    task, arm = arm_of(work)
    backend = plugins.backend("torch")
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


def test_the_growth_of_each_size_changes_that_size_alone():
    from growth import SIZES, work_of

    assert work_of("batch size B", 25).arm == {"batch_size": 25}
    assert work_of("length H", 5).task == {"vocab_size": 2, "length": 5}
    assert work_of("seeds", 4).seeds == 4
    assert all(np.all(np.diff(sizes) > 0) for sizes in SIZES.values())
