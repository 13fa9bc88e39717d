"""The commands beside plug-ins of any kind."""

from __future__ import annotations

import pytest

from tests.plugins.fakes import FakeEntryPoint, Offers, Returns, algorithm
from tests.plugins.test_strange import FIELDS, GARBAGE, NAMES, Leaves, LeavesLater
from tpo.plugins import registry
from tpo.plugins.host import PluginHost


@pytest.fixture
def strange(monkeypatch):
    """All of the above beside the usual plug-ins."""
    plugins = [*(Returns(result) for result in GARBAGE), *map(Offers, FIELDS), LeavesLater()]
    plugins += [Offers(algorithm(name)) for name in NAMES]
    plugins += [Offers(algorithm("tpo", "nowhere:x")), Offers(algorithm("leaves", "leaving_module:x"))]
    plugins += [Offers(algorithm("odd", "os:getcwd")), Offers(algorithm("number", "sys:maxsize"))]
    entry_points = [FakeEntryPoint(f"bad{n}", plugin) for n, plugin in enumerate(plugins)]
    host = PluginHost([*registry.entry_points(group="tpo"), Leaves(), *entry_points])
    monkeypatch.setattr(registry, "host", lambda: host)
    return host


def test_every_command_goes_on(tpo, strange, tmp_path, monkeypatch):
    (tmp_path / "leaving_module.py").write_text("import sys; sys.exit(0)")
    monkeypatch.syspath_prepend(tmp_path)
    listed = tpo("list")
    assert (listed.code, "leaver" in listed.out, "token-reversal" in listed.out) == (0, True, True)
    methods = tpo("list", "--methods")
    assert methods.code == 0
    assert {"TPO", "leaves", "odd", "number"} <= set(methods.out.split())
    assert strange.algorithms()["tpo"].load == "tpo.core.algorithms.tpo:TPO"
    assert tpo("run", "figure3", "--list", "--scale", "smoke").code == 0
    for name in ("leaves", "odd", "number"):
        refused = tpo("run", "token-reversal", "--backend", "torch", "--algorithms", name)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith(("error: a plug-in must name ", "error: the algorithm must be "))
