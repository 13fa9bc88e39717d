"""Recommended settings, each with the figure that led to it."""

import math

import pytest

from tests.rollouts.loaded import loaded, rows_of
from tests.rollouts.made_up import FAULTS, few_columns, sound
from tpo.rollouts.audit import audit


def settings(tmp_path, rows):
    return {one.setting: (one.value, one.reason) for one in audit(loaded(tmp_path, rows)).recommendations}


def far_apart(step=30.0, **more):
    """Eight completions, whose log-probs are `step` nats apart."""
    return rows_of("a", score=[1, 0] * 4, old_logp=[-step * number for number in range(8)], **more)


def test_without_evidence_there_is_none(tmp_path):
    assert settings(tmp_path, rows_of("a", score=[1, 0])) == {}


def test_an_old_policy_that_spreads_allows_the_papers_anchor(tmp_path):
    found = settings(tmp_path, rows_of("a", score=[1, 0], old_logp=[-1, -1]))
    assert found["anchor"] == (
        "policy",
        "the effective sample size of p_old with summed log-probs is 2 of 2, enough for the paper's anchor",
    )
    # The target of z-scores 1 and -1 is softmax(1, -1): it moves 1 / (1 + exp(-2)) - 1/2.
    moved = 1 / (1 + math.exp(-2)) - 0.5
    assert found["eta"] == (
        1.0,
        f"with anchor=policy, the target of the median untied group moves {moved:.2f} of the mass",
    )
    assert found.keys() == {"anchor", "eta"}


def test_one_that_does_not_needs_the_ratio(tmp_path):
    found = settings(tmp_path, far_apart())
    assert found["anchor"] == (
        "ratio",
        "the effective sample size of p_old with summed log-probs is 1 of 8, too little",
    )
    assert "anchor=ratio" in found["eta"][1]


def test_an_exponent_is_named_if_it_helps_the_papers_anchor(tmp_path):
    found = settings(tmp_path, far_apart(length=[100] * 8))
    assert "; or anchor=policy with length_exponent=1, which has " in found["anchor"][1]
    # Steps of .3 nats: the softmax is geometric, with the ratio exp(-.3).
    powers = [math.exp(-0.3 * number) for number in range(8)]
    size = sum(powers) ** 2 / sum(power**2 for power in powers)
    assert found["anchor"][1].endswith(f" {size:.3g}")


@pytest.mark.parametrize(("spread", "exponent"), [(0.1, 0.0), (8.0, 0.5), (100.0, 1.0)])
def test_noisy_ratios_of_long_completions_need_an_exponent(tmp_path, spread, exponent):
    new = [-(30.0 + spread) * number for number in range(8)]
    value, reason = settings(tmp_path, far_apart(new_logps=new, length=[400] * 8))["length_exponent"]
    assert value == exponent
    assert reason.startswith("the ratios of whole completions have an effective sample size of ")


def test_ratios_that_no_exponent_spreads_get_the_largest_and_are_told_so(tmp_path):
    new = [-1030.0 * number for number in range(8)]
    value, reason = settings(tmp_path, far_apart(new_logps=new, length=[400] * 8))["length_exponent"]
    # The ratios are geometric: exp(-2.5) per token of the mean.
    powers = [math.exp(-2.5 * number) for number in range(8)]
    size = sum(powers) ** 2 / sum(power**2 for power in powers)
    assert value == 1.0
    assert reason.endswith(f"; divided by length ** 1, of {size:.3g}, still too little, but the most there is")


def test_a_target_that_moves_nearly_everything_gets_a_higher_temperature(tmp_path):
    rows = rows_of("a", score=[1] + [0] * 63, old_logp=[-1.0] * 64)
    value, reason = settings(tmp_path, rows)["eta"]
    assert value == 2.0

    def moved(eta):
        high, low = math.exp(math.sqrt(63) / eta), 63 * math.exp(-1 / math.sqrt(63) / eta)
        return high / (high + low) - 1 / 64

    assert moved(1.0) > 0.9 > moved(2.0)
    assert reason == (
        f"with anchor=policy, the target of the median untied group moves {moved(2.0):.2f} of the mass; "
        f"at 1, the paper's, {moved(1.0):.2f}"
    )


def test_a_target_that_no_temperature_holds_back_gets_the_highest_and_says_so(tmp_path):
    rows = rows_of("a", score=[1] + [0] * 9999, old_logp=[-1.0] * 10_000)
    value, reason = settings(tmp_path, rows)["eta"]
    assert value == 8.0
    assert reason.endswith("; that is still nearly all, and no higher temperature was tried")


def test_near_ties_get_a_tolerance(tmp_path):
    rows = [*rows_of("a", score=[0, 0.01]), *rows_of("b", score=[0, 1])]
    assert settings(tmp_path, rows) == {"tie_tolerance": (0.01, "the scores of 50 % of the groups span at most 0.01")}


def test_whole_log_probs_are_enough(tmp_path):
    assert settings(tmp_path, few_columns(sound())).keys() == {"anchor", "eta"}


@pytest.mark.parametrize(
    "name",
    [
        "ids are reused for other prompts",
        "groups are cut in halves",
        "ranks were counted twice",
        "log-probs have the wrong sign",
    ],
)
def test_groups_and_log_probs_that_are_at_fault_found_no_settings(tmp_path, name):
    subject, plant = FAULTS[name]
    found = audit(loaded(tmp_path, plant(sound())))
    assert found.recommendations == ()
    assert subject in found.withheld_for
