"""Trees of arrays are flattened and rebuilt."""

from typing import NamedTuple

import pytest

from tpo.training.trees import leaves, rebuild


class Pair(NamedTuple):
    first: object
    second: object


TREE = {"a.b": Pair(1, (2, None)), "empty": (), "list": [3, {"c": 4}]}


def test_leaves_are_named_by_where_they_stand():
    assert leaves(TREE) == {"/a.b/0": 1, "/a.b/1/0": 2, "/list/0": 3, "/list/1/c": 4}


def test_a_tree_is_rebuilt_with_its_types():
    rebuilt = rebuild(TREE, leaves(TREE), lambda x, like: 9 * x + like)
    assert rebuilt == {"a.b": Pair(10, (20, None)), "empty": (), "list": [30, {"c": 40}]}
    assert type(rebuilt["a.b"]) is Pair


def test_a_missing_leaf_is_an_error():
    with pytest.raises(KeyError):
        rebuild(TREE, {}, max)
