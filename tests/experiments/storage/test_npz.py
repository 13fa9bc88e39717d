"""Files of arrays are written atomically, and foreign ones are refused by name."""

import errno
import json
import os
import zipfile

import numpy as np
import pytest

from tpo import OutputError
from tpo.experiments.storage import npz

ARRAYS = {"error": np.asarray([[0.5, 0.25]]), "state/params": np.arange(3, dtype=np.int32)}


def test_what_is_written_is_read(tmp_path):
    npz.write(tmp_path / "sub" / "a.npz", {"step": 7}, ARRAYS)
    header, arrays = npz.read(tmp_path / "sub" / "a.npz")
    assert header == {"step": 7}
    assert {name: (a.dtype, a.tolist()) for name, a in arrays.items()} == {
        name: (a.dtype, a.tolist()) for name, a in ARRAYS.items()
    }
    assert [file.name for file in (tmp_path / "sub").iterdir()] == ["a.npz"]


@pytest.mark.parametrize("share", [0, 0.3, 0.99])
def test_a_truncated_file_is_refused_by_name(tmp_path, share):
    path = tmp_path / "a.npz"
    npz.write(path, {}, ARRAYS)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(OutputError, match=r"a\.npz' must be a file of tpo; got a damaged or foreign one"):
        npz.read(path)


def test_a_damaged_byte_is_noticed(tmp_path):
    path = tmp_path / "a.npz"
    npz.write(path, {}, {"error": np.random.default_rng(0).normal(size=500)})
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 2, len(content) // 2 + 8):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(OutputError, match="got a damaged or foreign one"):
        npz.read(path)


def test_a_foreign_file_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, weights=np.ones(3))
    with pytest.raises(OutputError, match="got a damaged or foreign one"):
        npz.read(path)


def test_pickled_objects_are_never_loaded(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **{npz.HEADER: np.asarray([{"format": npz.FORMAT}], dtype=object)})
    with pytest.raises(OutputError, match="got a damaged or foreign one"):
        npz.read(path)


def test_another_version_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **{npz.HEADER: np.frombuffer(json.dumps({"format": 1}).encode(), np.uint8)})
    with pytest.raises(OutputError, match=f"must have format {npz.FORMAT}; got 1, of another version of tpo"):
        npz.read(path)


def test_a_full_disk_leaves_the_last_file_intact(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    npz.write(path, {"step": 1}, ARRAYS)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"\(No space left on device\)\. Make room or choose another one: --output\."):
        npz.write(path, {"step": 2}, ARRAYS)
    assert npz.read(path)[0] == {"step": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


@pytest.mark.parametrize("change", [lambda arrays: arrays.pop("error"), lambda arrays: arrays.update(more=np.ones(2))])
def test_a_file_that_lost_or_got_an_array_is_refused(tmp_path, change):
    path = tmp_path / "a.npz"
    npz.write(path, {}, ARRAYS)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(OutputError, match=r"a damaged or foreign one \(ValueError: (error|more) lost or new\)"):
        npz.read(path)


LARGE = {"error": np.random.default_rng(0).random((20, 2000))}
"""An array too large for one read, so that the checksum is verified only after the array's header is used."""


@pytest.mark.parametrize(("arrays", "bits"), [(ARRAYS, 16_000), (LARGE, 4800)])
def test_a_flipped_bit_is_refused_or_changes_nothing(tmp_path, arrays, bits):
    path = tmp_path / "a.npz"
    npz.write(path, {"step": 7}, arrays)
    whole, expected = path.read_bytes(), npz.read(path)
    refused = 0
    places = range(min(bits, 8 * len(whole)))
    for place in np.random.default_rng(0).choice(places, 1200, replace=False).tolist():
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        path.write_bytes(content)
        try:
            header, arrays = npz.read(path)
        except OutputError:
            refused += 1
        else:
            assert header == expected[0]
            assert {name: array.tolist() for name, array in arrays.items()} == {
                name: array.tolist() for name, array in expected[1].items()
            }
    assert refused > 600


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_members_of_any_compression_are_refused(tmp_path, method):
    npz.write(tmp_path / "whole.npz", {}, ARRAYS)
    path, refused = tmp_path / "a.npz", 0
    with zipfile.ZipFile(tmp_path / "whole.npz") as whole, zipfile.ZipFile(path, "w", method) as packed:
        for name in whole.namelist():
            packed.writestr(name, whole.read(name))
    content = path.read_bytes()
    assert npz.read(path)[1].keys() == ARRAYS.keys()
    for place in range(40, 200):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            npz.read(path)
        except OutputError:
            refused += 1
    assert refused > 100
