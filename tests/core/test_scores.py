"""Scores with small relative differences: no difference is lost."""

import numpy as np
import pytest

import tpo
from tpo.core.loss import valid_candidates

UNIFORM = np.log(np.full((1, 4), 0.25))
OFFSETS = np.asarray([[0, 0, 1, 5]])
SMALL = OFFSETS.astype(float)


def far_scores(library, dtype, at):
    return library.array(OFFSETS + np.asarray(at, dtype if dtype != "bool" else "int64"), dtype)


FAR = [("float64", 1e9), ("float64", -4e15), ("int64", 10**9), ("int64", 2**60), ("int64", -(2**60)), ("int32", 2**30)]


@pytest.mark.parametrize(("dtype", "at"), FAR)
def test_targets_of_single_log_probs_are_those_of_the_differences(backend, dtype, at):
    log_probs = backend.array(UNIFORM, "float32")
    q = backend.numpy(tpo.target(log_probs, far_scores(backend, dtype, at)))
    np.testing.assert_array_equal(q, backend.numpy(tpo.target(log_probs, backend.array(SMALL, "float32"))))
    np.testing.assert_allclose(q, [[0.067, 0.067, 0.109, 0.757]], atol=5e-4)


@pytest.mark.parametrize(("dtype", "at"), FAR)
def test_integers_are_standardized_exactly(backend, dtype, at):
    u = backend.numpy(tpo.standardize(far_scores(backend, dtype, at)))
    np.testing.assert_allclose(u, backend.numpy(tpo.standardize(backend.array(SMALL))), rtol=2e-7)


def test_differences_beyond_the_range_of_the_integers_do_not_wrap_around(backend):
    for dtype, low, high in (("int8", -128, 127), ("int64", -(2**63), 2**63 - 1), ("uint8", 0, 255)):
        u = backend.numpy(tpo.standardize(backend.array([[low, high, high, low]], dtype)))
        np.testing.assert_allclose(u, [[-1, 1, 1, -1]], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32"])
def test_unsigned_integers_are_scores(backend, dtype):
    """PyTorch has no arithmetic for most unsigned dtypes."""
    u = backend.numpy(tpo.standardize(backend.array([[250, 250, 0, 0]], dtype)))
    np.testing.assert_array_equal(u, [[1, 1, -1, -1]])
    q = backend.numpy(tpo.target(backend.array(UNIFORM), np.asarray([[250, 250, 0, 0]], dtype)))
    np.testing.assert_array_equal(q, backend.numpy(tpo.target(backend.array(UNIFORM), backend.array([[1.0, 1, 0, 0]]))))


def test_what_pytorch_cannot_compute_with_is_refused_with_what_to_do():
    torch = pytest.importorskip("torch")
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.standardize(torch.zeros(3, dtype=torch.uint64))
    text = (
        "integers must be of a dtype that PyTorch can compute with; got torch.uint64. Convert them: x.to(torch.int64)."
    )
    assert str(caught.value) == text


def test_every_group_keeps_its_own_differences(backend):
    scores = backend.array(np.concatenate([OFFSETS + 10**9, OFFSETS, OFFSETS - 2**55]), "int64")
    mask = np.ones((3, 4), bool)
    mask[1, 0] = mask[2] = False
    log_probs = backend.array(np.repeat(UNIFORM, 3, 0), "float32")
    q = backend.numpy(tpo.target(log_probs, scores, mask=backend.array(mask, "bool")))
    small = backend.array(np.repeat(SMALL, 3, 0), "float32")
    expected = backend.numpy(tpo.target(log_probs, small, mask=backend.array(mask, "bool")))
    np.testing.assert_array_equal(q, expected)
    assert not q[2].any()


@pytest.mark.parametrize("at", [10**9, 2**60])
def test_every_algorithm_that_compares_sees_the_differences(backend, at):
    def group(scores):
        return tpo.Group(scores=scores, old_log_probs=backend.array(UNIFORM, "float32"))

    far, near = group(far_scores(backend, "int64", at)), group(backend.array(SMALL, "float32"))
    np.testing.assert_array_equal(backend.numpy(far.relative_scores()), SMALL)
    assert valid_candidates(far).shape == (1, 4)
    for algorithm in (tpo.RLOO(), tpo.GRPO(), tpo.DrGRPO(), tpo.REBEL(), tpo.GVPO(), tpo.PMPO(), tpo.TPO(), tpo.DAPO()):
        found, expected = (algorithm.prepare(each)[0] for each in (far, near))
        np.testing.assert_allclose(backend.numpy(found), backend.numpy(expected), rtol=1e-6, err_msg=str(algorithm))
    found, expected = (backend.numpy(tpo.diagnostics(each).tied) for each in (far, near))
    np.testing.assert_array_equal(found, expected)


def test_a_greedy_baseline_is_subtracted_before_the_cast(backend):
    scores, greedy = backend.array(OFFSETS + 10**9, "int64"), backend.array([10**9 + 1], "int64")
    group = tpo.Group(scores=scores, old_log_probs=backend.array(UNIFORM, "float32"), baseline_scores=greedy)
    np.testing.assert_array_equal(backend.numpy(group.scores_above_baseline()), [[-1, -1, 0, 4]])


def test_a_batch_is_brought_near_0_as_a_whole(backend):
    scores = backend.array(np.concatenate([OFFSETS + 10**9, OFFSETS + 10**9 + 100]), "int64")
    log_probs = backend.array(np.repeat(UNIFORM, 2, 0), "float32")
    near = backend.array(np.concatenate([OFFSETS, OFFSETS + 100]), "float32")
    for standardizer in (tpo.BatchZScore(), tpo.BatchZScore(centre_groups=True)):
        q, expected = (tpo.target(log_probs, each, standardizer=standardizer) for each in (scores, near))
        np.testing.assert_array_equal(backend.numpy(q), backend.numpy(expected))


def test_a_standardizer_that_is_not_said_to_bear_shifts_gets_the_scores_as_they_are():
    class Raw(tpo.Standardizer):
        def fast(self, xp, scores, mask):
            return xp.where(mask, scores, 0 * scores)

    assert tpo.standardize(np.asarray([[3, 5]]), mask=np.ones((1, 2), bool), standardizer=Raw()).tolist() == [[3, 5]]
