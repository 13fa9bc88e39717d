"""How a policy is trained: a task, an arm, a backend, step by step.

The names of `__init__.pyi` are loaded on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
