"""Results of plug-ins are those of their code."""

from __future__ import annotations

import importlib
import sys

import pytest

from tests.experiments.made_up import make_cells
from tests.plugins.fakes import Offers
from tpo import AlgorithmInfo, TaskInfo
from tpo.experiments.spec.cell import Cell
from tpo.plugins import registry
from tpo.plugins.builtin import ALGORITHMS
from tpo.plugins.host import PluginHost
from tpo.plugins.source_code import code_digest

VALUES = make_cells()["tpo"].to_json()
CODE = "from tpo_tasks.sequences import TokenReversal as Task\nfrom tpo import TPO as Algorithm\n"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The folder of a package with a task and an algorithm, registered by a plug-in beside the built-in ones."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    (folder / "__init__.py").write_text(CODE)
    (folder / "part.py").write_text("SIGN = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    host = PluginHost(())
    host.register(Offers(*ALGORITHMS, *registry.host().backends().values()), "own")
    infos = (
        TaskInfo(name="theirs", load="stranger:Task", default_backend="torch"),
        AlgorithmInfo(name="theirs", load="stranger:Algorithm", summary=""),
    )
    host.register(Offers(*infos), "stranger")
    host.own_packages |= registry.host().own_packages
    monkeypatch.setattr(registry, "host", lambda: host)
    code_digest.cache_clear()
    yield folder
    code_digest.cache_clear()
    sys.modules.pop("stranger", None)


def cell(task="theirs"):
    return Cell.from_json(VALUES | {"task": task})


def test_a_cell_of_a_plug_in_has_another_digest_once_its_code_has_changed(package):
    before = cell()
    assert set(before.foreign_code) == {"stranger"}
    assert cell().digest == before.digest
    for file, text in {"part.py": "SIGN = -1\n", "more.py": ""}.items():
        stored, code_before = before.to_json(), before.digest
        (package / file).write_text(text)
        code_digest.cache_clear()
        after = cell()
        assert after.digest != code_before
        assert not after.is_described_by(stored)
        assert Cell.from_json(after.to_json()).digest == after.digest
        before = after


def test_cells_of_this_project_depend_on_no_code():
    for one in make_cells().values():
        assert one.foreign_code == {}
        assert "code" not in one.to_json()


@pytest.mark.parametrize("name", ["__main__", "no_such_package", "builtins", ""])
def test_code_that_is_not_found_has_no_digest(name):
    assert code_digest(name) is None
