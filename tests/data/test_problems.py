"""Rows of problems are checked, and written as Parquet."""

import os
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from tpo import DataError, NotInstalledError, OutputError
from tpo.data.parquet import MARK, encode
from tpo.data.problems import folder_for, folder_of, has_some, is_complete, known_problems, write


def row(index=0, split="train", content="What is 1 + 1?", **others):
    """A row of a problem, with some entries changed."""
    return {
        "data_source": "mine/sums",
        "prompt": [{"role": "user", "content": content}],
        "ability": "math",
        "reward_model": {"style": "rule", "ground_truth": "2"},
        "extra_info": {"index": index, "split": split},
    } | others


def splits(**others):
    return {"train": [row(0), row(1)], "test": [row(split="test", **others)]}


def test_what_is_written_is_read(tmp_path):
    folder = tmp_path / "deep" / "folder"
    assert not is_complete(folder)
    write(splits(), folder)
    assert is_complete(folder)
    read = {split: parquet.read_table(folder / f"{split}.parquet").to_pylist() for split in ("train", "test")}
    assert read == splits()
    assert sorted(path.name for path in folder.iterdir() if path.name != ".lock") == ["test.parquet", "train.parquet"]


def test_the_columns_have_these_types(tmp_path):
    write(splits(), tmp_path)
    file = parquet.ParquetFile(tmp_path / "train.parquet")
    columns = map(file.schema.column, range(len(file.schema)))
    assert {column.path: column.physical_type for column in columns} == {
        "data_source": "BYTE_ARRAY",
        "prompt.list.element.role": "BYTE_ARRAY",
        "prompt.list.element.content": "BYTE_ARRAY",
        "ability": "BYTE_ARRAY",
        "reward_model.style": "BYTE_ARRAY",
        "reward_model.ground_truth": "BYTE_ARRAY",
        "extra_info.index": "INT64",
        "extra_info.split": "BYTE_ARRAY",
    }
    assert file.schema_arrow.names == ["data_source", "prompt", "ability", "reward_model", "extra_info"]
    assert file.metadata.metadata[b"tpo"] == MARK


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_kept(text):
    import pyarrow as pa  # noqa: PLC0415

    assert parquet.read_table(pa.BufferReader(encode("train", [row(content=text)]))).to_pylist() == [row(content=text)]


def test_further_information_is_kept(tmp_path):
    more = row(extra_info={"index": 0, "split": "test", "level": 3.5})
    write({"train": [row()], "test": [more]}, tmp_path)
    assert parquet.read_table(tmp_path / "test.parquet").to_pylist() == [more]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"data_source": 1}, "Expected `str`, got `int` - at `$.data_source`"),
        ({"prompt": "text"}, "Expected `array`, got `str` - at `$.prompt`"),
        ({"prompt": [{"role": "user"}]}, "Object missing required field `content` - at `$.prompt[0]`"),
        (
            {"reward_model": {"style": "rule", "ground_truth": 2}},
            "Expected `str`, got `int` - at `$.reward_model.ground",
        ),
        ({"extra_info": {"split": "test"}}, "Object missing required field `index` - at `$.extra_info`"),
        ({"more": 1}, "Object contains unknown field `more`"),
    ],
)
def test_a_row_of_another_layout_is_refused(tmp_path, changed, place):
    start = "a row must have the layout of `tpo.Problems.splits`; got row 0 of the split 'test': "
    with pytest.raises(DataError, match=re.escape(start) + ".*" + re.escape(place)):
        write(splits(**changed), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_text_that_cannot_be_encoded_is_refused():
    start = "the rows of the split 'train' must fit into the columns of a table; got "
    with pytest.raises(DataError, match=start):
        encode("train", [row(content="\ud800")])


def test_a_number_that_no_column_holds_is_refused():
    start = "the rows of the split 'train' must fit into the columns of a table; got "
    with pytest.raises(DataError, match=start):
        encode("train", [row(index=2**70)])


def test_an_entry_without_fields_is_refused():
    start = "the rows of the split 'train' must fit into the columns of a table; got "
    with pytest.raises(DataError, match=f"{start}.*Fix the plug-in that makes the problems"):
        encode("train", [row(extra_info={"index": 0, "split": "train", "more": {}})])


def test_columns_of_several_types_are_refused():
    rows = [row(extra_info={"index": 0, "split": "train", "level": level}) for level in (1, "one")]
    with pytest.raises(DataError, match="the rows of the split 'train' must fit into the columns of a table; got "):
        encode("train", rows)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({}, "problems must have the splits train and test; got none. Fix their plug-in."),
        ({"train": [row()]}, "problems must have the splits train and test; got train. Fix their plug-in."),
        (
            {"train": [row()], "test": []},
            (
                "the split 'test' must have at least one row; got none. Ask for more by the options of the problems, "
                "or fix the plug-in that makes them."
            ),
        ),
    ],
)
def test_a_missing_or_empty_split_is_refused(tmp_path, found, text):
    with pytest.raises(DataError) as caught:
        write(found, tmp_path)
    assert str(caught.value) == text


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.mkdir(), lambda path: path.symlink_to("elsewhere")])
def test_only_regular_files_are_replaced(tmp_path, make):
    make(tmp_path / "test.parquet")
    with pytest.raises(
        OutputError, match=r"an output must be a new or a regular file; got '.*test\.parquet', which is"
    ):
        write(splits(), tmp_path)
    assert not (tmp_path / "train.parquet").exists()


def test_without_pyarrow_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    start = "pyarrow must be installed to write Parquet files; got no such module. Install it: pip install "
    with pytest.raises(NotInstalledError, match=start):
        encode("train", [row()])


def test_the_registered_problems_and_their_folders(data_folder):
    assert list(known_problems()) == [
        "countdown",
        "graph-coloring",
        "gsm8k",
        "knights-knaves",
        "reasoning-gym",
        "word-problems",
    ]
    assert folder_of("gsm8k") == data_folder / "gsm8k"


def test_a_variant_has_a_subfolder(data_folder):
    class Variant:
        variant = "one"

    assert folder_for("many", Variant()) == data_folder / "many" / "one"
    assert folder_for("many", object()) == data_folder / "many"
    assert not has_some(data_folder / "many")
    write(splits(), folder_for("many", Variant()))
    assert has_some(data_folder / "many")
    assert has_some(data_folder / "many" / "one")
