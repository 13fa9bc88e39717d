"""The divergences of the policy over the group from its target."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import run
from tests.core.test_tied_groups import tied
from tpo.plugins import registry

OLD = np.log([[0.1, 0.2, 0.3, 0.4]])
NEW = np.log([[0.2, 0.2, 0.2, 0.4]])
SCORES = np.asarray([[6.0, 5.0, 5.0, 6.0]])  # u is 1, -1, -1, 1
TILT = np.exp([[1.0, -1.0, -1.0, 1.0]])
ANCHORS = ("policy", "ratio", "none")
every_anchor = pytest.mark.parametrize("anchor", ANCHORS)
every_precision = pytest.mark.parametrize("precision", ["exact", "fast"])


def shares(masses):
    return masses / masses.sum(-1, keepdims=True)


def by_hand(p, q):
    """KL(p || q) and its gradient in the logits of p."""
    d = np.log(p / q)
    value = (p * d).sum(-1, keepdims=True)
    return value[..., 0], p * (d - value)


def reverse(**options):
    return tpo.TPO(divergence="reverse", **options)


@every_anchor
@every_precision
def test_reverse_is_the_divergence_of_the_policy_from_the_target(autodiff, anchor, precision):
    p = shares(np.exp(NEW - OLD) if anchor == "ratio" else np.exp(NEW))
    q = shares(np.exp(OLD) * TILT if anchor == "policy" else TILT)
    value, gradient = by_hand(p, q)
    algorithm = reverse(anchor=anchor, precision=precision)
    outcome = run(autodiff, algorithm, NEW, scores=SCORES, old_log_probs=OLD)
    np.testing.assert_allclose(outcome.value, value, rtol=2e-14)
    np.testing.assert_allclose(outcome.gradient, gradient, atol=5e-16)
    np.testing.assert_array_equal(outcome.weight, [1.0])


def test_the_first_step_of_reverse_is_a_policy_gradient(autodiff):
    """At the old policy the coefficient is `-p (u - sum(p u)) / eta`."""
    outcome = run(autodiff, reverse(eta=2.0), OLD, scores=SCORES, old_log_probs=OLD)
    p, u = np.exp(OLD), np.log(TILT)
    np.testing.assert_allclose(outcome.gradient, -p * (u - (p * u).sum()) / 2, atol=1e-15)


@every_anchor
def test_a_plain_softmax_and_autograd_give_the_same(anchor):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    new, old, scores = (torch.tensor(rng.normal(size=(30, 6))) for _ in range(3))
    new.requires_grad_()
    algorithm = reverse(anchor=anchor, eta=0.7)
    signal = algorithm.prepare(tpo.Group(scores=scores, old_log_probs=old))
    ours = algorithm.loss(new, signal).value
    log_p = torch.log_softmax(new - old if anchor == "ratio" else new, -1)
    theirs = (log_p.exp() * (log_p - tpo.target(old, scores, 0.7, anchor=anchor).log())).sum(-1)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)
    (found,), (expected,) = (torch.autograd.grad(each.sum(), new) for each in (ours, theirs))
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-14)
    assert found.sum(-1).abs().max() < 1e-14


@every_anchor
@every_precision
def test_the_target_has_the_same_bits_under_both(backend, anchor, precision):
    rng = np.random.default_rng(1)
    old, scores = (backend.array(rng.normal(size=(20, 7)), "float32") for _ in range(2))
    options = {"anchor": anchor, "precision": precision}
    group = tpo.Group(scores=scores, old_log_probs=old)
    expected = backend.numpy(tpo.target(old, scores, **options))
    for divergence in ("forward", "reverse"):
        algorithm = tpo.TPO(divergence=divergence, **options)
        signal = algorithm.prepare(group)
        np.testing.assert_array_equal(backend.numpy(signal.q), expected)
        assert algorithm.weights(signal) is signal.q


def test_both_have_the_same_fixed_point(autodiff):
    at_the_target = OLD + np.log(TILT) + 7.0
    for anchor in ("policy", "ratio"):
        outcome = run(autodiff, reverse(anchor=anchor), at_the_target, scores=SCORES, old_log_probs=OLD)
        np.testing.assert_allclose(outcome.gradient, 0, atol=2e-15)
        np.testing.assert_allclose(outcome.value, 0, atol=2e-15)


def test_reverse_leaves_unlikely_candidates_alone_that_forward_raises(autodiff):
    new = np.log([[1e-9, 1 - 1e-9]])
    given = {"scores": np.asarray([[1.0, 0.0]]), "old_log_probs": np.log([[0.5, 0.5]])}
    q = 1 / (1 + np.exp(-2.0))
    raised = run(autodiff, tpo.TPO(), new, **given).gradient
    np.testing.assert_allclose(raised, [[1e-9 - q, q - 1e-9]], rtol=1e-12)
    left = run(autodiff, reverse(), new, **given).gradient
    np.testing.assert_allclose(left[0, 0], 1e-9 * (np.log(1e-9 / q) - np.log(1 / (1 - q))), rtol=1e-6)


@pytest.mark.parametrize("anchor", ["policy", "ratio"])
@pytest.mark.parametrize(("dtype", "options"), [("float32", {}), ("float64", {"eta": 0.3}), ("bfloat16", {})])
def test_a_tied_group_that_has_not_moved_has_a_gradient_of_exactly_0(autodiff, anchor, dtype, options):
    log_probs, scores = tied(8, "float32")
    mask = np.random.default_rng(0).random(log_probs.shape) < 0.8
    algorithm = reverse(anchor=anchor, **options)

    def gradient(log_probs, scores, mask):
        signal = algorithm.prepare(tpo.Group(scores=scores, old_log_probs=log_probs, mask=mask))
        value, pull = autodiff.vjp(lambda x: algorithm.loss(x, signal).value, log_probs)
        return pull(autodiff.namespace().ones_like(value))

    arrays = [autodiff.asarray(each, dtype=dtype) for each in (log_probs, scores / 1e4)]
    found = autodiff.compile(gradient)(*arrays, autodiff.asarray(mask))
    assert not bool(autodiff.namespace().any(found != 0))


IMPOSSIBLE = -np.inf


@every_anchor
def test_a_candidate_that_was_impossible_takes_no_part(autodiff, anchor):
    """It has no log-target, so that no finite divergence could count it."""
    old = np.asarray([[*OLD[0], IMPOSSIBLE]])
    new, scores = np.asarray([[*NEW[0], -0.5]]), np.asarray([[*SCORES[0], 0.0]])
    alone = {"scores": scores[:, :4], "old_log_probs": OLD}
    algorithm = reverse(anchor=anchor, standardizer=tpo.Centred())
    expected = run(autodiff, algorithm, NEW, **alone)
    found = run(autodiff, algorithm, new, scores=scores, old_log_probs=old)
    np.testing.assert_allclose(found.value, expected.value, rtol=1e-14)
    np.testing.assert_allclose(found.gradient, [[*expected.gradient[0], 0.0]], atol=1e-15)


@every_anchor
def test_a_candidate_that_became_impossible_adds_0(autodiff, anchor):
    new = np.asarray([[*NEW[0, :3], IMPOSSIBLE]])
    p = shares(np.exp(new[:, :3] - (OLD[:, :3] if anchor == "ratio" else 0)))
    q = shares(np.exp(OLD) * TILT if anchor == "policy" else TILT)[:, :3]
    value, gradient = by_hand(p, q)
    outcome = run(autodiff, reverse(anchor=anchor), new, scores=SCORES, old_log_probs=OLD)
    np.testing.assert_allclose(outcome.value, value, rtol=1e-14)
    np.testing.assert_allclose(outcome.gradient, [[*gradient[0], 0.0]], atol=1e-15)


@every_anchor
def test_groups_without_a_possible_candidate_have_no_divergence(autodiff, anchor):
    nothing = np.full((2, 4), IMPOSSIBLE)
    old, new = np.concatenate([nothing, OLD]), np.concatenate([nothing[:1], NEW, nothing[:1]])
    outcome = run(autodiff, reverse(anchor=anchor), new, scores=np.repeat(SCORES, 3, 0), old_log_probs=old)
    assert not outcome.value.any()
    assert not outcome.gradient.any()
    assert outcome.weight.tolist() == [0, 0, 1]


def test_a_target_that_rounds_to_0_still_has_a_logarithm(autodiff):
    old = np.asarray([[-300.0, 0.0]], np.float32)
    new, scores = np.log(np.asarray([[0.5, 0.5]], np.float32)), np.asarray([[0.0, 1.0]], np.float32)
    algorithm = reverse()
    assert algorithm.prepare(tpo.Group(scores=scores, old_log_probs=old)).q.tolist() == [[0.0, 1.0]]
    outcome = run(autodiff, algorithm, new, scores=scores, old_log_probs=old)
    # d is log(1/2) + 302 and log(1/2): half their difference is 151.
    np.testing.assert_allclose(outcome.value, [np.log(0.5) + 151], rtol=1e-6)
    np.testing.assert_allclose(outcome.gradient, [[75.5, -75.5]], rtol=1e-6)


@pytest.mark.parametrize("eta", [1e-300, 1e-39, 1e39, 1e300])
def test_extreme_temperatures_give_finite_losses(autodiff, eta):
    for standardizer in (tpo.ZScore(), tpo.Centred(), tpo.Ranks()):
        for scores in (SCORES, SCORES * 1e300):
            algorithm = reverse(eta=eta, standardizer=standardizer, precision="fast")
            outcome = run(autodiff, algorithm, NEW, scores=scores, old_log_probs=OLD)
            assert np.isfinite(outcome.value).all()
            assert np.isfinite(outcome.gradient).all()


def test_nan_scores_stay_visible_in_their_group_alone(autodiff):
    scores = np.concatenate([SCORES, SCORES])
    scores[0, 1] = np.nan
    both = {"scores": scores, "old_log_probs": np.repeat(OLD, 2, 0)}
    outcome = run(autodiff, reverse(), np.repeat(NEW, 2, 0), **both)
    alone = run(autodiff, reverse(), NEW, scores=SCORES, old_log_probs=OLD)
    assert np.isnan(outcome.value[0])
    np.testing.assert_allclose(outcome.gradient[1:], alone.gradient, atol=1e-16)


def test_large_scores_keep_their_differences(autodiff):
    log_probs = OLD.astype(np.float32)
    gradients = []
    for at in (0, 10**9):
        scores = autodiff.asarray(np.asarray([[0, 0, 1, 5]]) + at)
        group = tpo.Group(scores=scores, old_log_probs=autodiff.asarray(log_probs))
        gradients.append(autodiff.to_numpy(tpo.row_weights(reverse(), group, group.old_log_probs)))
    np.testing.assert_array_equal(*gradients)


def test_diagnostics_of_the_target_hold_for_both():
    """At the fixed point of the reverse divergence no mass is left to be moved."""
    backend = registry.backend("numpy")
    group = tpo.Group(scores=backend.asarray(SCORES), old_log_probs=backend.asarray(OLD))
    found = tpo.diagnostics(group, backend.asarray(OLD + np.log(TILT)))
    np.testing.assert_allclose(found.remaining_variation, 0, atol=1e-15)


def test_the_traits_name_the_divergence_and_what_a_standardizer_breaks():
    assert tpo.TPO().traits.update_rule == "q ∝ p_old exp(u / eta); CE to q"
    assert reverse().traits.update_rule == "q ∝ p_old exp(u / eta); KL(p || q)"
    assert tpo.TPO(anchor="ratio").traits.update_rule == "q ∝ exp(u / eta); CE to q"
    assert reverse(anchor="none").traits.update_rule == "q ∝ exp(u / eta); KL(p || q)"
    assert not reverse(anchor="ratio", standardizer=tpo.Ranks()).traits.breaks
    assert set(reverse(anchor="none", standardizer=tpo.MeanScaled()).traits.breaks) == {"tied", "direction", "shift"}


def test_an_unknown_divergence_is_refused():
    with pytest.raises(tpo.UnknownNameError) as caught:
        tpo.TPO(divergence="reversed")
    expected = "the name must be a registered divergence; got 'reversed'. Did you mean 'reverse'?"
    assert str(caught.value).startswith(expected)
