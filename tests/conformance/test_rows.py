"""The rows as data: complete, and runnable."""

import pkgutil
import sys

import pytest

from tests.conformance import row as rows_module
from tests.conformance.rows import BY_NAME, ELSEWHERE, ENVIRONMENTS, MODES, ROWS, Environment, Row
from tpo.testing.corpus import SIZES

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
        "mlx": {"newest"},
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
        return rows_module.missing(Environment("numpy", version, python, (f"numpy=={version}",)))

    assert missing("newest", HERE) == ""
    assert missing("newest", "2.7") == "Python 2.7 is missing"
    assert missing("1.0", HERE) == f"no wheel of numpy==1.0 could be installed on Python {HERE}"


def test_a_row_that_is_missing_is_recorded_with_the_reason(tmp_path):
    row = Row(Environment("numpy", "1.0", HERE, ("numpy==1.0",)), MODES["numpy"][0])
    found = rows_module.run_mode(row, tmp_path)
    assert found == {
        "row": f"numpy-1.0-{HERE} eager",
        "not run": f"no wheel of numpy==1.0 could be installed on Python {HERE}",
    }
    assert (tmp_path / "rows" / f"numpy-1.0-{HERE}-eager.json").exists()
