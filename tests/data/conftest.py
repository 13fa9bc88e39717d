"""A separate data folder for every test."""

import pytest


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    monkeypatch.setenv("TPO_DATA", str(folder))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder
