"""A tiny model for the tests of verl, and one run of its engine for all cases."""

import pytest

from tests.verl.cases import CASES, QUICK


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
def engine(request, problem):
    """What verl's engine made of every case, on one and on two ranks."""
    from tests.verl.launch import train_cases

    names = QUICK if request.config.getoption("--quick") else CASES
    return train_cases({name: CASES[name] for name in names}, problem / "model", request.param)
