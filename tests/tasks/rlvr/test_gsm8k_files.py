"""Loading GSM8K from files and from the hub, with a stub of its library."""

import json
import re
import sys
from types import ModuleType

import pyarrow as pa
import pytest
from pyarrow import parquet

from tpo import DataError, InvalidArgumentError, NotInstalledError
from tpo.plugins.installation import doable
from tpo_tasks.rlvr import INSTALL
from tpo_tasks.rlvr.gsm8k_files import load

ROWS = [{"question": f"q{n}", "answer": f"#### {n}"} for n in range(3)]


def write(path, rows):
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")


@pytest.mark.parametrize(
    ("train", "test"),
    [("train.jsonl", "test.jsonl"), ("train-00000-of-00001.parquet", "test-00000-of-00001.parquet")],
)
def test_a_folder_has_a_file_per_split(tmp_path, train, test):
    write(tmp_path / train, ROWS[:2])
    write(tmp_path / test, ROWS[2:])
    for name in ("train.md", "train_socratic.jsonl"):
        (tmp_path / name).write_text("not read")
    loaded = load(str(tmp_path), None)
    assert {split: [one[:2] for one in found] for split, found in loaded.items()} == {
        "train": [("q0", "#### 0"), ("q1", "#### 1")],
        "test": [("q2", "#### 2")],
    }


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_single_file_needs_the_size_of_its_test_split(tmp_path, suffix):
    path = tmp_path / f"all{suffix}"
    write(path, ROWS)
    assert [len(found) for found in load(str(path), 1).values()] == [2, 1]
    for size in (None, 3):
        text = (
            f"`test_size` must be given for a single file, and be less than its 3 rows; got {size}, for "
            f"{str(path)!r}. Add it, such as --test-size 1."
        )
        with pytest.raises(InvalidArgumentError, match=re.escape(text)):
            load(str(path), size)


@pytest.mark.parametrize("name", ["nowhere", "", "/dev/null", "a\0b"])
def test_what_does_not_exist_is_refused(name):
    text = f"--from must name a folder or file; got {name!r}, which is neither. Check its name."
    with pytest.raises(DataError, match=re.escape(text)):
        load(name, 1)


def test_a_folder_without_a_split_or_with_two_files_of_one_is_refused(tmp_path):
    start = "--from must name a folder with one .jsonl or .parquet file called train; got"
    with pytest.raises(DataError, match=re.escape(f"{start} none in")):
        load(str(tmp_path), None)
    write(tmp_path / "train.jsonl", ROWS)
    write(tmp_path / "train.parquet", ROWS)
    with pytest.raises(DataError, match=re.escape(f"{start} train.jsonl, train.parquet in")):
        load(str(tmp_path), None)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"{", "every line of a .jsonl file must be JSON; got something else in line 1 of"),
        (b"[" * 100_000, "every line of a .jsonl file must be JSON; got something else in line 1 of"),
        (b'{"question": "\xff"}', "every line of a .jsonl file must be JSON; got something else in line 1 of"),
        (b'\n{"question": "q"}', "a row must have a question and an answer, both texts; got something else in line 2"),
        (b'{"question": "q", "answer": 5}', "a row must have a question and an answer, both texts; got something"),
        (b"[1]", "a row must have a question and an answer, both texts; got something else in line 1 of"),
        (b"\n", "a file of examples must have at least one; got none in"),
    ],
)
def test_a_damaged_line_is_named(tmp_path, content, text):
    path = tmp_path / "all.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(text)):
        load(str(path), 1)


