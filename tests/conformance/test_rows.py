"""The rows as data are complete and can run."""

import pkgutil
import sys

import numpy as np
import pytest

from tools.conformance import report
from tools.conformance import row as rows_module
from tools.conformance.rows import BY_NAME, ELSEWHERE, ENVIRONMENTS, MODES, ROWS, Environment, Row, beside
from tpo.testing.golden.corpus import SIZES

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
EVERY_MODE = [(backend, mode) for backend, modes in MODES.items() for mode in modes]


def test_names_are_unique():
    assert len(BY_NAME) == len(ENVIRONMENTS)
    assert len({row.file for row in ROWS}) == len(ROWS)
    assert not {row.name for row in ROWS} & {row.name for row in ELSEWHERE}


def test_every_library_is_there_with_its_oldest_and_newest_version():
    versions = {backend: {e.version for e in ENVIRONMENTS if e.backend == backend} for backend in MODES}
    assert versions == {
        "numpy": {"2.0.2", "2.1.0", "newest"},
        "array-api-strict": {"2.3", "newest"},
        "jax": {"0.4.35", "0.5.3", "newest"},
        "torch": {"2.13.0"},
        "mlx": {"0.32.0", "newest"},
    }
    assert {e.python for e in ENVIRONMENTS} == {"3.11", "3.12", "3.13"}


@pytest.mark.parametrize(("backend", "mode"), EVERY_MODE, ids=lambda x: getattr(x, "name", x))
def test_every_mode_names_functions_and_fits_every_group(backend, mode):
    del backend
    for name in (mode.exact, mode.fast or mode.exact):
        assert callable(pkgutil.resolve_name(name))
    assert max(mode.sizes) == max(SIZES)
    assert set(mode.invariances) <= set(mode.sizes) <= set(SIZES)


def test_an_environment_that_is_not_the_one_declared_says_so():
    def missing(version, python):
        return rows_module.missing(Environment("numpy", version, python, (f"numpy=={version}",), ()))

    assert missing("newest", HERE) == ""
    assert missing("newest", "2.7") == "Python 2.7 is missing"
    assert missing("1.0", HERE) == f"no wheel of numpy==1.0 could be installed on Python {HERE}"


def test_a_row_that_is_missing_is_recorded_with_the_reason(tmp_path):
    row = Row(Environment("numpy", "1.0", HERE, ("numpy==1.0",), ()), MODES["numpy"][0])
    found = rows_module.run_mode(row, tmp_path)
    assert found == {
        "row": f"numpy-1.0-{HERE} eager",
        "not run": f"no wheel of numpy==1.0 could be installed on Python {HERE}",
    }
    assert (tmp_path / "rows" / f"numpy-1.0-{HERE}-eager.json").exists()


def test_an_adapter_that_is_given_has_rows_beside_those_of_its_numpy():
    names = [row.name for environment in beside("torch", HERE) for row in environment.rows]
    assert names == [f"numpy-beside-torch-{HERE} eager", f"torch-given-{HERE} eager", f"torch-given-{HERE} compiled"]
    assert not set(names) & {row.name for row in ROWS}
    assert [rows_module.missing(environment) for environment in beside("torch", HERE)] == ["", ""]


def test_an_adapter_that_no_package_registers_says_so():
    _, given = beside("nowhere", HERE)
    assert rows_module.missing(given) == "no installed package registers a backend called 'nowhere'"


@pytest.mark.parametrize(("backend", "dtypes"), [("torch", ("float32", "float64")), ("mlx", ("float32",))])
def test_an_adapter_computes_in_every_dtype_that_it_has(backend, dtypes):
    _, given = beside(backend, HERE)
    assert {rows_module.dtypes_of(mode) for mode in given.modes} == {dtypes}


@pytest.mark.parametrize("name", ["eager", "compiled"])
def test_a_row_runs_through_the_adapter_it_names(name):
    _, given = beside("jax", HERE)
    (mode,) = (mode for mode in given.modes if mode.name == name)
    run = rows_module.runner(mode, mode.exact)
    for dtype in ("float32", "float64"):
        x, y = np.asarray([[1.0, 2.0]], dtype), np.asarray([[3.0, 5.0]], dtype)
        found = run(plus_and_minus, [x, y])
        assert [(type(array), array.dtype, array.tolist()) for array in found] == [
            (np.ndarray, dtype, [[4.0, 7.0]]),
            (np.ndarray, dtype, [[-2.0, -3.0]]),
        ]


def plus_and_minus(x, y):
    return x + y, x - y


def test_an_adapter_that_cannot_run_is_a_failure(tmp_path, monkeypatch, capsys):
    arguments = ["row", f"nowhere-given-{HERE}", "--mode", "eager", "--folder", str(tmp_path), "--adapter", "nowhere"]
    monkeypatch.setattr(sys, "argv", arguments)
    assert rows_module.main() == 1
    assert "not run: no installed package registers a backend called 'nowhere'" in capsys.readouterr().out


def test_an_adapter_is_compared_with_the_rows_that_ran(tmp_path):
    ran = BY_NAME["numpy-newest-3.11"].rows[0]
    rows_module.write(ran, {"row": ran.name}, tmp_path)
    names = [row.name for row in report.chosen(tmp_path, "torch")]
    assert names == [ran.name, *(row.name for environment in beside("torch") for row in environment.rows)]
