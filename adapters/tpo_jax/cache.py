"""Caching compiled programs in the user's cache folder, so that the same work starts faster the next time."""

from __future__ import annotations

import functools
from typing import Any

import jax
import platformdirs

LEAST_COMPILE_SECONDS = 0.3
"""Compilation time in seconds from which on a program is cached."""


@functools.cache
def keep_compiled_programs() -> None:
    """Enable JAX's persistent compilation cache, unless the user has chosen a folder for it.

    JAX's own settings take precedence: `JAX_COMPILATION_CACHE_DIR` names another folder, and
    `JAX_ENABLE_COMPILATION_CACHE=false` disables the cache.
    """
    config: Any = jax.config
    if config.jax_compilation_cache_dir is not None:
        return
    folder = platformdirs.user_cache_path("tpo") / "jax"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        # No folder can be written: programs are compiled without a cache.
        return
    config.update("jax_compilation_cache_dir", str(folder))
    config.update("jax_persistent_cache_min_compile_time_secs", LEAST_COMPILE_SECONDS)
