"""Running two processes that train together."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).parents[2]


def train_on_two(folder, name, case):
    """Train a case on two processes; what each found."""
    label = name.replace(" ", "-").replace(",", "").replace("'", "")
    (folder / f"{label}.json").write_text(json.dumps(case))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = os.environ | {
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "ACCELERATE_USE_CPU": "true",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.trl.training", str(folder), label]
    logs = [(folder / f"{label}-{rank}.log").open("w") for rank in range(2)]
    processes = [
        subprocess.Popen(command, env=common | {"RANK": str(rank), "LOCAL_RANK": str(rank)}, stdout=log, stderr=log)
        for rank, log in enumerate(logs)
    ]
    for process, log in zip(processes, logs, strict=True):
        assert process.wait(timeout=300) == 0, Path(log.name).read_text()[-3000:]
        log.close()
    return [torch.load(folder / f"{label}-{rank}.pt", weights_only=False) for rank in range(2)]
