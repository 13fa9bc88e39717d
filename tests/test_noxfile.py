"""The sessions' arguments, and the folders they name."""

import importlib.util
from pathlib import Path

import pytest

from tests.pinned import pinned

FILE = Path(__file__).parents[1] / "noxfile.py"


@pytest.fixture(scope="module")
def noxfile():
    spec = importlib.util.spec_from_file_location("noxfile", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


@pytest.mark.parametrize("trainer", ["trl", "verl"])
def test_losses_are_compared_with_those_of_the_tested_trainers(noxfile, trainer):
    _, requirement = noxfile.PARITY[trainer]
    assert requirement == f"{trainer}=={pinned(f'tpo_{trainer}')[trainer]}"
