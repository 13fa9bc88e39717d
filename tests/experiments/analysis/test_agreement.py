"""Agreement of records with the paper, for numbers that were made up to agree, or not."""

from __future__ import annotations

import math

import pytest

from tests.experiments.records import make_arm, make_record
from tpo.experiments.analysis.agreement import Agreement, Interval, agreement, published_interval
from tpo.experiments.analysis.paper import claims, in_paper_order
from tpo.experiments.catalogue import catalogue


def arm(published, ours, spread=None, **curves):
    """A finished arm of 61 seeds, whose interval is two standard errors wide on either side."""
    made = make_arm(**curves) | {"published": published, "ours": {"of_mean": ours, "spread": spread, "median": ours}}
    return made | {"seeds": 61, "seeds_planned": 61}


def record(statistic, scale="laptop", **arms):
    return make_record(statistic=statistic, scale=scale, panels={"P": arms})


@pytest.mark.parametrize(
    ("published", "interval"),
    [(7.4, (7.4, 7.4)), (58, (58, 58)), ("never", (math.inf, math.inf)), (">95", (95, math.inf)), ("<2.3", (0, 2.3))],
)
def test_what_the_paper_says_is_an_interval(published, interval):
    assert published_interval(published) == Interval(*interval)


def test_pairs_in_the_order_of_the_paper_are_counted():
    made = record("final error, %", a=arm(1.0, 2.0, 0.1), b=arm(5.0, 6.0, 0.1), c=arm(">95", 4.0, 0.1))
    assert agreement(made) == Agreement(pairs=3, same=2, reversed=1, numbers=3, near=0)


@pytest.mark.parametrize("numbers", [(6.0, 5.0), (5.0, 6.0)])
def test_either_order_within_the_spread_is_undecided(numbers):
    one, other = numbers
    made = record("final error, %", a=arm(1.0, one, 0.5), b=arm(5.0, other, 0.5))
    assert (agreement(made).pairs, agreement(made).undecided) == (1, 1)
    made = record("final error, %", a=arm(1.0, one, 0.2), b=arm(5.0, other, 0.2))
    assert agreement(made)[:3] == (1, one < other, one > other)


@pytest.mark.parametrize(("seeds", "found"), [(2, (1, 0, 0, 2, 1)), (3, (1, 1, 0, 2, 0))])
def test_intervals_of_few_seeds_are_those_of_student(seeds, found):
    """Of two seeds 12.7 standard errors on either side, of three 4.30."""
    few = {"seeds": seeds, "seeds_planned": seeds}
    made = record("final error, %", a=arm(1.0, 2.0, 0.1) | few, b=arm(5.0, 3.0, 0.1) | few)
    assert agreement(made) == found


def test_a_single_seed_decides_nothing():
    made = record("final error, %", a=arm(1.0, 10.0), b=arm(5.0, 9.9))
    assert (agreement(made), agreement(made).undecided) == ((1, 0, 0, 0, 0), 1)


def test_an_arm_that_is_not_finished_is_not_compared():
    made = record("final error, %", a=arm(1.0, 2.0, 0.1), b=arm(5.0, 6.0, 0.1) | {"seeds": 20})
    assert agreement(made) == (0, 0, 0, 1, 0)


def test_arms_between_which_the_paper_does_not_tell_are_no_pair():
    made = record(
        "final error, %", a=arm(">95", 96.0, 0.1), b=arm(">99", 97.0, 0.1), c=arm(None, 1.0), d=arm(3.0, "no data")
    )
    assert agreement(made) == (0, 0, 0, 2, 1)
    assert agreement(record("final error, %", a=arm("[/]", 1.0))) == (0, 0, 0, 0, 0)


FALLING = {"steps": [0, 10, 20, 30], "mean": [0.5, 0.02, 0.011, 0.001], "se": [0.0, 0.006, 0.001, 0.001]}


@pytest.mark.parametrize(("published", "near"), [(9, 0), (10, 1), (20, 1), (30, 1), (31, 0), ("never", 0)])
def test_steps_are_as_uncertain_as_the_curve(published, near):
    made = record("steps to 1 %", a=arm(published, 30, error=FALLING))
    assert agreement(made).near == near


HIGH = FALLING | {"mean": [0.5, 0.4, 0.3, 0.2]}


@pytest.mark.parametrize(
    ("published", "scale", "numbers", "near"),
    [
        ("never", "laptop", 0, 0),
        ("never", "paper", 1, 1),
        (31, "laptop", 0, 0),
        (30, "laptop", 1, 0),
        (30, "paper", 1, 0),
    ],
)
def test_an_error_that_is_not_reached_is_compared_as_far_as_it_was_run(published, scale, numbers, near):
    made = record("steps to 1 %", scale, a=arm(published, None, error=HIGH))
    assert agreement(made)[3:] == (numbers, near)


def test_what_is_not_reached_is_later_than_what_is():
    made = record("steps to 1 %", a=arm("never", None, error=HIGH), b=arm(30, 30, error=FALLING))
    assert agreement(made)[:3] == (1, 1, 0)
    made = record("steps to 1 %", a=arm(10, None, error=HIGH), b=arm(20, None, error=HIGH))
    assert (agreement(made)[:3], agreement(made).undecided) == ((1, 0, 0), 1)


def test_every_exhibit_of_the_paper_has_its_claim():
    beyond = {name for name, exhibit in catalogue().items() if exhibit.source.startswith("beyond the paper")}
    assert set(claims()) == set(catalogue()) - beyond
    assert sorted(catalogue(), key=in_paper_order)[:3] == ["figure1a", "figure1", "figure3"]
    assert sorted(catalogue(), key=in_paper_order)[-len(beyond) :] == sorted(beyond)
    assert {"anchors", "gated", "anchor-lengths"} < beyond
