"""What verl needs to run on CPUs, for tests only: a platform, gloo, a rollout server, a tiny model.

verl imports it in every process where `VERL_USE_EXTERNAL_MODULES=tests.verl.cpu` is set.
"""

import os

from tests.verl.cpu import gloo, platform

ENVIRONMENT = {
    "VERL_USE_EXTERNAL_MODULES": "tests.verl.cpu",
    "VERL_PLATFORM": platform.NAME,
    # Engines are registered for CUDA and NPU only.
    "VERL_ENGINE_DEVICE": "cuda",
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DISABLE_DASHBOARD": "1",
}
"""Environment variables of every process."""

platform.register()
gloo.accept_one_backend_twice()
if os.environ.get("TPO_VERL_ROLLOUT") == "hf":
    # Only runs that sample need it: it imports Ray's rollout machinery.
    from tests.verl.cpu import rollout

    rollout.register()
