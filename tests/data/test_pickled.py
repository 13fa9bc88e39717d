"""Reading arrays from pickles without running other code."""

import gzip
import os
import pickle

import numpy as np
import pytest

from tests.data.servers import small_data_set, small_files
from tpo.data import idx
from tpo.data.fetch import take
from tpo.data.pickled import contents
from tpo.errors import DataError

FILES = small_files()


class Foreign:
    """An object whose pickle would run code."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder / "ran"),)


def test_the_files_come_out_of_a_pickle_of_floats(data_folder, tmp_path):
    images, labels, test_images, test_labels = (idx.decode(content) for content in FILES.values())
    pixels = (images.reshape(3, 784) / np.float32(256)).astype(np.float32)
    parts = [
        (pixels[:2], labels[:2].astype(np.int64)),
        (pixels[2:], labels[2:].astype(np.int64)),
        ((test_images.reshape(2, 784) / 256).astype(np.float32), test_labels.astype(np.int64)),
    ]
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(pickle.dumps(tuple(parts), protocol=4)))
    take(small_data_set(), tmp_path / "mnist.pkl.gz")
    assert {name: (data_folder / "small" / name).read_bytes() for name in FILES} == FILES


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_in_a_pickle_is_run(protocol, tmp_path):
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(pickle.dumps((Foreign(tmp_path), 1), protocol=protocol)))
    with pytest.raises(DataError, match="the pickle must hold three pairs of images and labels"):
        take(small_data_set(), tmp_path / "mnist.pkl.gz")
    assert not (tmp_path / "ran").exists()


def test_a_pickle_that_crashes_numpy_is_harmless(tmp_path):
    # A state for a dtype that all arrays share, which made NumPy read where nothing was.
    crash = b"cnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI63\ntb."
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(crash))
    with pytest.raises(DataError, match="the pickle must hold three pairs of images and labels"):
        take(small_data_set(), tmp_path / "mnist.pkl.gz")


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x02]", b"not a pickle", b"\x8e" + b"\xff" * 8, b"I" + b"9" * 5000 + b"\n."]
)
def test_what_is_no_pickle(content):
    with pytest.raises(DataError, match="the pickle must hold NumPy arrays; got one that does not"):
        list(contents(content))


def test_a_pickle_of_other_arrays(tmp_path):
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(pickle.dumps([1, 2], protocol=2)))
    with pytest.raises(DataError, match="the pickle must hold three pairs of images and labels"):
        take(small_data_set(), tmp_path / "mnist.pkl.gz")
