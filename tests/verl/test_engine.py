"""Training by verl's engine against autograd through the exact loss."""

import pytest

from tests.verl.cases import CASES, QUICK

TOLERANCE = 1e-5
"""The norm of the difference to exact training, over that of the exact move."""


def test_parameters_are_those_of_exact_training(engine):
    errors = {name: case["error"] for name, case in engine.items()}
    assert len(errors) in {len(CASES), len(QUICK)}
    assert {name: error for name, error in errors.items() if not error <= TOLERANCE} == {}
    # A run that goes nowhere would be exact, too.
    assert all(case["move"] > 1e-3 for case in engine.values())


def test_only_steps_after_the_first_take_an_extra_pass(engine):
    for name, case in engine.items():
        paths = {path: case["metrics"][f"tpo/path/{path}"] for path in ("first", "gather", "whole")}
        steps = len(paths["first"])
        if CASES[name]["whole"]:
            assert paths["whole"] == [1.0] * steps, name
        else:
            assert (paths["first"], paths["gather"]) == ([1.0] + [0.0] * (steps - 1), [0.0] + [1.0] * (steps - 1)), name


def test_the_policy_comes_closer_to_its_target_in_every_epoch(engine):
    case = engine["3 epochs, 2 mini-batches, static, split groups"]
    excess = case["metrics"]["tpo/excess_cross_entropy"]
    first, second, third = (sum(excess[at : at + 2]) for at in (0, 2, 4))
    assert first > second > third
    assert case["metrics"]["tpo/remaining_variation"][0] == pytest.approx(0.389, abs=1e-3)
