"""Fixtures for the libraries and backends that a test runs on."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile

# Before a library that computes is imported: threads that wait for each other spin, which a busy machine punishes.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What one test has compiled need not be compiled by another. Nothing is left in the user's cache folder.
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    os.environ["JAX_COMPILATION_CACHE_DIR"] = tempfile.mkdtemp(prefix="tpo-compiled-")
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")
    atexit.register(shutil.rmtree, os.environ["JAX_COMPILATION_CACHE_DIR"], ignore_errors=True)

import hypothesis
import pytest

from tests.libraries import NAMES, Library
from tpo.plugins import installation, registry

hypothesis.settings.register_profile("tpo", deadline=None, derandomize=True, max_examples=30)
hypothesis.settings.register_profile("exhaustive", deadline=None, max_examples=300, print_blob=True)
hypothesis.settings.load_profile("tpo")


def pytest_collection_modifyitems(items):
    """Put the modules that take minutes first, so that no worker is left with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, "training" not in item.path.parts))


@pytest.fixture(autouse=True, scope="session")
def warm_starts(tmp_path_factory):
    """Keep warm starts in a folder of the tests, not in the user's cache."""
    os.environ["TPO_WARM_STARTS"] = str(tmp_path_factory.mktemp("warm-starts"))


@pytest.fixture(autouse=True, scope="module")
def forget_compiled():
    """Clear JAX's compiled programs, which would add up to gigabytes over all tests."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


@pytest.fixture
def from_an_index(monkeypatch):
    """Pretend that `tpo` was installed from an index, so that install commands name it without a path."""
    monkeypatch.setattr(installation, "origin", lambda _: {})


@pytest.fixture(params=NAMES)
def backend(request):
    """Each array library in turn, with float64."""
    library = Library(request.param)
    with library.with_float64():
        yield library


@pytest.fixture(params=["torch", "jax"])
def autodiff(request):
    """Each backend that differentiates, with float64."""
    created = registry.backend(request.param)
    with created.precision("float64"):
        yield created


@pytest.fixture
def gradient(autodiff):
    """The gradient of the sum of a function of one array, as a NumPy array."""

    def differentiate(function, at):
        def pull_ones(at):
            value, pull = autodiff.vjp(function, at)
            return pull(autodiff.namespace().ones_like(value))

        return autodiff.to_numpy(autodiff.compile(pull_ones)(at))

    return differentiate


@pytest.fixture
def default_sigint():
    """Restore Ctrl-C, which a program that was started in the background ignores."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)
