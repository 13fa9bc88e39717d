"""Parsing of the sessions' arguments."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[1] / "noxfile.py"


@pytest.fixture(scope="module")
def noxfile():
    spec = importlib.util.spec_from_file_location("noxfile", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("starting", "chosen"),
    [({"3.11", "3.13"}, "3.13"), ({"3.11", "3.12"}, "3.12"), ({"3.11"}, "3.11"), (set(), "3.11")],
)
def test_the_newest_python_is_the_newest_that_starts(monkeypatch, noxfile, starting, chosen):
    monkeypatch.setattr(noxfile, "interpreter", lambda python: python if python in starting else None)
    assert noxfile.newest_python() == chosen


def test_what_the_newest_libraries_do_without_exists(monkeypatch, noxfile):
    monkeypatch.chdir(FILE.parent)
    assert all((FILE.parent / path).exists() for path in (*noxfile.OF_LIBRARIES, *noxfile.WITHOUT_TRAINING))


@pytest.mark.parametrize(
    ("arguments", "backend"),
    [
        ([], "jax"),
        (["--backend", "torch"], "torch"),
        (["--steps", "3", "--backend=torch", "--overwrite"], "torch"),
        (["--steps", "3"], "jax"),
    ],
)
def test_the_quickstart_installs_the_backend_it_is_asked_for(noxfile, arguments, backend):
    assert noxfile.backend_asked_for(arguments) == backend


def ids(params):
    return [param.id for param in params]


def test_the_matrix_has_every_library_unless_one_is_asked_for(noxfile):
    everything = ids(noxfile.environments(["nox", "-s", "conformance"]))
    some = ids(noxfile.environments(["nox", "-s", "conformance", "--", "--backend", "mlx"]))
    assert {"numpy-newest-3.11", "mlx-newest-3.11", "torch-2.13.0-3.11"} < set(everything)
    assert some == [name for name in everything if name.startswith("mlx-")]


def test_an_adapter_that_is_given_is_a_row_of_its_own(noxfile):
    (param,) = noxfile.environments(["nox", "-s", "conformance", "--", "--adapter", "./mine", "--backend", "mine"])
    assert (param.id, param.args[1:]) == ("mine-given-3.11", (["./mine"],))


def test_an_adapter_without_the_name_of_its_backend_is_refused(noxfile, capsys):
    with pytest.raises(SystemExit) as caught:
        noxfile.conformance_options(["--adapter", "./mine"])
    assert caught.value.code == 2
    assert "--adapter must come with the name that the package registers: --backend" in capsys.readouterr().err
