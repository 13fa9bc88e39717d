"""JAX as a backend, with optimizers from optax."""

from __future__ import annotations

from tpo import BackendInfo, hookimpl

INFO = BackendInfo(
    name="jax",
    load="tpo_jax.backend:JaxBackend",
    summary="JAX, compiled; optimizers from optax",
    requires=("jax", "optax", "platformdirs"),
    hint='pip install "tpo[jax]"',
    array_modules=("jax", "jaxlib"),
    differentiates=True,
    integration="tpo_jax.integration:integrate",
    alongside={"NPROC": "1", "PJRT_NPROC": "1", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"},
)


@hookimpl
def tpo_backends() -> tuple[BackendInfo, ...]:
    """Register the JAX backend."""
    return (INFO,)
