"""Stored files of any content: each is refused in a line that says where it is wrong, and hides no other."""

from __future__ import annotations

import io
import json
import os
import zipfile

import numpy as np
import pytest

from tests.experiments.made_up import PROVENANCE, make_cells
from tests.experiments.records import make_record
from tpo import OutputError
from tpo.cli import main
from tpo.experiments.analysis import record
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore

WHOLE = make_record()


def nested(depth):
    return b"[" * depth + b"]" * depth


def changed(path, value):
    """The record with one value replaced, which may be raw JSON."""
    copy = json.loads(json.dumps(WHOLE))
    *above, last = path
    place = copy
    for key in above:
        place = place[key]
    place[last] = "@"
    return json.dumps(copy).encode().replace(b'"@"', value if isinstance(value, bytes) else json.dumps(value).encode())


ARM = ("panels", "V=2", "TPO")
BAD = {
    "nested beyond what Python recurses": (changed(("settings",), nested(10**5)), "values are nested too deep"),
    "nested beyond the stack": (changed(("title",), nested(10**6)), "values are nested too deep"),
    "a number beyond floats": (
        changed((*ARM, "seconds_per_step"), b"1" + b"0" * 400),
        "- at `$.panels[...]",
    ),
    "not a number": (changed((*ARM, "difference"), b"NaN"), "JSON is malformed"),
    "infinity": (changed((*ARM, "difference"), b"1e999"), "Number out of range - at `$.panels[...][...].difference`"),
    "half a character": (changed(("title",), b'"\\ud800"'), "got ValueError: "),
    "no UTF-8": (changed(("title",), b'"\xff"'), "utf-8"),
    "a text for a number": (changed((*ARM, "seeds"), "2"), "Expected `int`, got `str` - at `$.panels[...][...].seeds`"),
    "a negative count": (changed((*ARM, "seeds"), -1), "Expected `int` >= 0 - at `$.panels[...][...].seeds`"),
    "an unknown field": (json.dumps(WHOLE | {"more": 1}).encode(), "Object contains unknown field `more`"),
    "no object": (b"[]", "Expected `object`, got `array`"),
    "nothing": (b"", "Input data was truncated"),
    "a curve without steps": (
        changed((*ARM, "curves"), {"error": {"steps": [], "mean": [], "se": None}}),
        "Expected `array` of length >= 1 - at `$.panels[...][...].curves[...].steps`",
    ),
    "a step too many": (
        changed((*ARM, "curves"), {"error": {"steps": [0, 1], "mean": [0.5], "se": None}}),
        "the columns of a curve differ in length - at `$.panels[...][...].curves[...]`",
    ),
    "a negative standard error": (
        changed((*ARM, "ours", "spread"), -0.5),
        "Expected `float` >= 0.0 - at `$.panels[...][...].ours.spread`",
    ),
    "a finished arm without some of its seeds": (
        changed((*ARM, "by_seed"), {"statistic": [1.0], "second_half": [1.0], "steps_to": {}}).replace(
            b'"seeds_planned": 5', b'"seeds_planned": 2'
        ),
        "a finished arm has a number for some of its seeds only - at `$.panels[...][...]`",
    ),
    "a profile with a number too many": (
        changed((*ARM, "profile"), {"mean": [1.0, 2.0], "se": None}).replace(
            b'"statistic":', b'"profile": {"label": "", "quantity": "", "positions": [0], "names": []}, "statistic":'
        ),
        "a profile has more numbers than positions, or fewer",
    ),
    "line breaks in the name of a field": (json.dumps(WHOLE | {"a\nb": 1}).encode(), r"unknown field `a\nb`"),
    "a seed too many": (
        changed((*ARM, "by_seed"), {"statistic": [1.0], "second_half": [1.0], "steps_to": {"0.5": [1, 2]}}),
        "an arm has more seeds in one list than in another - at `$.panels[...][...].by_seed`",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_record_is_refused_with_the_place_that_is_wrong(tmp_path, name):
    content, text = BAD[name]
    (tmp_path / record.FILE).write_bytes(content)
    with pytest.raises(OutputError) as caught:
        record.read(tmp_path)
    assert str(caught.value).startswith(f"{str(tmp_path)!r} must hold the record of an exhibit, exhibit.json; got ")
    # Versions of msgspec write UTF-8 in large or small letters.
    assert text.lower() in str(caught.value).lower()


@pytest.mark.parametrize("found", ["7", "[]", "{}", '"1"', "null", "1.5"])
def test_another_format_is_named(tmp_path, found):
    (tmp_path / record.FILE).write_text(f'{{"format": {found}, "everything": "else"}}')
    with pytest.raises(OutputError, match=r"must have format 1; got .*, of another version of tpo\. Run the exhibit"):
        record.read(tmp_path)


def test_numbers_that_nobody_can_draw_are_refused_and_never_written(tmp_path):
    (tmp_path / record.FILE).write_bytes(changed((*ARM, "curves", "error", "mean"), [1e300, 0.5, 0.5]))
    with pytest.raises(OutputError, match=r"<= 1e\+100 - at `\$\.panels"):
        record.read(tmp_path)
    assert record.finite(1e300) is record.finite(-1e101) is None
    assert record.finite(1e99) == 1e99


def test_a_record_of_format_one_may_lack_what_came_later(tmp_path):
    record.write(WHOLE, tmp_path)
    read = record.read(tmp_path)
    assert {name: read[name] for name in WHOLE if name != "panels"} == {
        name: value for name, value in WHOLE.items() if name != "panels"
    }
    assert {name: read[name] for name in set(read) - set(WHOLE)} == {
        "task": None,
        "profile": None,
        "numbers": 1,
        "panels_in_exhibit": 1,
        "wall_seconds": None,
    }


def test_bad_records_hide_no_others_from_the_page(tpo_code, tmp_path):
    for name, (content, _) in BAD.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / record.FILE).write_bytes(content)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / record.FILE)
    (tmp_path / "folder" / record.FILE).mkdir(parents=True)
    record.write(WHOLE, tmp_path / "good")
    code, out, err = tpo_code("report", tmp_path)
    assert (code, err.count("left out: ")) == (0, len(BAD) + 2)
    assert out.startswith("results shown: 1; page: ")
    assert "Traceback" not in err


