"""Looking up names: known, unknown, not installed, or broken."""

import pytest

import tpo
from tests.plugins.fakes import FakeEntryPoint, Offers, algorithm
from tpo import BackendInfo, NotInstalledError, PluginError, UnknownNameError
from tpo.plugins import registry
from tpo_numpy.backend import NumpyBackend
from tpo_tasks.sequences import TokenReversal

MISSING = BackendInfo(
    name="other",
    load="no_such_library:Backend",
    requires=("no_such_library", "sys", "no_such.part"),
    hint='pip install "tpo[other]"',
    array_modules=("no_such_library",),
)


@pytest.fixture
def host(monkeypatch):
    """A host with an algorithm, a backend that is not installed, and a plug-in that failed."""
    found = [
        FakeEntryPoint("good", Offers(algorithm("grpo"), algorithm("tpo"), MISSING)),
        FakeEntryPoint("bad", ImportError("no library")),
    ]
    host = registry.PluginHost(found)
    monkeypatch.setattr(registry, "host", lambda: host)
    return host


def refusal(error, call, *args):
    with pytest.raises(error) as raised:
        call(*args)
    return str(raised.value)


def test_names_stand_for_the_registered_objects():
    assert registry.algorithm("tpo") is tpo.TPO
    assert registry.task("token-reversal") is TokenReversal
    assert type(registry.backend("numpy")) is NumpyBackend
    assert registry.backend("numpy") is registry.backend("numpy")


def test_what_comes_with_tpo_is_registered():
    assert {"dg", "grpo", "ppo", "reinforce", "tpo"} <= set(registry.host().algorithms())
    assert {"jax", "numpy", "torch"} <= set(registry.host().backends())
    assert "token-reversal" in registry.host().tasks()
    assert registry.host().broken == {}


@pytest.mark.parametrize(
    ("lookup", "name", "text"),
    [
        (registry.backend, "torhc", "backend; got 'torhc'. Did you mean 'torch'? Registered: "),
        (registry.algorithm, "gpro", "algorithm; got 'gpro'. Did you mean 'grpo'? Registered: "),
        (registry.task, "token-reverse", "task; got 'token-reverse'. Did you mean 'token-reversal'? Registered: "),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(lookup, name, text):
    known = {"backend": "backends", "algorithm": "algorithms", "task": "tasks"}[lookup.__name__]
    names = ", ".join(sorted(getattr(registry.host(), known)()))
    assert refusal(UnknownNameError, lookup, name) == f"the name must be a registered {text}{names}."


@pytest.mark.usefixtures("host")
def test_an_unknown_name_is_answered_with_the_plug_ins_that_failed():
    nearest = refusal(UnknownNameError, registry.algorithm, "gpro")
    failed = "Registered: grpo, tpo. Plug-ins that failed to load: bad (no library)."
    assert nearest == f"the name must be a registered algorithm; got 'gpro'. Did you mean 'grpo'? {failed}"
    assert refusal(UnknownNameError, registry.algorithm, "xyz") == (
        f"the name must be a registered algorithm; got 'xyz'. {failed}"
    )
    assert refusal(UnknownNameError, registry.task, "xyz") == (
        "the name must be a registered task; got 'xyz'. Registered: none. "
        "Plug-ins that failed to load: bad (no library)."
    )


@pytest.mark.usefixtures("host", "from_an_index")
def test_a_backend_that_is_not_installed_says_how_to_install_it():
    assert refusal(NotInstalledError, registry.backend, "other") == (
        "the backend must be installed; 'other' is registered but no_such_library, no_such.part is missing. "
        'Install it: pip install "tpo[other]".'
    )
    assert registry.missing(MISSING) == ("no_such_library", "no_such.part")


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        ("no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("no_such_library:thing", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("tpo.errors:Nothing", "AttributeError: module 'tpo.errors' has no attribute 'Nothing'"),
        ("not a name:thing", "ValueError: invalid format: 'not a name:thing'"),
    ],
)
def test_a_plug_in_that_names_nothing_that_loads(load, reason):
    info = algorithm("mine", load)
    assert refusal(PluginError, registry.load, "algorithm", info) == (
        f"a plug-in must name something that loads; got {load!r} for the algorithm 'mine': {reason}. "
        "Fix or reinstall it."
    )


def test_a_module_that_fails_to_import(tmp_path, monkeypatch):
    (tmp_path / "failing_plugin.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    text = refusal(PluginError, registry.load, "task", algorithm("mine", "failing_plugin:Task"))
    assert text.endswith("for the task 'mine': ZeroDivisionError: division by zero. Fix or reinstall it.")
