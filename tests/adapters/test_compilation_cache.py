"""JAX's compiled programs are cached for the next process."""

import json
import os
import subprocess
import sys

PROGRAM = """
import json, sys
import jax
from jax import monitoring

events = []
monitoring.register_event_listener(lambda event, **_: events.append(event))
from tpo import plugins
from tpo_jax import cache

cache.LEAST_COMPILE_SECONDS = 0
backend = plugins.backend("jax")
# Something is compiled before the trainer is.
jax.jit(lambda x: x + 1)(backend.asarray([1.0]))
value = backend.compile(lambda x: (x * 3).sum())(backend.asarray([1.0, 2.0]))
hits = [event for event in events if event.endswith("compilation_cache/cache_hits")]
json.dump({"value": float(value), "hits": len(hits), "folder": jax.config.jax_compilation_cache_dir}, sys.stdout)
"""


def start(folder, **variables):
    """Run a fresh process with its caches in `folder`; return its output."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    homes = {"XDG_CACHE_HOME": str(folder), "HOME": str(folder), "LOCALAPPDATA": str(folder)}
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=inherited | homes | variables, check=True, capture_output=True, text=True
    )
    assert process.stderr == ""
    return json.loads(process.stdout)


def test_a_second_start_finds_what_the_first_compiled(tmp_path):
    first, second = start(tmp_path), start(tmp_path)
    assert (first["value"], first["hits"]) == (9.0, 0)
    assert second["value"] == 9
    assert second["hits"] > 0
    assert first["folder"].startswith(str(tmp_path))


def test_a_folder_that_the_user_chose_is_used(tmp_path):
    chosen = tmp_path / "chosen"
    assert start(tmp_path, JAX_COMPILATION_CACHE_DIR=str(chosen))["folder"] == str(chosen)


def test_it_can_be_switched_off(tmp_path):
    assert [start(tmp_path, JAX_ENABLE_COMPILATION_CACHE="false")["hits"] for _ in range(2)] == [0, 0]


def test_where_nothing_can_be_kept_everything_works(tmp_path):
    (tmp_path / "tpo").write_text("a file where the folder would be")
    found = start(tmp_path)
    assert (found["value"], found["hits"], found["folder"]) == (9.0, 0, None)
