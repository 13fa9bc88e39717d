"""MLX as a backend, without training."""

from __future__ import annotations

from tpo import BackendInfo, hookimpl

INFO = BackendInfo(
    name="mlx",
    load="tpo_mlx.backend:MlxBackend",
    summary="MLX, float32; does not train here",
    requires=("mlx",),
    hint='pip install "tpo[mlx]"',
    array_modules=("mlx",),
)


@hookimpl
def tpo_backends() -> tuple[BackendInfo, ...]:
    """Register the MLX backend."""
    return (INFO,)
