"""Libraries are integrated once they are imported, and only then."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import tpo
from tests.plugins.fakes import FakeEntryPoint, Offers
from tpo import BackendInfo
from tpo.core.arrays.libraries import owner_name
from tpo.plugins import integrations, registry

LIBRARY = "library_that_is_imported_late"


def info(name, integration):
    return BackendInfo(name=name, load="", array_modules=(LIBRARY,), integration=integration)


@pytest.fixture
def calls(monkeypatch):
    """The arguments of the calls of a backend's integration, while another one fails."""
    calls = []
    hooks = SimpleNamespace(note=lambda *arguments: calls.append(arguments))
    monkeypatch.setitem(sys.modules, "hooks_of_a_test", hooks)
    backends = info("good", "hooks_of_a_test:note"), info("bad", "hooks_of_a_test:missing")
    host = registry.PluginHost([FakeEntryPoint("both", Offers(*backends))])
    monkeypatch.setattr(integrations, "host", lambda: host)
    monkeypatch.setattr(integrations, "_integrated", set())
    calls.append(host)
    return calls


def test_an_integration_is_called_once_when_its_library_is_there(calls, monkeypatch):
    integrations.integrate_imported(owner_name)
    assert len(calls) == 1
    monkeypatch.setitem(sys.modules, LIBRARY, None)
    integrations.integrate_imported(owner_name)
    assert len(calls) == 1
    monkeypatch.setitem(sys.modules, LIBRARY, ModuleType(LIBRARY))
    integrations.integrate_imported(owner_name)
    integrations.integrate_imported(owner_name)
    host, ((structure,), lookup) = calls
    assert structure.kind is tpo.Group
    assert structure.options == ("nan",)
    assert lookup is owner_name
    assert str(host.broken["bad"]) == "'types.SimpleNamespace' object has no attribute 'missing'"


def test_whatever_has_an_array_looks_at_what_was_imported_since(calls, monkeypatch):
    tpo.namespace_of(np.ones(1))
    monkeypatch.setitem(sys.modules, LIBRARY, ModuleType(LIBRARY))
    assert len(calls) == 1
    tpo.namespace_of(np.ones(1))
    assert len(calls) == 2
