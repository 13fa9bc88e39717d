"""NumPy as a backend, without gradients."""

from __future__ import annotations

from tpo import BackendInfo, hookimpl

INFO = BackendInfo(
    name="numpy",
    load="tpo_numpy.backend:NumpyBackend",
    summary="NumPy, no gradients",
    requires=("numpy",),
    hint="pip install numpy",
    array_modules=("numpy",),
)


@hookimpl
def tpo_backends() -> tuple[BackendInfo, ...]:
    """Register the NumPy backend."""
    return (INFO,)
