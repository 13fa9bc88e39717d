"""Counting the source files whose functions run during a command or a training step."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from tools.source import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

RUN = """
from tpo.cli import main
sys.argv = ["tpo", "run", "token-reversal", "--backend", "torch", "--algorithms", "tpo,grpo", "--steps", "2",
            "--batch-size", "4", "--seeds", "1", "--output", sys.argv[1]]
start()
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
"""
STEP = """
import tpo
from tpo.training import Training
from tpo.plugins import backend, task
arm = tpo.Arm(algorithm="tpo", grouping="token", learning_rate=1e-3, batch_size=4, group_size=4)
training = Training(task("token-reversal")(vocab_size=2, length=4), arm, backend("torch"), seeds=[0], dtype="float32")
list(training.until(1))
start()
list(training.until(2))
"""
COUNT = """
import sys, threading
roots, entered = {roots}, set()
def importing(frame):
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None
def note(frame, event, argument):
    name = frame.f_code.co_filename
    if event == "call" and name not in entered and name.startswith(roots) and not importing(frame):
        entered.add(name)
def start():
    threading.setprofile(note)
    sys.setprofile(note)
{body}
sys.setprofile(None)
print("\\n" + str(len(entered)))
"""


def entered_files(root: Path, body: str) -> int:
    """Find the source files with a function that is called while `body` runs, in this process and its threads.

    Code that runs because a module is imported does not count.
    """
    roots = tuple(str(root / source) + os.sep for source in SOURCES)
    path = os.pathsep.join(str(root if source == "tpo" else root / source) for source in SOURCES)
    with tempfile.TemporaryDirectory() as folder:
        script = COUNT.format(body=body, roots=roots)
        done = subprocess.run(
            [sys.executable, "-c", script, folder],
            env={**os.environ, "PYTHONPATH": path},
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(done.stderr)
    return int(done.stdout.split()[-1])