def test_damaged_parquet_and_other_kinds_of_files_are_refused(tmp_path):
    (tmp_path / "all.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"a \.parquet file must be readable; got '.*all\.parquet' \("):
        load(str(tmp_path / "all.parquet"), 1)
    (tmp_path / "all.csv").write_text("question,answer")
    with pytest.raises(DataError, match=r"--from must name a \.jsonl or \.parquet file; got '.*all\.csv'\. Convert"):
        load(str(tmp_path / "all.csv"), 1)


ODD = {
    "OverflowError: days=1000000000": pa.array([10**9] * 2, "int32").view(pa.date32()),
    "OverflowError: Python int too large": pa.array([2**62] * 2).view(pa.duration("s")),
    r"\w+Error: .*Foo/Bar": pa.array([1, 1]).view(pa.timestamp("us", tz="Foo/Bar")),
    "UnicodeDecodeError: 'utf-8' codec": pa.array([b"\xff"] * 2).view(pa.string()),
}
"""Columns that Python cannot hold, by the reason."""


@pytest.mark.parametrize("reason", ODD)
def test_what_python_cannot_hold_is_refused_only_where_it_is_needed(tmp_path, reason):
    path, columns = tmp_path / "all.parquet", {"question": ["q0", "q1"], "answer": ["#### 0", "#### 1"]}
    parquet.write_table(pa.table({**columns, "odd": ODD[reason], "question.odd": ODD[reason]}), path)
    assert load(str(path), 1)["train"] == [("q0", "#### 0", f"row 0 of {str(path)!r}")]
    parquet.write_table(pa.table({**columns, "answer": ODD[reason]}), path)
    start = f"a column of texts must be readable; got 'answer' of {str(path)!r}"
    with pytest.raises(DataError, match=rf"^{re.escape(start)} \({reason}.*\)\. Fix it there, or take another file\.$"):
        load(str(path), 1)


@pytest.mark.parametrize("columns", [{"question": ["q"]}, {"other": [1]}, {"question": ["q"], "answer": [1]}])
def test_parquet_without_a_text_in_both_columns_is_refused(tmp_path, columns):
    parquet.write_table(pa.table(columns), tmp_path / "all.parquet")
    text = "a row must have a question and an answer, both texts; got something else in row 0 of"
    with pytest.raises(DataError, match=re.escape(text)):
        load(str(tmp_path / "all.parquet"), 1)


def test_two_columns_of_one_name_are_refused(tmp_path):
    columns = [pa.array(["one"]), pa.array(["other"]), pa.array(["#### 1"])]
    table = pa.Table.from_arrays(columns, ["question", "question", "answer"])
    parquet.write_table(table, tmp_path / "all.parquet")
    with pytest.raises(DataError, match="a column of texts must be readable; got 'question' of "):
        load(str(tmp_path / "all.parquet"), 1)


def test_what_pyarrow_lacks_is_told(tmp_path, monkeypatch):
    def lacking(_):
        raise pa.ArrowNotImplementedError("no such codec")

    monkeypatch.setattr(parquet, "ParquetFile", lacking)
    (tmp_path / "all.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"a \.parquet file must be readable; got '.*all\.parquet' \(no such codec\)"):
        load(str(tmp_path / "all.parquet"), 1)


@pytest.fixture
def datasets(monkeypatch):
    """A stub of the library `datasets`."""
    module = ModuleType("datasets")
    monkeypatch.setitem(sys.modules, "datasets", module)
    return module


def test_the_hub_is_asked_for_the_data_set(datasets):
    asked = []

    def load_dataset(*arguments):
        asked.append(arguments)
        return {"train": iter(ROWS[:2]), "test": iter(ROWS[2:])}

    datasets.load_dataset = load_dataset
    loaded = load(None, None)
    assert asked == [("openai/gsm8k", "main")]
    assert loaded["train"][1] == ("q1", "#### 1", "row 1 of 'train' of openai/gsm8k")
    assert [len(found) for found in loaded.values()] == [2, 1]


def test_a_hub_that_does_not_answer_is_told_with_what_to_do(datasets):
    class OfflineError(Exception):
        pass

    def load_dataset(*_):
        raise OfflineError("no route")

    datasets.load_dataset = load_dataset
    with pytest.raises(DataError) as caught:
        load(None, None)
    assert str(caught.value) == (
        "openai/gsm8k must be on the Hugging Face hub; got OfflineError: no route. Try again, or get the files "
        "elsewhere: tpo data gsm8k --from FOLDER_OR_FILE."
    )


def test_a_missing_library_is_told_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(NotInstalledError) as caught:
        load(None, None)
    assert str(caught.value) == (
        "datasets must be installed to load GSM8K from the Hugging Face hub; got no such module. "
        f"Install it: {doable(INSTALL)}. Or pass .jsonl files: tpo data gsm8k --from FOLDER_OR_FILE."
    )
