"""HIPS autograd as a backend of tpo."""

from __future__ import annotations

from tpo import BackendInfo, hookimpl

INFO = BackendInfo(
    name="autograd",
    load="tpo_autograd.backend:AutogradBackend",
    summary="NumPy, differentiated by HIPS autograd",
    requires=("autograd",),
    hint="pip install autograd",
    array_modules=("autograd",),
    differentiates=True,
)


@hookimpl
def tpo_backends() -> tuple[BackendInfo, ...]:
    """Register the HIPS autograd backend."""
    return (INFO,)
