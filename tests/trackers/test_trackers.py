"""Each tracker with its real library: a run is started, interrupted, resumed and read back."""

from __future__ import annotations

import json
import struct

import pytest

from tpo.plugins import registry

CONFIG = {
    "task": "token-reversal",
    "options": {"length": 2},
    "seeds": [0, 1],
    "device": None,
    "group": "table1-smoke-jax",
    "id": "0123456789ab",
}
OTHER = CONFIG | {"id": "ba9876543210"}
NAME = "V=2: TPO, seeds 0 to 1"
ERRORS = {NAME: [1.0, 0.5, 0.25, 0.125], "V=2: DG, seeds 0 to 1": [1.0, 0.75]}
STEPS = {name: list(enumerate(errors)) for name, errors in ERRORS.items()}


@pytest.fixture
def run(tmp_path):
    """A function that reports two runs to a tracker, both open at once; the first is taken up again for two steps."""

    def report(name):
        create = registry.load("tracker", registry.host().trackers()[name])
        first, second = create(folder=tmp_path), create(folder=tmp_path)
        for (label, errors), tracker, config in zip(ERRORS.items(), (first, second), (CONFIG, OTHER), strict=True):
            tracker.start(label, config)
            for step, error in enumerate(errors[:2]):
                tracker.log(step, {"error": error, "loss": 2 * error})
        first.finish()
        second.finish()
        again = create(folder=tmp_path)
        again.start(NAME, CONFIG)
        for step in (2, 3):
            again.log(step, {"error": ERRORS[NAME][step], "loss": 2 * ERRORS[NAME][step]})
        again.finish()

    return report


def test_tensorboard(run, tmp_path):
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    run("tensorboard")
    read = EventMultiplexer().AddRunsFromDirectory(str(tmp_path / "tensorboard")).Reload()
    found = {}
    for folder in read.Runs():
        points = [(event.step, float(event.tensor_proto.float_val[0])) for event in read.Tensors(folder, "error")]
        found[folder] = points
    expected = {
        f"V=2 TPO, seeds 0 to 1 {CONFIG['id']}": STEPS[NAME],
        f"V=2 DG, seeds 0 to 1 {OTHER['id']}": STEPS["V=2: DG, seeds 0 to 1"],
    }
    assert found == expected


WANDB_HEADER, WANDB_BLOCK = 7, 32768


def records(content):
    """The records of a file of wandb, which is a log of LevelDB: checksum, length and kind before each piece."""
    at, pieces = WANDB_HEADER, []
    while at + 7 <= len(content):
        if WANDB_BLOCK - at % WANDB_BLOCK < 7:
            at += WANDB_BLOCK - at % WANDB_BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", content, at)
        pieces.append(content[at + 7 : at + 7 + length])
        at += 7 + length
        if kind in {1, 4}:  # a whole record, or its last piece
            yield b"".join(pieces)
            pieces = []


def test_wandb_offline(run, tmp_path, monkeypatch):
    import wandb
    from wandb.proto import wandb_internal_pb2

    monkeypatch.setenv("WANDB_MODE", "offline")
    run("wandb")
    wandb.teardown()  # its service writes files to their ends after `finish` has returned
    found, names = {}, set()
    for file in sorted((tmp_path / "wandb").glob("offline-run-*/*.wandb")):
        for data in records(file.read_bytes()):
            record = wandb_internal_pb2.Record.FromString(data)
            if record.WhichOneof("record_type") == "run":
                names.add((record.run.run_id, record.run.display_name, record.run.run_group, record.run.project))
            if record.WhichOneof("record_type") == "history":
                row = {item.key or item.nested_key[0]: json.loads(item.value_json) for item in record.history.item}
                found.setdefault(file.stem, []).append((row["_step"], row["error"]))
    assert names == {
        (config["id"], label, "table1-smoke-jax", "tpo") for label, config in zip(ERRORS, (CONFIG, OTHER), strict=True)
    }
    assert found == {
        f"run-{CONFIG['id']}": STEPS[NAME],
        f"run-{OTHER['id']}": STEPS["V=2: DG, seeds 0 to 1"],
    }


def test_trackio(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    import trackio
    from trackio.sqlite_storage import SQLiteStorage

    run("trackio")
    runs = list(trackio.Api().runs("tpo"))
    logs = {one.name: SQLiteStorage.get_logs("tpo", one.name) for one in runs}
    assert {name: [(log["step"], log["error"]) for log in rows] for name, rows in logs.items()} == {
        f"table1-smoke-jax: {label} ({config['id']})": STEPS[label]
        for label, config in zip(ERRORS, (CONFIG, OTHER), strict=True)
    }
    assert {one.config["task"] for one in runs} == {"token-reversal"}


def test_mlflow(run, tmp_path, monkeypatch):
    import mlflow

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    run("mlflow")
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("tpo").experiment_id])
    assert {found.info.run_name for found in runs} == set(ERRORS)
    for found in runs:
        history = client.get_metric_history(found.info.run_id, "error")
        assert [(point.step, point.value) for point in history] == STEPS[found.info.run_name]
        assert found.info.status == "FINISHED"
        assert found.data.params["task"] == "token-reversal"
        assert found.data.tags["group"] == "table1-smoke-jax"