@pytest.fixture
def tpo_code(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return call


def test_texts_of_a_record_are_no_markup(tpo_code, tmp_path):
    text = "[/] [bold :smile:"
    arms = {text: WHOLE["panels"]["V=2"]["TPO"] | {"published": "[/]"}}
    changes = dict.fromkeys(("exhibit", "title", "source", "note", "statistic", "scale", "backend"), text)
    record.write(make_record(**changes, panels={text: arms}, deviations=[text]), tmp_path / "a")
    shown = tpo_code("show", tmp_path / "a")
    assert shown[0] == 0
    # The only panel has no column.
    assert shown[1].count(":smile:") == 8
    assert tpo_code("compare", tmp_path / "a", tmp_path / "a")[0] == 0
    assert tpo_code("report", tmp_path)[1].startswith("results shown: 1;")


def npy(header):
    """An array's file with this text for its header, and eight bytes of content."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + b"\0" * 8


HEADERS = {
    "a huge shape": "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }",
    "a shape beyond integers": "{'descr': '<f8', 'fortran_order': False, 'shape': (10**30,), }",
    "an absurd shape": f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({10**30},), }}",
    "a negative shape": "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }",
    "objects": "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    "no dtype": "{'descr': 'what', 'fortran_order': False, 'shape': (1,), }",
    "nested": "(" * 3000 + ")" * 3000,
    "no header": "\0\0",
}


@pytest.mark.parametrize("name", HEADERS)
def test_an_array_that_is_not_what_its_header_says_is_refused(tmp_path, name):
    path = tmp_path / "a.npz"
    npz.write(path, {"step": 1}, {"error": np.zeros(1)})
    with zipfile.ZipFile(path) as file:
        kept = file.read(f"{npz.HEADER}.npy")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{npz.HEADER}.npy", kept)
        file.writestr("error.npy", npy(HEADERS[name]))
    with pytest.raises(OutputError, match=r"a\.npz' must be a file of tpo; got a damaged or foreign one \("):
        npz.read(path)


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ({"step": "7"}, r"Expected `int`, got `str` - at `\$\.step`"),
        ({"cell": {"task": 1}}, r"Expected `str`, got `int` - at `\$\.cell\.task`"),
        ({"more": 1}, "Object contains unknown field `more`"),
        ({"cpu_seconds": None}, r"Expected `int \| float`, got `null` - at `\$\.cpu_seconds`"),
    ],
)
def test_a_header_is_refused_with_the_place_that_is_wrong(tmp_path, header, text):
    npz.write(tmp_path / "a.npz", header, {})
    with pytest.raises(OutputError, match=text):
        npz.read(tmp_path / "a.npz")


def test_arrays_come_back_as_they_were(tmp_path):
    arrays = {
        "columns": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "empty": np.zeros((0, 3)),
        "scalar": np.asarray(2.5, np.float32),
        "big": np.arange(3, dtype=">i4"),
    }
    npz.write(tmp_path / "a.npz", {}, arrays)
    read = npz.read(tmp_path / "a.npz")[1]
    for name, array in arrays.items():
        assert (read[name].dtype, read[name].shape, read[name].tolist()) == (array.dtype, array.shape, array.tolist())
        assert read[name].flags.writeable


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.npz")
    with pytest.raises(OutputError, match="it is a named pipe, and no file"):
        npz.read(tmp_path / "a.npz")


def test_what_expands_without_end_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(npz, "LARGEST", 1000)
    content = io.BytesIO()
    np.savez_compressed(content, zeros=np.zeros(10**5))
    (tmp_path / "a.npz").write_bytes(content.getvalue())
    with pytest.raises(OutputError, match="it says that it holds more than 1000 bytes"):
        npz.read(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("seconds", np.array([0.1, np.nan])),
        ("seconds", np.array([0.1, -1e308])),
        ("error", np.ones((2, 2), dtype=np.longdouble)),
        ("error", np.array([["a", "b"], ["c", "d"]])),
    ],
)
def test_a_cell_with_numbers_that_no_run_has_is_refused(tmp_path, name, values):
    cell, store = make_cells(steps=2)["tpo"], CellStore(tmp_path)
    header = {"cell": cell.to_json(), "provenance": PROVENANCE.to_json(), "cpu_seconds": 1.0, "peak_memory_mb": 1.0}
    arrays = {"error": np.ones((2, 2)), "loss": np.ones((2, 2)), "seconds": np.ones(2)}
    npz.write(store.path(cell), header, arrays)
    assert store.load(cell) is not None
    npz.write(store.path(cell), header, arrays | {name: values})
    with pytest.raises(OutputError, match="must hold all steps of its run; got a part of them, or another file"):
        store.load(cell)
