"""Rows become arrays; what is no row is refused by its place."""

from __future__ import annotations

import math
import os
import re
import sys

import numpy as np
import pytest

from tests.rollouts.loaded import loaded, rows_of
from tests.rollouts.made_up import sound, write
from tpo import DataError, NotInstalledError, TPOError
from tpo.rollouts.audit import audit
from tpo.rollouts.checks.base import Expected
from tpo.rollouts.reading import rows as reading
from tpo.rollouts.reading.columns import Choice
from tpo.rollouts.reading.load import load

ROW = '{"uid": 1, "score": 1, "old_log_probs": [-1], "finish_reason": "stop"}'


def test_numbers_of_a_row(tmp_path):
    rows = rows_of(
        "a",
        score=[1, True, math.nan],
        step=[1, 1, 1],
        old_log_probs=[[-1, -2.5], [-1], None],
        new_log_probs=[-4, -1.5, -1],
        completion_ids=[[5, 6], [7], None],
    )
    rollouts = loaded(tmp_path, rows)
    columns = {name: values.tolist() for name, values in rollouts.columns.items()}
    assert columns["score"][:2] == [1, 1]
    assert np.isnan(columns["score"][2])
    assert columns["old_log_probs"][:2] == [-3.5, -1]
    assert columns["old_log_probs.tokens"][:2] == [2, 1]
    assert columns["new_log_probs"] == [-4, -1.5, -1]
    assert columns["length"][:2] == [2, 1]
    assert rollouts.length_unit == "tokens"
    assert rollouts.available >= {"group", "step", "score", "length", "token_log_probs", "log_probs", "groups"}


@pytest.mark.parametrize(
    ("columns", "unit", "lengths"),
    [
        ({"completion": ["ab", "abc"], "old_logps": [[-1], [-1, -1]]}, "tokens", [1, 2]),
        ({"completion": ["ab", "abc"], "old_logps": [-1, -1]}, "characters", [2, 3]),
    ],
)
def test_lengths_come_from_the_best_that_is_there(tmp_path, columns, unit, lengths):
    rollouts = loaded(tmp_path, rows_of("a", score=[1, 0], **columns))
    assert (rollouts.length_unit, rollouts.columns["length"].tolist()) == (unit, lengths)
    assert rollouts.read["length"] == f"{unit}, counted"


def test_groups_are_found_in_any_order_and_by_any_id(tmp_path):
    ids = [1, "1", [2], 1, None, "1"]
    rows = [{"uid": one, "prompt": "p", "score": 0} for one in ids if one is not None]
    assert loaded(tmp_path, rows).groups.tolist() == [0, 1, 2, 0, 1]


def test_long_prompts_are_named_by_their_beginning(tmp_path):
    rollouts = loaded(tmp_path, [{"prompt": "x" * 100, "score": 1}])
    assert rollouts.names == ["x" * 39 + "…"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("{", "every line of rollouts must be a JSON object; got something else in line 2 of "),
        ("[1]", "line 2 of '{path}' (list). Remove the line, or let the trainer write it again."),
        ("[" * 100_000, "(values are nested too deep)"),
        ("9" * 5000, "(Exceeds the limit"),
        ('{"uid": "\x80"}', "line 2 of "),
        ('{"uid": 1, "score": "high"}', "got str where a number should be, in the column 'score', in line 2 of "),
        ('{"uid": 1, "score": {}}', "got dict where a number should be, in the column 'score', in line 2 of "),
        ('{"score": 1}', "got no value in the column 'uid', which names the group, in line 2 of "),
        (
            '{"uid": 1, "score": 1, "old_log_probs": [[1]]}',
            "got list where a number should be, in the column 'old_log_probs', in line 2 of ",
        ),
        (
            '{"uid": 1, "score": 1, "finish_reason": []}',
            "got list where a number should be, in the column 'finish_reason', in line 2 of ",
        ),
    ],
)
def test_a_line_that_is_no_row_is_refused_by_its_number(tmp_path, line, text):
    path = tmp_path / "rollouts.jsonl"
    path.write_bytes(f"{ROW}\n{line}\n".encode("latin-1"))
    with pytest.raises(DataError) as caught:
        load(path)
    assert text.format(path=path) in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        '"score": 1e400',
        '"score": -1e308',
        f'"score": {10**400}',
        f'"score": {-(10**400)}',
        '"score": NaN',
        '"score": null',
        '"score": 1, "old_log_probs": [1e400, null, NaN, true]',
        f'"score": 1, "old_log_probs": [{10**400}]',
        '"score": 1, "prompt": "\\ud800"',
    ],
)
def test_numbers_and_texts_beyond_all_bounds_are_read(tmp_path, values):
    path = tmp_path / "rollouts.jsonl"
    path.write_text(f'{{"uid": 1, {values}}}\n{{"uid": 1, "score": 0, "prompt": "p"}}\n')
    rollouts = load(path)
    assert len(rollouts.groups) == 2
    assert np.abs(rollouts.scores[np.isfinite(rollouts.scores)]).max(initial=0) <= 1


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LONGEST_LINE", 100)
    path = write(tmp_path / "rollouts.jsonl", [{"uid": 1, "score": 1, "text": "x" * 100}])
    with pytest.raises(DataError, match=r"line 1 of .* \(more than 100 bytes\)"):
        load(path)


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 10)
    path = write(tmp_path / "rollouts.jsonl", sound()[:11])
    with pytest.raises(
        DataError,
        match=r"at most 10 rows; got more in .*\. Audit fewer rows at once: name one file of the folder, or split it\.",
    ):
        load(path)
    assert len(load(write(path, sound()[:10])).groups) == 10


