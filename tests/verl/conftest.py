"""A tiny model for the tests of verl, and one run of its engine for all cases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verl.cases import CASES, QUICK

ROOT = Path(__file__).parents[2]


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="only some cases of the engine, in a minute or two")


@pytest.fixture(scope="session")
def problem(tmp_path_factory):
    """A folder with a tiny model, and prompts."""
    from tests.verl.cpu import run

    folder = tmp_path_factory.mktemp("problem")
    run.write_problem(folder, hidden=32, prompts=32)
    return folder


@pytest.fixture(scope="session", params=[1, 2], ids=["1 rank", "2 ranks"])
def engine(request, problem, tmp_path_factory):
    """What verl's engine made of every case, on one and on two ranks."""
    from tests.verl.cpu import ENVIRONMENT

    folder = tmp_path_factory.mktemp("engine")
    names = QUICK if request.config.getoption("--quick") else CASES
    (folder / "cases.json").write_text(json.dumps({name: CASES[name] for name in names}))
    command = [
        *(sys.executable, "-m", "torch.distributed.run", f"--nproc_per_node={request.param}"),
        *(f"--master_port={29500 + os.getpid() % 400}", "-m", "tests.verl.engine"),
        *(str(folder / name) for name in ("cases.json", "results.json")),
        str(problem / "model"),
    ]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return json.loads((folder / "results.json").read_text())
