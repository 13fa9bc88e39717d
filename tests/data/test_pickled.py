"""Reading arrays from pickles without running other code."""

import gzip
import os
import pickle

import numpy as np
import pytest

from tests.data.servers import small_data_set, small_files
from tpo.data import idx
from tpo.data.fetch import take
from tpo.data.pickled import read_arrays
from tpo.errors import DataError

FILES = small_files()


class Foreign:
    """An object whose pickle would run code."""

    def __reduce__(self):
        return os.getenv, ("HOME",)


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


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_calls_something_is_refused_before_it_does(protocol):
    content = pickle.dumps((Foreign(), np.arange(3)), protocol=protocol)
    with pytest.raises(
        DataError, match=r"it names (os|posix)\.getenv, which is no part of an array\). Nothing in it was run"
    ):
        read_arrays(content)


@pytest.mark.parametrize("content", [b"", b"\x80\x02]", b"not a pickle"])
def test_what_is_no_pickle(content):
    with pytest.raises(DataError, match="the pickle must hold NumPy arrays and nothing else"):
        read_arrays(content)


def test_a_pickle_of_other_arrays(tmp_path):
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(pickle.dumps([1, 2], protocol=2)))
    with pytest.raises(DataError, match="the pickle must hold three pairs of images and labels"):
        take(small_data_set(), tmp_path / "mnist.pkl.gz")
