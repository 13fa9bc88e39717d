"""The adapter for tunix, a trainer of language models in JAX: exact Target Policy Optimization by a configuration.

tunix is imported when one of the public names is first used.
"""

from __future__ import annotations

import lazy_loader

from tpo import CheckInfo, hookimpl

# `__dir__` stays the usual one: the hooks are found by it.
__getattr__, _, __all__ = lazy_loader.attach(__name__, submod_attrs={"config": ["TargetPOConfig"]})


@hookimpl
def tpo_checks() -> tuple[CheckInfo, ...]:
    """Register the check of the installation."""
    summary = "whether the installed tunix is one that this adapter was tested with"
    hint = 'pip install "tpo[tunix]"'
    return (CheckInfo(name="tunix", load="tpo_tunix.check:check", summary=summary, requires=("tunix",), hint=hint),)
