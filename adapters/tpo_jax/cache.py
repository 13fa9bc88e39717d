"""Compiled programs are kept in the user's cache folder, so that the same work starts faster the next time."""

from __future__ import annotations

import functools
from typing import Any

import jax
import platformdirs

WORTH_KEEPING = 0.3
"""Seconds that a program takes to compile."""


@functools.cache
def keep_compiled_programs() -> None:
    """Switch JAX's persistent compilation cache on, unless the user has chosen a folder for it.

    JAX's own settings decide: `JAX_COMPILATION_CACHE_DIR` names another folder, and
    `JAX_ENABLE_COMPILATION_CACHE=false` switches it off.
    """
    config: Any = jax.config
    if config.jax_compilation_cache_dir is not None:
        return
    folder = platformdirs.user_cache_path("tpo") / "jax"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        # Nowhere to keep them: everything works as before.
        return
    config.update("jax_compilation_cache_dir", str(folder))
    config.update("jax_persistent_cache_min_compile_time_secs", WORTH_KEEPING)
