"""The comparison passes where all rows agree, and names the row, the group and the values where one does not."""

import json

import numpy as np
import pytest

from tests.conformance.conftest import ROWS
from tools.conformance import compare, report
from tools.conformance.row import CRASHED, raw_file
from tpo.testing.golden import corpus

TORCH = next(row for row in ROWS if row.name == "torch-2.13.0-3.11 eager")


def record_file(folder):
    return folder / "rows" / f"{TORCH.file}.json"


def spoil(folder, change):
    """Apply `change` to the float32 record of PyTorch's row."""
    found = json.loads(record_file(folder).read_text())
    change(found["dtypes"]["float32"])
    record_file(folder).write_text(json.dumps(found))


def flip_one_bit(folder, quantity="u", size=8):
    """Flip the last bit of the first nonzero number of PyTorch's row; return its place, the new and the old number."""

    def change(part):
        values = np.load(raw_file(folder, part["digests"][quantity][str(size)]))
        group, candidate = (int(i) for i in np.argwhere(values)[0])
        place.extend((group, candidate, values[group, candidate].item()))
        values.view(np.uint32)[group, candidate] ^= 1
        place.append(values[group, candidate].item())
        part["digests"][quantity][str(size)] = corpus.digest_of(values)
        np.save(raw_file(folder, corpus.digest_of(values)), values)

    place = []
    spoil(folder, change)
    return place


def failures(folder):
    return report.read(folder, ROWS).failures


def test_rows_that_agree_pass(folder):
    matrix = report.read(folder, ROWS)
    assert matrix.failures == []
    assert [record["row"] for record in matrix.records] == [row.name for row in ROWS]
    assert matrix.groups == {"float32": 260, "float64": 260}
    assert report.main(folder, ROWS) == 0


def test_one_flipped_bit_fails_and_is_located(folder, capsys):
    group, candidate, old, new = flip_one_bit(folder)
    names = corpus.load(folder / "corpus.npz")["float32", 8].names
    place = f"group {group} ({names[group]}), candidate {candidate}"
    text = f"float32, u, K=8: 1 numbers differ, first in {place}: {new.hex()} here, {old.hex()} elsewhere"
    assert failures(folder) == [f"{TORCH.name}: {text}"]
    assert report.main(folder, ROWS) == 1
    assert text in capsys.readouterr().out.replace("\n", "")
    assert text in json.loads((folder / "conformance.json").read_text())["failures"][0]


def test_the_row_that_differs_is_seen_in_the_agreement(folder):
    flip_one_bit(folder)
    shares = compare.agreement(report.read(folder, ROWS).records)
    place = ROWS.index(TORCH)
    assert shares[place][place] == 1
    assert [shares[place][i] for i in range(len(ROWS)) if i != place] == [19 / 20] * (len(ROWS) - 1)


def worsen(part):
    part["worst"]["u"]["ulp"] = 0.66


def worsen_fast(part):
    part["fast"]["q, eta 0.25"] = 8.5


def break_permutation(part):
    part["changed"]["permutation"] = 3


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (worsen, "0.660 ULP, above 0.65: "),
        (worsen_fast, "float32, q, eta 0.25, fast tier: 8.50 eps, above 8"),
        (break_permutation, "float32: permutation changes 3 numbers"),
    ],
)
def test_each_bar_is_checked(folder, change, expected):
    spoil(folder, change)
    (text,) = failures(folder)
    assert text.startswith(f"{TORCH.name}: float32")
    assert expected in text


def test_a_matrix_without_rows_fails(folder):
    assert report.read(folder, []).failures == ["no row ran"]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("inputs", "its result is of another corpus: run it again"),
        ("code", "its result is of another state of the code: run it again"),
    ],
)
def test_a_stale_record_does_not_count(folder, key, reason):
    found = json.loads(record_file(folder).read_text())
    record_file(folder).write_text(json.dumps(found | {key: "0"}))
    matrix = report.read(folder, ROWS)
    assert matrix.absent[0] == (TORCH.name, reason)
    assert TORCH.name not in [record["row"] for record in matrix.records]


def test_a_row_that_did_not_run_is_not_passed(folder):
    record_file(folder).unlink()
    assert report.read(folder, ROWS).absent[0] == (TORCH.name, "not asked for")
    assert not report.read(folder, ROWS).failures
    record_file(folder).write_text(json.dumps({"row": TORCH.name, "not run": "no wheel"}))
    assert report.read(folder, ROWS).absent[0] == (TORCH.name, "no wheel")


def test_a_row_that_crashed_fails(folder):
    record_file(folder).write_text(json.dumps({"row": TORCH.name, "not run": CRASHED}))
    assert report.read(folder, ROWS).failures == [f"{TORCH.name}: it crashed"]


@pytest.fixture
def record(folder, monkeypatch, tmp_path):
    """A function that writes the recorded digests."""

    def write(**digests):
        digest = corpus.digest(corpus.load(folder / "corpus.npz"))
        path = tmp_path / "recorded.json"
        path.write_text(json.dumps({digest: digests}))
        monkeypatch.setattr(compare, "RECORDED", path)

    return write


def test_results_that_are_those_on_record_pass(folder, record):
    (digest,) = {compare.overall_digest(found, "float32") for found in report.read(folder, ROWS).records}
    record(float32=digest)
    assert failures(folder) == []


def test_results_that_all_moved_fail(folder, record):
    (digest,) = {compare.overall_digest(found, "float64") for found in report.read(folder, ROWS).records}
    record(float64="0" * 64)
    assert failures(folder) == [
        f"{row.name}: float64: the digest of all results is {digest[:8]}, that on record 00000000: "
        "see tools/conformance/recorded.json, and say in the changelog why numbers moved"
        for row in ROWS
    ]
