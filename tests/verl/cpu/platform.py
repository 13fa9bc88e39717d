"""A platform for verl without accelerators, in the registry that verl keeps for them."""

import contextlib
import types

import torch
from verl.plugin.platform.platform_base import PlatformBase
from verl.plugin.platform.platform_manager import PlatformRegistry

NAME = "cpu"


def _nothing(*_, **__):
    return None


def _zero(*_, **__):
    return 0


def _device_module():
    """What verl calls of `torch.cuda`, for the CPU."""
    module = types.ModuleType("tests_verl_cpu_device")
    for name in ("set_device", "synchronize", "empty_cache", "ipc_collect", "reset_peak_memory_stats"):
        setattr(module, name, _nothing)
    for name in ("memory_allocated", "memory_reserved", "max_memory_allocated", "max_memory_reserved", "device_count"):
        setattr(module, name, _zero)
    module.is_available = lambda: False
    module.current_device = lambda: torch.device("cpu")
    module.mem_get_info = lambda *_: (0, 0)
    module.get_device_name = lambda *_: "CPU"
    module.get_rng_state = lambda *_: torch.get_rng_state()
    module.set_rng_state = lambda state, *_: torch.set_rng_state(state)
    module.manual_seed = module.manual_seed_all = torch.manual_seed
    return module


class CPU(PlatformBase):
    """Chosen by `VERL_PLATFORM=cpu` only."""

    module = _device_module()
    device_name = property(lambda _: NAME)
    vendor_name = property(lambda _: NAME)
    device_module = property(lambda self: self.module)

    def is_available(self):
        return True

    def is_platform_available(self, use_smi_check=False):  # noqa: FBT002 - verl's signature
        return False

    def current_device(self):
        return torch.device(NAME)

    def device_count(self):
        return 1

    def manual_seed(self, seed):
        torch.manual_seed(seed)

    def manual_seed_all(self, seed):
        torch.manual_seed(seed)

    def get_device_capability(self, device_index=0):
        return (None, None)

    def communication_backend_name(self):
        return "gloo"

    def visible_devices_envvar(self):
        return "CPU_VISIBLE_DEVICES"

    @contextlib.contextmanager
    def nvtx_range(self, msg):
        yield

    def ray_resource_name(self):
        # Ray counts logical GPUs for workers.
        return "GPU"

    def ray_noset_envvars(self):
        return []

    def ray_resource_options(self, num_gpus):
        return {"num_gpus": num_gpus}

    def is_ipc_supported(self):
        return False

    def cudart(self):
        return None

    set_device = synchronize = set_allocator_settings = empty_cache = profiler_start = profiler_stop = _nothing


def register():
    """Add the platform to verl's registry."""
    PlatformRegistry.register(platform=NAME)(CPU)
