"""The wheel contains every package of the repository and the entry points of its plug-ins."""

import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLUG_INS = [file.parent for folder in ("adapters", "tasks") for file in sorted((ROOT / folder).glob("*/__init__.py"))]
FOLDERS = [ROOT / "tpo", *PLUG_INS]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built without isolation and so without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("tpo-*.whl")
    with zipfile.ZipFile(file) as opened:
        yield opened


def test_its_packages_are_the_folders(wheel):
    packages = {name.partition("/")[0] for name in wheel.namelist()}
    information = {name for name in packages if name.endswith(".dist-info")}
    assert len(information) == 1
    assert packages - information == {folder.name for folder in FOLDERS}


def test_every_module_is_in_it_and_nothing_else(wheel):
    files = [(file, folder) for folder in FOLDERS for file in folder.rglob("*") if file.is_file()]
    expected = {file.relative_to(folder.parent).as_posix() for file, folder in files if file.suffix != ".pyc"}
    assert expected >= {"tpo/__init__.py", "tpo/__init__.pyi", "tpo/py.typed", "tpo_torch/backend.py"}
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == expected


def test_its_entry_points_name_modules_that_are_in_it(wheel):
    (name,) = [name for name in wheel.namelist() if name.endswith("/entry_points.txt")]
    points = configparser.ConfigParser()
    points.read_string(wheel.read(name).decode())
    assert dict(points["console_scripts"]) == {"tpo": "tpo.cli:main"}
    assert set(points["tpo"].values()) == {"tpo.plugins.builtin", *(folder.name for folder in PLUG_INS)} - {"tpo_llm"}
    assert dict(points["verl.plugins"]) == {"tpo": "tpo_verl.plugin"}
    for module in (*points["tpo"].values(), "tpo.cli"):
        path = module.replace(".", "/")
        assert {f"{path}.py", f"{path}/__init__.py"} & set(wheel.namelist())