def test_empty_lines_are_no_rows(tmp_path):
    path = tmp_path / "rollouts.jsonl"
    path.write_text(f"\n{ROW}\n   \n{ROW}")
    assert len(load(path).groups) == 2


def test_progress_is_told_in_bytes(tmp_path):
    path, told = write(tmp_path / "rollouts.jsonl", sound(groups=70)), []
    load(path, on_bytes=lambda *news: told.append(news))
    assert [name for name, _, _ in told] == ["rollouts.jsonl"] * 3
    assert all(0 < done <= total == path.stat().st_size for _, done, total in told)
    assert told[0][1] < told[1][1] < told[2][1]


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("none.jsonl", None, "rollouts must be readable; got "),
        ("empty.jsonl", b"\n", "rollouts must have at least one row; got none in "),
        ("rollouts.csv", b"a,b", "rollouts must be a .jsonl or .parquet file, or a folder of them; got "),
        ("rollouts.parquet", b"PAR1 nothing PAR1", "rollouts must be readable; got "),
        ("rollouts.parquet", b"", "rollouts must be readable; got "),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, text):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(path)
    assert str(caught.value).startswith(text)


def test_a_folder_without_rollouts_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"a folder of rollouts must hold \.jsonl or \.parquet files; got none in "):
        load(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes")
def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "rollouts.jsonl")
    with pytest.raises(DataError, match="a named pipe"):
        load(tmp_path)


def test_parquet_is_read_as_json_lines_are(tmp_path):
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    rows = sound(groups=3)
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "rollouts.parquet")
    ours, theirs = load(tmp_path / "rollouts.parquet"), loaded(tmp_path, rows)
    assert ours.groups.tolist() == theirs.groups.tolist()
    assert ours.columns.keys() == theirs.columns.keys()
    for name, values in ours.columns.items():
        np.testing.assert_array_equal(values, theirs.columns[name])


def test_a_row_of_parquet_is_refused_by_its_number(tmp_path):
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    rows = [{"uid": 1, "score": "1"}]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "rollouts.parquet")
    with pytest.raises(DataError, match=r"in the column 'score', in row 1 of "):
        load(tmp_path)


def odd_columns():
    """Columns of Arrow whose second value Python cannot hold, with the reason."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    def column(number, kind, width="int64"):
        return pa.array([None, number], width).view(kind)

    days = pa.array([None, [10**9]], pa.list_(pa.int32()))
    return {
        "date32": (column(10**9, pa.date32(), "int32"), "OverflowError: days=1000000000"),
        "date64": (column(2**62, pa.date64()), "OverflowError: days="),
        "timestamp": (column(-(2**63) + 1, pa.timestamp("us")), "OverflowError: date value out of range"),
        "time": (column(2**62, pa.time64("us")), "OverflowError: date value out of range"),
        "duration": (column(2**62, pa.duration("s")), "OverflowError: Python int too large"),
        "zone": (column(1, pa.timestamp("us", tz="Foo/Bar")), r"\w+Error: .*Foo/Bar"),
        "offset": (column(1, pa.timestamp("us", tz="+99:99")), r"\w+Error: .*\+99:99"),
        "text": (pa.array([None, b"\xff"]).view(pa.string()), "UnicodeDecodeError: 'utf-8' codec"),
        "list": (days.cast(pa.list_(pa.date32())), "OverflowError: days=1000000000"),
    }


@pytest.mark.parametrize(("odd", "reason"), odd_columns().values(), ids=odd_columns())
def test_what_python_cannot_hold_is_refused_only_where_it_is_needed(tmp_path, odd, reason):
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    path = tmp_path / "rollouts.parquet"
    parquet.write_table(pa.table({"uid": [1, 1], "odd": odd, "score": [0.0, 1.0]}), path)
    rollouts = load(path)
    assert (rollouts.scores.tolist(), rollouts.unread) == ([0, 1], ("odd",))
    start = "a row of rollouts must have values of the usual kinds; got a value that Python cannot hold"
    end = (
        f", in the column 'odd', in row 2 of {str(path)!r}. Repair the row, or name another column: tpo doctor --help."
    )
    with pytest.raises(DataError, match=rf"^{start} \({reason}.*\){re.escape(end)}$"):
        load(path, Choice({"completion": "odd"}))


def test_dates_that_python_can_hold_name_groups(tmp_path):
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    days = pa.array([1, 1, 2], "int32").view(pa.date32())
    parquet.write_table(pa.table({"uid": days, "score": [0.0, 1.0, 2.0]}), tmp_path / "rollouts.parquet")
    rollouts = load(tmp_path)
    assert rollouts.groups.tolist() == [0, 0, 1]
    assert rollouts.names == ['"1970-01-02"', '"1970-01-03"']


def test_what_pyarrow_lacks_is_told(tmp_path, monkeypatch):
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    def lacking(_):
        raise pa.ArrowNotImplementedError("no such codec")

    monkeypatch.setattr(parquet, "ParquetFile", lacking)
    (tmp_path / "rollouts.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"rollouts must be readable; got .* \(no such codec\)\."):
        load(tmp_path)


def test_a_row_group_without_bounds_is_refused(tmp_path, monkeypatch):
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    parquet.write_table(pa.Table.from_pylist(sound(groups=1)), tmp_path / "rollouts.parquet")
    monkeypatch.setattr(reading, "LARGEST_GROUP", 10)
    with pytest.raises(DataError, match=r"a row group of [\d,]+ bytes, more than 10"):
        load(tmp_path)


@pytest.mark.usefixtures("from_an_index")
def test_without_pyarrow_the_remedy_is_told(tmp_path, monkeypatch):
    (tmp_path / "rollouts.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(NotInstalledError, match="pyarrow must be installed to read Parquet files; got no such module"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("mask", "fault"),
    [
        ("11111", "str where a list should be, in the column 'completion_mask'"),
        ([1, 0.5, 1], "a mask with other numbers than 0 and 1, in the column 'completion_mask'"),
        ([1, 1], "3 log-probs with a mask of 2 tokens, in the column 'old_log_probs'"),
    ],
)
def test_a_mask_that_is_none_is_told_by_its_column(tmp_path, mask, fault):
    rows = rows_of("a", score=[1], old_log_probs=[[-1.0, -2.0, -3.0]], completion_mask=[mask])
    with pytest.raises(DataError, match=re.escape(f"got {fault}, in ")):
        loaded(tmp_path, rows)


def test_no_length_is_claimed_without_one(tmp_path):
    assert "length" not in loaded(tmp_path, rows_of("a", score=[1, 0])).read


def test_an_id_that_is_not_a_number_is_missing(tmp_path):
    rows = [{"group_id": 1.0, "score": 0}, {"group_id": math.nan, "score": 1}]
    with pytest.raises(TPOError, match="no value in the column 'group_id'"):
        loaded(tmp_path, rows)


def test_a_column_without_a_value_tells_nothing(tmp_path):
    kept = {"group_id": 1, "reward": 1.0, "completion": "four", "old_logp": -1.0}
    empty = dict.fromkeys(("prompt", "advantages", "completion_length", "finish_reason"))
    rollouts = loaded(tmp_path, [kept | empty] * 2)
    assert rollouts.available == {"group", "completion", "score", "length", "old_log_probs", "log_probs", "groups"}
    assert rollouts.unread == ("prompt", "advantages", "completion_length", "finish_reason")
    assert rollouts.read == {
        "score": "reward",
        "group": "group_id",
        "completion": "completion",
        "old_log_probs": "old_logp",
        "length": "characters, counted",
    }
    assert rollouts.columns["length"].tolist() == [4, 4]
    found = {one.subject: one.remedy for one in audit(rollouts, Expected()).not_audited}
    remedy = "Log the trainer's advantages to have the groups compared with those it used."
    assert found["advantages"] == remedy
