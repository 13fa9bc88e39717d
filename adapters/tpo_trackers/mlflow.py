"""The MLflow tracker: the server or database in MLflow's settings, or else a database in the output folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXPERIMENT = "tpo"
ID = "tpo.id"
DATABASE = "mlflow.db"


class Mlflow:
    """A run in the experiment `tpo`, by a separate client: MLflow's active run is not touched."""

    def __init__(self, folder: Path) -> None:
        """Use a database in `folder`, unless MLflow's settings name another place."""
        self._folder = folder

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Start the run, or resume the one with this id."""
        import mlflow  # noqa: PLC0415 - an extra

        elsewhere = mlflow.is_tracking_uri_set()
        self._client = mlflow.MlflowClient(None if elsewhere else f"sqlite:///{(self._folder / DATABASE).resolve()}")
        experiment = self._experiment()
        found = self._client.search_runs([experiment], f"tags.`{ID}` = '{config['id']}'")
        tags = {ID: config["id"], "group": config["group"]}
        run = found[0] if found else self._client.create_run(experiment, run_name=name, tags=tags)
        self._run = run.info.run_id
        self._client.update_run(self._run, status="RUNNING")
        for key, value in config.items():
            self._client.log_param(self._run, key, value)

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        return str(found.experiment_id if found else self._client.create_experiment(EXPERIMENT))

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Log a point of each metric, all in one call."""
        from mlflow.entities import Metric  # noqa: PLC0415 - an extra

        now = int(1000 * time.time())
        self._client.log_batch(self._run, [Metric(name, value, now, step) for name, value in metrics.items()])

    def finish(self) -> None:
        """End the run."""
        self._client.set_terminated(self._run)
