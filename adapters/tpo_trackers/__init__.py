"""The built-in trackers, registered through the plug-in hook; their libraries are imported on first use."""

from __future__ import annotations

from tpo import TrackerInfo, hookimpl

TRACKERS = (
    TrackerInfo(
        name="jsonl",
        load="tpo_trackers.log:Log",
        summary="events.jsonl in the output folder, always on",
    ),
    TrackerInfo(
        name="mlflow",
        load="tpo_trackers.mlflow:Mlflow",
        summary="MLFLOW_TRACKING_URI, or mlflow.db in the output folder",
        requires=("mlflow",),
        hint='pip install "tpo[mlflow]"',
    ),
    TrackerInfo(
        name="tensorboard",
        load="tpo_trackers.tensorboard:TensorBoard",
        summary="event files in the output folder: tensorboard --logdir DIR",
        requires=("tensorboard",),
        hint='pip install "tpo[tensorboard]"',
    ),
    TrackerInfo(
        name="trackio",
        load="tpo_trackers.trackio:Trackio",
        summary="the local database of trackio, or the space it is set to",
        requires=("trackio",),
        hint='pip install "tpo[trackio]"',
    ),
    TrackerInfo(
        name="wandb",
        load="tpo_trackers.wandb:Wandb",
        summary="Weights & Biases; WANDB_MODE=offline keeps it in the output folder",
        requires=("wandb",),
        hint='pip install "tpo[wandb]"',
    ),
)


@hookimpl
def tpo_trackers() -> tuple[TrackerInfo, ...]:
    """Register the trackers in this package."""
    return TRACKERS
