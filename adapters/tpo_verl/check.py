"""The check of an installation, for `tpo check verl`.

verl hides errors of plug-ins: a user would only see "Unsupported loss mode". So each process is asked what it sees.
"""

from __future__ import annotations

import importlib
import os
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from tpo import Finding
from tpo_llm.versions import installed, versions
from tpo_verl.names import ESTIMATOR, LOSS_MODE, TRAINER

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTED = {
    "verl": "0.9.1",
    "torch": "2.13.0",
    "transformers": "5.10.4",
    "ray": "2.60.0",
    "tensordict": "0.10.0",
    "TransferQueue": "0.1.11",
}
"""Versions that the adapter was tested with."""

TRL_THAT_BREAKS = Version("1.13")
"""From this version on, TRL lacks a module that verl imports when it makes a model."""

GROUP = "verl.plugins"
"""The group of entry points in which verl looks for plug-ins."""

PLUGINS_VARIABLE = "VERL_USE_EXTERNAL_PLUGINS"
"""The environment variable that names the plug-ins which verl loads; `auto`, the default, stands for all."""

PATIENCE = 180
"""Timeout for a worker, which imports verl, in seconds."""

REINSTALL = 'Install both into one environment: pip install "tpo[verl]", with the versions above.'


def check() -> Iterator[Finding]:
    """Look at versions, the entry point, and what verl has registered here and in a Ray worker."""
    yield from versions(TESTED)
    yield from _conflicts()
    yield _entry_point()
    failure = seen()
    yield Finding("this process", not failure, failure or "verl has the loss, the estimator and the trainer", REINSTALL)
    yield _in_worker()


def _conflicts() -> Iterator[Finding]:
    trl = installed("trl")
    if trl is not None:
        breaks = Version(trl) >= TRL_THAT_BREAKS
        detail = f"{trl}: verl imports trl.experimental.ppo, which is gone, and fails when a model is made"
        remedy = "pip uninstall trl, or install one before 1.13."
        yield Finding("trl", not breaks, detail if breaks else trl, remedy)


def _entry_point() -> Finding:
    subject = f"entry point {GROUP}"
    if not any(found.value == "tpo_verl.plugin" for found in entry_points(group=GROUP)):
        return Finding(subject, ok=False, detail="tpo is not there", remedy=REINSTALL)
    loaded = os.environ.get(PLUGINS_VARIABLE, "auto").strip()
    allowed = loaded.lower() == "auto" or "tpo" in [name.strip() for name in loaded.split(",")]
    detail = "tpo_verl.plugin" if allowed else f"left out by {PLUGINS_VARIABLE}={loaded}"
    return Finding(subject, allowed, detail, f"Unset {PLUGINS_VARIABLE}, or add tpo to it.")


def seen() -> str:
    """Describe which of this adapter's objects verl lacks in this process, with the reason; empty if none."""
    try:
        importlib.import_module("verl")
        algorithms = importlib.import_module("verl.trainer.ppo.core_algos")
        trainers = importlib.import_module("verl.trainer.ppo.v1.trainer_base").TRAINER_REGISTRY
    except Exception as error:  # noqa: BLE001 - whatever stands in the way is the finding
        return f"{type(error).__name__}: {error}"
    registries = {
        "policy loss": (algorithms.POLICY_LOSS_REGISTRY, LOSS_MODE),
        "advantage estimator": (algorithms.ADV_ESTIMATOR_REGISTRY, ESTIMATOR),
        "trainer": (trainers, TRAINER),
    }
    missing = [
        f"{kind} {name!r}"
        for kind, (registry, name) in registries.items()
        if not getattr(registry.get(name), "__module__", "").startswith("tpo_verl.")
    ]
    return f"verl lacks this adapter's {', '.join(missing)}: {_reason()}" if missing else ""


def _reason() -> str:
    """Why verl has not loaded the plug-in, found by loading it again."""
    entry = _entry_point()
    if not entry.ok:
        return f"{entry.subject}: {entry.detail}"
    try:
        importlib.reload(importlib.import_module("tpo_verl.plugin"))
    except Exception as error:  # noqa: BLE001 - whatever stands in the way is the finding
        return f"{type(error).__name__}: {error}"
    return "verl did not load it; it loads now"


def _in_worker() -> Finding:
    subject = "a Ray worker"
    try:
        import ray  # noqa: PLC0415 - it may be what is missing

        running = ray.is_initialized()
        if not running:
            _connect(ray)
        try:
            failure = ray.get(ray.remote(num_cpus=1)(seen).remote(), timeout=PATIENCE)
        finally:
            if not running:
                ray.shutdown()
    except Exception as error:  # noqa: BLE001 - whatever stands in the way is the finding
        failure = f"{type(error).__name__}: {error}"
    remedy = "Install tpo on every machine of the cluster, in the environment that Ray's workers use."
    return Finding(subject, not failure, failure or "sees the same", remedy)


def _connect(ray: Any) -> None:
    """Connect to the cluster that runs, or start a Ray of one CPU."""
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        ray.init(address="auto", **quiet)
    except ConnectionError:
        ray.init(num_cpus=1, include_dashboard=False, **quiet)
