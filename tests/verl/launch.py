"""Starting ranks of verl's engine for some cases."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.verl.cpu import ENVIRONMENT

ROOT = Path(__file__).parents[2]


def train_cases(cases, model, ranks):
    """Train every case on so many ranks, one after the other; return what came of each, by name."""
    with tempfile.TemporaryDirectory() as name:
        given, results = (Path(name) / file for file in ("cases.json", "results.json"))
        given.write_text(json.dumps(cases))
        command = [
            *(sys.executable, "-m", "torch.distributed.run", f"--nproc_per_node={ranks}"),
            *(f"--master_port={29500 + os.getpid() % 400}", "-m", "tests.verl.engine", str(given), str(results)),
            str(model),
        ]
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": path}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        return json.loads(results.read_text())
