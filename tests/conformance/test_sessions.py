"""Which environments the sessions of the conformance matrix run."""

import pytest

from tools.conformance import sessions
from tools.conformance.rows import DECLARED

LIBRARIES = DECLARED["libraries"]


@pytest.mark.parametrize(
    ("starting", "chosen"),
    [({"3.11", "3.13"}, "3.13"), ({"3.11", "3.12"}, "3.12"), ({"3.11"}, "3.11"), (set(), "3.11")],
)
def test_the_newest_python_is_the_newest_that_starts(monkeypatch, starting, chosen):
    monkeypatch.setattr(sessions, "interpreter", lambda python: python if python in starting else None)
    assert sessions.newest_python(LIBRARIES) == chosen


def ids(params):
    return [param.id for param in params]


def test_the_matrix_has_every_library_unless_one_is_asked_for():
    everything = ids(sessions.environments(LIBRARIES, ["nox", "-s", "conformance"]))
    some = ids(sessions.environments(LIBRARIES, ["nox", "-s", "conformance", "--", "--backend", "mlx"]))
    assert {"numpy-newest-3.11", "mlx-newest-3.11", "torch-2.13.0-3.11"} < set(everything)
    assert some == [name for name in everything if name.startswith("mlx-")]


def test_an_adapter_that_is_given_is_a_row_of_its_own():
    given = ["nox", "-s", "conformance", "--", "--adapter", "./mine", "--backend", "mine"]
    (param,) = sessions.environments(LIBRARIES, given)
    assert (param.id, param.args[1:]) == ("mine-given-3.11", (["./mine"],))


def test_an_adapter_without_the_name_of_its_backend_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        sessions.conformance_options(["--adapter", "./mine"])
    assert caught.value.code == 2
    assert "--adapter must come with the name that the package registers: --backend" in capsys.readouterr().err
