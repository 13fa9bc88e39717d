"""Damaged distributions on the path: each is named by its folder, and the plug-ins of all others work."""

from __future__ import annotations

import sys
from importlib import metadata

import pytest

from tpo import UnknownNameError
from tpo.plugins import registry
from tpo.plugins.discovery import entry_points
from tpo.plugins.host import PluginHost

DAMAGE = b"\xff\xfe"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that installs a distribution with the given files, whose plug-in is the module `plugin_NAME`."""
    registry.host()  # it is kept for all later tests, and must not be that of this path
    monkeypatch.syspath_prepend(tmp_path)

    def call(name, **files):
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        usual = {"METADATA": f"Name: {name}\nVersion: 1.0\n", "entry_points.txt": f"[tpo]\n{name} = plugin_{name}\n"}
        for file, content in (usual | files).items():
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        hook = "@tpo.hookimpl\ndef tpo_algorithms():\n    "
        info = f"return [tpo.AlgorithmInfo(name='{name}', load='m:x')]\n"
        (tmp_path / f"plugin_{name}.py").write_text(f"import tpo\n{hook}{info}")
        monkeypatch.delitem(sys.modules, f"plugin_{name}", raising=False)
        return folder

    return call


def host():
    return PluginHost(entry_points(group="tpo"))


def text_of(folder):
    return (
        "the metadata of an installed package must be readable; got UnicodeDecodeError: 'utf-8' codec can't decode "
        f"byte 0xff in position 0: invalid start byte, in {str(folder)!r}. Reinstall the package, or delete the folder."
    )


def test_one_whose_name_cannot_be_read_is_named_by_its_folder(install):
    folder = install("damaged", METADATA=DAMAGE)
    install("whole")
    found = host()
    assert {name: str(error) for name, error in found.broken.items()} == {"damaged": text_of(folder)}
    assert isinstance(found.broken["damaged"].__cause__, UnicodeDecodeError)
    assert {"tpo", "whole"} <= set(found.algorithms())
    assert "damaged" not in found.algorithms()


def test_one_whose_entry_points_cannot_be_read_is_named_by_its_folder(install):
    folder = install("damaged", **{"entry_points.txt": DAMAGE})
    install("whole")
    with pytest.raises(UnicodeDecodeError):
        metadata.entry_points(group="tpo")
    found = host()
    assert {name: str(error) for name, error in found.broken.items()} == {"damaged-1.0.dist-info": text_of(folder)}
    assert set(found.algorithms()) == {*registry.host().algorithms(), "whole"}


def test_beside_a_damaged_one_the_first_of_a_name_is_used(install, tmp_path, monkeypatch):
    install("whole")
    later = tmp_path / "later" / "whole-0.9.dist-info"
    later.mkdir(parents=True)
    (later / "METADATA").write_text("Name: whole\nVersion: 0.9\n")
    (later / "entry_points.txt").write_text("[tpo]\nwhole = nowhere\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "later")])
    install("damaged", **{"entry_points.txt": DAMAGE})
    found = host()
    assert list(found.broken) == ["damaged-1.0.dist-info"]
    assert "whole" in found.algorithms()


def test_an_unknown_name_is_answered_with_the_folder(install, monkeypatch):
    folder = install("damaged", METADATA=DAMAGE)
    found = host()
    monkeypatch.setattr(registry, "host", lambda: found)
    with pytest.raises(UnknownNameError) as caught:
        registry.algorithm("gpro")
    assert f"Plug-ins that failed to load: damaged ({text_of(folder)})." in str(caught.value)
