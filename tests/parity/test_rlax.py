"""MPO and V-MPO against rlax: the same weights, losses and gradients, and temperatures where its dual is flat."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import rlax

from tpo import MPO, VMPO, Group
from tpo.plugins import registry

ETA, EPSILON = 0.7, 0.05


@pytest.fixture(autouse=True)
def _with_float64():
    with registry.backend("jax").precision("float64"):
        yield


@pytest.fixture
def groups():
    """Advantages and log-probs, each of sixteen candidates of five contexts."""
    return np.random.default_rng(0).normal(size=(2, 5, 16))


def ours(algorithm, advantages, log_probs):
    """The weights, and the loss per group with its gradient."""
    zeros = jnp.zeros_like(advantages)
    signal = algorithm.prepare(Group(scores=zeros, old_log_probs=zeros, advantages=advantages))
    value, pull = jax.vjp(lambda x: algorithm.loss(x, signal).value, log_probs)
    return signal.weights, value, pull(jnp.ones_like(value))[0]


def constraint(temperature):
    return rlax.LagrangePenalty(alpha=jnp.asarray(temperature), epsilon=EPSILON)


def mpo(advantages, log_probs, temperature=ETA):
    """The loss of rlax for one context, and its intermediate results."""
    return rlax.mpo_loss(log_probs, advantages, constraint(temperature), [(jnp.zeros(()), constraint(1.0))])


def vmpo(advantages, log_probs, temperature=ETA):
    """The V-MPO loss of rlax for one batch, as terms whose mean is the loss."""
    no_kl = [(jnp.zeros_like(log_probs), constraint(1.0))]
    return rlax.vmpo_loss(log_probs, advantages, constraint(temperature), no_kl)


def test_mpo_has_the_weights_loss_and_gradient_of_rlax(groups):
    advantages, log_probs = map(jnp.asarray, groups)
    weights, value, gradient = ours(MPO(eta=ETA), advantages, log_probs)
    for row in range(len(advantages)):
        _, theirs = mpo(advantages[row], log_probs[row])
        np.testing.assert_allclose(weights[row], theirs.normalized_weights, rtol=1e-12)
        np.testing.assert_allclose(value[row], theirs.policy_loss, rtol=1e-12)
        slope = jax.grad(lambda x, row=row: mpo(advantages[row], x)[1].policy_loss)(log_probs[row])
        np.testing.assert_allclose(gradient[row], slope, rtol=1e-12)


def test_v_mpo_has_the_weights_loss_and_gradient_of_rlax(groups):
    advantages, log_probs = map(jnp.asarray, groups)
    weights, value, gradient = ours(VMPO(eta=ETA), advantages, log_probs)
    for row in range(len(advantages)):
        _, theirs = vmpo(advantages[row], log_probs[row])
        # Within the 1e-10 that rlax adds to its sums.
        np.testing.assert_allclose(weights[row], theirs.normalized_weights, rtol=1e-9)
        np.testing.assert_allclose(value[row], theirs.policy_loss.mean(), rtol=1e-9)
        slope = jax.grad(lambda x, row=row: vmpo(advantages[row], x)[1].policy_loss.mean())(log_probs[row])
        np.testing.assert_allclose(gradient[row], slope, rtol=1e-9)


@pytest.mark.parametrize(("cls", "theirs"), [(MPO, mpo), (VMPO, vmpo)])
def test_our_temperature_is_where_the_dual_of_rlax_is_flat(groups, cls, theirs):
    advantages, log_probs = map(jnp.asarray, groups)
    weights, _, _ = ours(cls(epsilon=EPSILON), advantages, log_probs)
    for row in range(len(advantages)):
        # The two best candidates have weights under either method, and give the temperature back.
        low, high = np.argsort(advantages[row])[-2:]
        eta = (advantages[row, high] - advantages[row, low]) / jnp.log(weights[row, high] / weights[row, low])
        slope = jax.grad(lambda eta, row=row: theirs(advantages[row], log_probs[row], eta)[1].temperature_loss)
        assert abs(slope(eta)) < 1e-9
        assert slope(0.99 * eta) < -1e-6
        assert slope(1.01 * eta) > 1e-6
