"""What the sessions read from their arguments."""

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
