"""One process group for CPU tensors."""

import torch.distributed as dist


def accept_one_backend_twice():
    """Let verl's `cpu:gloo,<device>:<backend>` work where the device is the CPU, so that gloo is named twice."""
    original = dist.init_process_group

    def init_process_group(backend=None, *arguments, **options):
        return original("gloo" if backend == "cpu:gloo,cpu:gloo" else backend, *arguments, **options)

    dist.init_process_group = init_process_group
    dist.distributed_c10d.init_process_group = init_process_group
