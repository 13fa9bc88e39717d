"""Target Policy Optimization: train a policy on groups of scored candidates, on any array library.

The public names are listed in `__init__.pyi`; each is loaded on first use, so `import tpo` is instant.
"""

import lazy_loader

from tpo import moved

__version__ = "0.1.0"

_public, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = moved.with_old_names(_public)
moved.install()
