"""Each recipe of *Your trainer* has the gradient of one process with the whole batch."""

import copy
import itertools
import json
import os
import re
import socket
import subprocess
import sys

import pytest
import torch

import tpo
from tests.core.algorithms import ALGORITHMS as ALL
from tests.docs import ranks, recipes
from tests.docs.recipes import ALGORITHMS, PAGE, TOLERANCES, expected_gradient, moved, part, relative_error

SECONDS = 120


@pytest.fixture(scope="module")
def page():
    return recipes.load()


@pytest.fixture(params=TOLERANCES, ids=str)
def dtype(request):
    before = torch.get_default_dtype()
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(before)


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=repr)
def test_accumulated_gradients(page, dtype, algorithm):
    policy, rows = moved(page, algorithm)
    expected = expected_gradient(page, algorithm, policy, rows)
    micro_batches = [part(rows, rows["prompt"] % 3 == number) for number in range(3)]
    found = page.gradient(page.accumulate, algorithm, policy, micro_batches)
    assert relative_error(found, expected) <= TOLERANCES[dtype]


def gradient_of_groups_apart(page, algorithm, policy, rows):
    """The gradient of groups of different sizes, each in an array of its own size."""

    def apart(algorithm, policy, rows):
        losses = []
        for prompt in rows["prompt"].unique():
            some = part(rows, rows["prompt"] == prompt)
            mask = None if len(some["prompt"]) > 1 else torch.ones(1, dtype=torch.bool)
            tokens = some["token_mask"] if algorithm.traits.takes_tokens else None
            group = tpo.Group(scores=some["scores"], old_log_probs=some["old_log_probs"], mask=mask, token_mask=tokens)
            losses.append(algorithm.loss(page.log_probs_of(algorithm, policy, some), algorithm.prepare(group)))
        (sum(loss.value for loss in losses) / sum(loss.weight for loss in losses)).backward()

    return page.gradient(apart, algorithm, copy.deepcopy(policy), rows)


@pytest.mark.parametrize("size", [4, 6])
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=repr)
def test_groups_of_different_sizes(page, dtype, algorithm, size):
    policy, rows = moved(page, algorithm)
    rows = part(rows, torch.tensor([0, 4, 5, 8, 9, 10, 12, 13, 14, 15, 20]))
    assert rows["prompt"].unique(return_counts=True)[1].tolist() == [1, 2, 3, 4, 1]
    expected = gradient_of_groups_apart(page, algorithm, policy, rows)
    assert abs(expected).max() > 1e-4
    for borders in ([0, 11], [0, 1, 6, 11, 11], [0, 0, 1, 3, 6, 10, 11]):
        micro_batches = [part(rows, slice(*ends)) for ends in itertools.pairwise(borders)]
        found = page.gradient(page.ragged, algorithm, policy, micro_batches, size)
        assert relative_error(found, expected) <= TOLERANCES[dtype]


@pytest.mark.parametrize("size", [1, 5, 24])
@pytest.mark.parametrize("algorithm", [*ALGORITHMS, tpo.TPO(standardizer=tpo.BatchZScore())], ids=repr)
def test_shuffled_rows(page, dtype, algorithm, size):
    policy, rows = moved(page, algorithm)
    expected = expected_gradient(page, algorithm, policy, rows)
    found = page.gradient(page.shuffled, algorithm, policy, rows, size)
    assert relative_error(found, expected) <= TOLERANCES[dtype]


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=repr)
def test_epochs_take_the_steps_of_one_process(page, dtype, algorithm):
    policy, rows = moved(page, algorithm)
    found, expected = [], []

    class Recorded(torch.optim.SGD):
        def step(self):
            taken = torch.cat([parameter.grad.flatten() for parameter in policy.parameters()])
            found.append(taken)
            expected.append(page.gradient(page.one_process, algorithm, policy, rows))
            super().step()

    page.epochs(algorithm, policy, rows, Recorded(policy.parameters(), lr=0.1), count=3)
    assert len(found) == 3
    assert max(map(relative_error, found, expected)) <= TOLERANCES[dtype]


