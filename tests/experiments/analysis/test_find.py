"""Finding records below a folder: what cannot be read is told, and hides no other."""

from __future__ import annotations

import os

import pytest

from tests.experiments.records import make_record
from tpo.experiments.analysis import find
from tpo.experiments.analysis import record as records


@pytest.fixture
def folder(tmp_path):
    for name in ("good", "private"):
        records.write(make_record(), tmp_path / name)
    return tmp_path


def test_a_folder_that_cannot_be_listed_is_told(folder, monkeypatch):
    listed, refused = os.scandir, []

    def scandir(path):
        if str(path).endswith("private"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert len(find.below(folder, refused.append)) == 1
    place = str(folder / "private")
    text = f"a folder of results must be readable; got {place!r} (Permission denied). Change its permissions."
    assert [str(error) for error in refused] == [text]


def test_a_record_whose_folder_cannot_be_entered_is_told(folder, monkeypatch):
    read, refused = find.read, []

    def refuse(path):
        if path.name == "private":
            raise PermissionError(13, "Permission denied", str(path / records.FILE))
        return read(path)

    monkeypatch.setattr(find, "read", refuse)
    assert len(find.below(folder, refused.append)) == 1
    assert "private/exhibit.json' (Permission denied)" in str(refused[0])
