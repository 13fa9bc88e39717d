"""The trainer against autograd through the loss of whole groups: parameters and losses of every step."""

import pytest

from tests.trl.cases import CASES, TWO_PROCESSES
from tests.trl.exact import exact_training, flat, replayed
from tests.trl.launch import train_on_two
from tests.trl.training import train
from tpo_trl.options import read_options

WITHIN = 1e-5
"""Largest error of the parameters as a share of the exact move, and of losses, relative to 1 or their size."""


def compare(folder, case, found):
    settings = read_options(case["options"])
    steps, rollouts = replayed([one["seen"] for one in found])
    exact, moved, losses = exact_training(folder, settings, steps, rollouts, kl=case["options"].get("beta", 0.0))
    assert len(found[0]["losses"]) == len(losses) == case["options"]["max_steps"]
    for one in found:
        error = (flat(one["state"]) - exact).norm()
        print(f"error {error / moved.norm():.1e} of the move")  # noqa: T201 - the figure, under -s
        assert error <= WITHIN * moved.norm()
    assert found[0]["losses"] == pytest.approx(losses, rel=WITHIN, abs=WITHIN)
    return moved


@pytest.mark.parametrize("name", CASES)
def test_parameters_and_losses_are_those_of_exact_training(folder, name):
    case = CASES[name]
    moved = compare(folder, case, [train(folder, case)])
    assert (moved.norm() > 1e-3) == (name != "tied")


@pytest.mark.parametrize("name", TWO_PROCESSES)
def test_two_processes_train_exactly(folder, name):
    case = TWO_PROCESSES[name]
    moved = compare(folder, case, train_on_two(folder, name, case))
    assert moved.norm() > 1e-3


def test_groups_are_kept_whole_where_they_can_be(folder):
    for name, whole in {"tpo, several steps per generation": True, "tpo, steps of cut groups": False}.items():
        steps, _ = replayed([train(folder, CASES[name])["seen"]])
        sizes = [len(seen) / len({group for group, _ in seen}) for parts in steps for _, seen, _ in parts]
        assert all(size == 4 for size in sizes) == whole


@pytest.mark.parametrize(("options", "knows_old"), [({}, False), ({"tpo_anchor": "policy"}, True)])
def test_groups_are_described_whether_old_log_probs_are_needed_or_not(folder, options, knows_old):
    case = {"options": CASES["tpo, one step"]["options"] | options, "rewards": ["constant"]}
    logged = train(folder, case)["metrics"][0]
    assert (logged["tpo/tied"], logged["tpo/groups"], logged["tpo/short_groups"]) == (1.0, 2.0, 0.0)
    assert ("tpo/effective_sample_size" in logged) == knows_old