def test_the_mean_of_means_is_another_gradient(page):
    algorithm = tpo.DAPO()
    policy, rows = moved(page, algorithm)
    expected = expected_gradient(page, algorithm, policy, rows)
    micro_batches = [part(rows, rows["prompt"] % 3 == number) for number in range(3)]
    means = [page.gradient(page.one_process, algorithm, policy, some) for some in micro_batches]
    assert relative_error(sum(means) / 3, expected) > 0.05


STALE = re.compile(r"^\| (\S+) \| 0 \| ([.\d |]+) \|$", re.MULTILINE)
UPDATES = (1, 2, 4, 8)


def stale_errors(page, algorithm):
    """The error of the gradient by stale weights, relative to the norm of the right gradient."""
    torch.manual_seed(0)
    policy = page.Policy()
    rows = page.rollout(algorithm, policy, prompts=32)
    kept = page.weigh_rows(algorithm, rows, page.log_probs_of(algorithm, policy, rows).detach())

    def by_kept_weights(algorithm, policy, rows):
        value = (kept[0] * page.log_probs_of(algorithm, policy, rows)).sum()
        tpo.Loss(value, kept[1]).mean().backward()

    optimizer, errors = torch.optim.Adam(policy.parameters(), lr=0.01), []
    for _ in range(UPDATES[-1] + 1):
        stale = page.gradient(by_kept_weights, algorithm, policy, rows)
        right = page.gradient(page.one_process, algorithm, policy, rows)
        errors.append(float((stale - right).norm() / right.norm()))
        optimizer.step()
    return errors


@pytest.mark.parametrize("algorithm", [tpo.TPO(), tpo.GRPO(), tpo.DAPO(), tpo.GSPO()], ids=repr)
def test_stale_weights_are_as_far_off_as_the_page_says(page, algorithm):
    said = {name: numbers.split(" | ") for name, numbers in STALE.findall(PAGE.read_text(encoding="utf-8"))}
    errors = stale_errors(page, algorithm)
    assert errors[0] < 1e-6
    numbers = [float(number) for number in said[type(algorithm).__name__]]
    assert [errors[updates] for updates in UPDATES] == pytest.approx(numbers, rel=0.1)


@pytest.fixture(scope="module")
def errors(tmp_path_factory):
    """The errors of every case on both ranks."""
    folder = tmp_path_factory.mktemp("ranks")
    # Or else Gloo looks for the address of this machine's name, which need not have one.
    loopback = next(name for _, name in socket.if_nameindex() if name.startswith("lo"))
    started = [
        subprocess.Popen(
            [sys.executable, "-m", ranks.__name__, str(rank), str(folder)],
            cwd=PAGE.parents[1],
            env=os.environ | {"GLOO_SOCKET_IFNAME": loopback},
        )
        for rank in range(ranks.WORLD)
    ]
    try:
        assert [process.wait(SECONDS) for process in started] == [0, 0]
    finally:
        for process in started:
            process.kill()
    return [json.loads((folder / f"errors{rank}.json").read_text()) for rank in range(ranks.WORLD)]


@pytest.mark.parametrize("kind", TOLERANCES, ids=str)
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=repr)
@pytest.mark.parametrize("case", ranks.CASES)
def test_two_ranks_have_the_gradient_of_one_process(errors, case, algorithm, kind):
    assert max(found[f"{case} {algorithm} {kind}"] for found in errors) <= TOLERANCES[kind]


@pytest.mark.parametrize("algorithm", ALL, ids=repr)
def test_the_weight_of_a_group_does_not_depend_on_the_current_policy(algorithm):
    generator = torch.Generator().manual_seed(0)
    scores, old, new = torch.randn(3, 5, 4, generator=generator)
    scores[1] = 1.0
    group = tpo.Group(
        scores=scores,
        old_log_probs=old,
        rollout_log_probs=old - 0.1,
        advantages=scores - 0.5,
        baseline_scores=scores[:, 0] / 2,
        mask=torch.arange(4) < torch.tensor([[4], [4], [3], [0], [2]]),
    )
    signal = algorithm.prepare(group)
    assert (algorithm.loss(new, signal).weight == algorithm.loss(old, signal).weight).all()
