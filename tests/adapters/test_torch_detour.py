"""The exact tier of PyTorch by NumPy: the same bits as PyTorch's operations, and a fallback to them."""

import numpy as np
import pytest
import torch
from torch._subclasses import FakeTensorMode

import tpo
from tpo.plugins import registry
from tpo.testing.golden import families
from tpo_torch import detour

BACKEND = registry.backend("torch")
LOG_PROBS, SCORES = (torch.from_numpy(x.copy()) for x in families.groups(17, "float32", each=2, seed=4)[:2])


@pytest.fixture
def by_torch_alone(monkeypatch):
    """A function that computes a result by PyTorch's own operations."""

    def call(function, *arrays):
        with monkeypatch.context() as patched:
            patched.setattr(detour, "MOST_ELEMENTS", -1)
            return function(*arrays)

    return call


@pytest.fixture
def visits(monkeypatch):
    """A list that grows with every call of NumPy."""
    found = []
    on_host = detour.on_host
    monkeypatch.setattr("tpo_torch.backend.on_host", lambda *given: found.append(1) or on_host(*given))
    return found


def same_bits(one, other):
    return torch.equal(one.view(torch.uint8), other.view(torch.uint8))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_gives_the_bits_of_pytorchs_own_operations(by_torch_alone, visits, dtype):
    mask = torch.from_numpy(np.random.default_rng(0).random(SCORES.shape) < 0.8)

    def everything(log_probs, scores):
        targets = [tpo.target(log_probs, scores, eta, mask=mask) for eta in (1.0, 1 / 3)]
        return [tpo.standardize(scores, precision="exact"), tpo.policy_over_group(log_probs), *targets]

    arrays = LOG_PROBS.to(dtype), SCORES.to(dtype)
    ours = everything(*arrays)
    assert len(visits) == 4
    for one, other in zip(ours, by_torch_alone(everything, *arrays), strict=True):
        # Zeros may differ in sign.
        assert same_bits(one + 0.0, other + 0.0)
    assert len(visits) == 4


def test_the_fast_tier_and_large_batches_stay_with_pytorch(visits):
    tpo.target(LOG_PROBS, SCORES, precision="fast")
    tpo.target(torch.zeros(2049, 16), torch.zeros(2049, 16))
    assert visits == []
    tpo.target(torch.zeros(2048, 16), torch.zeros(2048, 16))
    assert visits == [1]


def test_the_transforms_of_pytorch_see_no_numpy(visits, by_torch_alone):
    expected = by_torch_alone(tpo.target, LOG_PROBS, SCORES)
    assert same_bits(torch.func.vmap(tpo.target)(LOG_PROBS, SCORES) + 0.0, expected + 0.0)

    def weighted(log_probs):
        return (tpo.target(log_probs, SCORES) * log_probs).nan_to_num(neginf=0.0).sum()

    gradient = torch.func.grad(weighted)(LOG_PROBS)
    finite = torch.isfinite(LOG_PROBS) & torch.isfinite(expected)
    assert torch.equal(gradient[finite], expected[finite])
    with FakeTensorMode() as mode:
        fake = tpo.target(mode.from_tensor(LOG_PROBS), mode.from_tensor(SCORES))
    assert fake.shape == LOG_PROBS.shape
    assert tpo.target(LOG_PROBS.to("meta"), SCORES.to("meta")).device.type == "meta"
    assert visits == []


@pytest.mark.filterwarnings("ignore")
def test_a_recorded_function_computes_anew_what_numpy_would_compute_once(visits):
    # PyTorch warns of recording, and of every shape that is looked at.
    recorded = torch.jit.trace(tpo.target, (torch.zeros(2, 3), torch.eye(3)[:2]), check_trace=False)
    other = torch.tensor([[0.0, -1.0, 2.0]] * 2), torch.tensor([[3.0, 1.0, 2.0]] * 2)
    assert visits == []
    assert torch.equal(recorded(*other), tpo.target(*other))


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_targets_are_made_without_gradients_too(visits, mode):
    with mode():
        q = tpo.target(LOG_PROBS + 0.0, SCORES)
    assert visits == [1]
    assert torch.equal(q.nan_to_num(), tpo.target(LOG_PROBS, SCORES).nan_to_num())


def test_gradients_stay_with_the_log_probs():
    log_probs = LOG_PROBS.clone().requires_grad_()
    assert not tpo.target(log_probs, SCORES).requires_grad
    assert log_probs.grad is None


def test_results_are_tensors_of_their_own(visits):
    q = tpo.target(LOG_PROBS[:5], SCORES[:5])
    kept = q.clone()
    q.zero_()
    assert same_bits(tpo.target(LOG_PROBS[:5], SCORES[:5]), kept)
    assert visits == [1, 1]


def test_numbers_beyond_the_range_raise_no_warning_of_numpy(visits):
    """NumPy's overflow warnings are suppressed: every warning is an error in the tests."""
    log_probs, scores = torch.tensor([[0.0, torch.inf, torch.nan]]), torch.tensor([[3e38, -3e38, 0.0]])
    assert tpo.target(log_probs, scores).isnan().all()
    assert visits == [1]
