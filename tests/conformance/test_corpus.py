"""The corpus is complete, stored bit for bit, and identified by its digest."""

import numpy as np
import pytest

from tpo.testing.golden import corpus, families, oracle
from tpo.testing.golden.ulp import eps_errors, ulp_errors


@pytest.fixture(scope="module")
def whole():
    return corpus.build()


@pytest.mark.parametrize("dtype", corpus.DTYPES)
def test_at_least_20_000_groups_of_every_size_family_and_mask(whole, dtype):
    blocks = {size: block for (d, size), block in whole.items() if d == dtype}
    assert sum(len(block.names) for block in blocks.values()) >= 20_000
    assert tuple(blocks) == corpus.SIZES
    assert (min(blocks), max(blocks), len(blocks)) == (1, 129, 16)
    for size, block in blocks.items():
        assert block.scores.shape == block.log_probs.shape == block.mask.shape == (len(block.names), size)
        assert block.scores.dtype == block.log_probs.dtype == dtype
        names = np.asarray([name.rsplit(", ", 2) for name in block.names])
        assert [len(set(names[:, axis])) for axis in range(3)] == [13, 5, 5]
        assert len(set(block.names)) == 13 * 5 * 5


def test_masks_are_what_they_are_called():
    masks = families.mask_families(np.random.default_rng(0), 300, 9)
    assert masks["all"].all()
    assert not masks["none left"].any()
    assert (masks["one left"].sum(-1) == 1).all()
    assert set(masks["ragged"].sum(-1)) == set(range(1, 10))
    assert not (masks["ragged"][:, 1:] & ~masks["ragged"][:, :-1]).any()
    assert np.mean(masks["a third masked"]) == pytest.approx(2 / 3, abs=0.03)


def test_no_number_is_below_the_normal_range_or_nan(whole):
    for (dtype, _), block in whole.items():
        sizes = np.abs(block.scores)
        assert ((sizes == 0) | (sizes >= np.finfo(dtype).tiny)).all()
        assert np.isfinite(block.scores).all()
        assert not np.isnan(block.log_probs).any()


def test_a_corpus_is_read_as_it_was_written(tmp_path):
    written = corpus.build(sizes=(1, 3), masked={"ragged": 1})
    corpus.save(written, tmp_path / "corpus.npz")
    read = corpus.load(tmp_path / "corpus.npz")
    assert list(read) == list(written)
    for key, block in written.items():
        assert block._fields == ("log_probs", "scores", "mask", "names")
        for ours, others in zip(block, read[key], strict=True):
            assert ours.dtype == others.dtype
            assert ours.tobytes() == others.tobytes()
    assert corpus.digest(read) == corpus.digest(written)


def test_one_bit_changes_the_digest():
    groups = corpus.build(sizes=(3,), masked={"all": 1})
    before = corpus.digest(groups)
    groups["float32", 3].scores.view(np.uint32)[5, 1] ^= 1
    assert corpus.digest(groups) != before


def test_digests_are_of_little_endian_bits_and_know_one_zero():
    values = np.asarray([1.0, 0.0, -2.5])
    assert corpus.digest_of(values) == "ed8cf5b9cf27638cf188f8a747ddd3b7672820f27ef56070e4cd9e029a430bbe"
    assert corpus.digest_of(values) == corpus.digest_of(np.asarray([1.0, -0.0, -2.5]))
    assert corpus.digest_of(values) == corpus.digest_of(values.astype(">f8"))
    assert corpus.digest_of(values) != corpus.digest_of(values.astype("float32"))


def test_errors_in_units_in_the_last_place_by_hand():
    eps = np.finfo(np.float64).eps
    values = np.asarray([1 + eps, 2 + 2 * eps, 1.0, 0.0, np.nan, 1e-300, 1.0])
    high = np.asarray([1.0, 2.0, 1.0, 0.0, 1.0, 0.0, 0.0])
    low = np.asarray([0.25 * eps, 0.0, -0.125 * eps, 0.0, 0.0, 0.0, 0.0])
    expected = [0.75, 1.0, 0.125, 0.0, np.inf, np.inf, np.inf]
    np.testing.assert_array_equal(ulp_errors(values, high, low), expected)
    assert ulp_errors(np.asarray([9e-308]), np.asarray([4e-308]), np.asarray([0.0])) == 0
    np.testing.assert_array_equal(eps_errors(values[:2], high[:2], low[:2]), [0.75, 2.0])


def test_the_oracle_leaves_masked_slots_out():
    rng = np.random.default_rng(0)
    log_probs, scores = rng.normal(size=(2, 6, 4))
    wide = [np.concatenate([x, np.full((6, 2), 5.0)], axis=1) for x in (log_probs, scores)]
    mask = np.broadcast_to(np.arange(6) < 4, (6, 6))
    for masked, plain in [
        (oracle.standardize(wide[1], mask), oracle.standardize(scores)),
        (oracle.target(*wide, 0.25, mask), oracle.target(log_probs, scores, 0.25)),
    ]:
        for ours, others in zip(masked, plain, strict=True):
            np.testing.assert_array_equal(ours[:, :4], others)
            assert not ours[:, 4:].any()


def test_the_oracle_by_hand():
    (u, low), scores = oracle.standardize(np.asarray([[1.0, 0.0, 0.0, 1.0]])), np.asarray([[0.0, 1.0]])
    assert u.tolist() == [[1, -1, -1, 1]]
    assert not low.any()
    q = oracle.target(np.log([[0.5, 0.5]]), scores, 2.0).high
    np.testing.assert_allclose(q, [[1 / (1 + np.e), np.e / (1 + np.e)]], rtol=1e-15)
    assert not oracle.target(np.full((1, 2), -np.inf), scores, 1.0).high.any()
