"""PyTorch as a backend, with its autograd."""

from __future__ import annotations

from tpo import BackendInfo, hookimpl

INFO = BackendInfo(
    name="torch",
    load="tpo_torch.backend:TorchBackend",
    summary="PyTorch, eager; autograd",
    requires=("torch",),
    hint='pip install "tpo[torch]"',
    array_modules=("torch",),
    differentiates=True,
    integration="tpo_torch.integration:integrate",
    alongside={"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
)


@hookimpl
def tpo_backends() -> tuple[BackendInfo, ...]:
    """Register the PyTorch backend."""
    return (INFO,)
