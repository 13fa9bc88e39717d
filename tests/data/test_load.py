"""Loading data sets as arrays."""

import numpy as np
import pytest

from tests.data.servers import small_data_set, small_files
from tpo import DataError, UnknownNameError, check_data_set, load_data_set
from tpo.data import catalogue, idx
from tpo.data.folder import data_folder as chosen_folder

FILES = small_files()


@pytest.fixture
def stored(data_folder, monkeypatch):
    """Store the small data set and return it."""
    monkeypatch.setitem(catalogue.DATA_SETS, "small", small_data_set())
    (data_folder / "small").mkdir(parents=True)
    for name, content in FILES.items():
        (data_folder / "small" / name).write_bytes(content)
    return data_folder / "small"


@pytest.mark.usefixtures("stored")
def test_rows_of_pixels_and_labels():
    data = load_data_set("small")
    assert data.train_images.shape == (3, 784)
    assert data.test_images.dtype == np.uint8
    assert (data.train_labels.tolist(), data.test_labels.tolist()) == ([5, 0, 4], [7, 2])
    np.testing.assert_array_equal(
        data.test_images[1], np.frombuffer(FILES["t10k-images-idx3-ubyte"][16 + 784 :], np.uint8)
    )


def test_a_damaged_file_is_refused(stored):
    (stored / "t10k-labels-idx1-ubyte").write_bytes(FILES["t10k-labels-idx1-ubyte"][:-1] + b"\x09")
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte of Small must have the MD5 sum"):
        load_data_set("small")


def test_what_was_not_fetched(data_folder):
    with pytest.raises(DataError) as caught:
        check_data_set("mnist")
    assert str(caught.value) == (
        f"MNIST must be on this machine; got none in '{data_folder}/mnist'. Fetch it: tpo data mnist."
    )
    with pytest.raises(UnknownNameError, match=r"must be a registered data set; got 'minst'\. Did you mean 'mnist'"):
        load_data_set("minst")


def test_where_data_is_kept(data_folder, monkeypatch):
    assert chosen_folder() == data_folder
    monkeypatch.delenv("TPO_DATA")
    assert chosen_folder().parts[-2:] == ("tpo", "data")


def test_images_that_are_made_up():
    data = load_data_set("made-up")
    assert data.train_images.shape == (4000, 784)
    assert data.test_images.dtype == data.test_labels.dtype == np.uint8
    assert np.bincount(data.train_labels).min() > 300
    means = np.stack([data.train_images[data.train_labels == k].mean(0) for k in range(10)])
    nearest = np.argmin(((data.test_images[:, None] - means) ** 2).sum(-1), axis=-1)
    assert (nearest == data.test_labels).mean() > 0.9


@pytest.mark.parametrize("shape", [(3,), (2, 5, 4)])
def test_idx_there_and_back(shape):
    values = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    content = idx.encode(values)
    assert content[:4] == bytes([0, 0, 8, len(shape)])
    np.testing.assert_array_equal(idx.decode(content), values)
    for damaged in (content[:-1], content[:5], b"", b"\x00\x00\x0d" + content[3:]):
        with pytest.raises(DataError, match="must be a whole idx file of unsigned bytes; got"):
            idx.decode(damaged)
