"""The array libraries that train: what an adapter must do, and what eager libraries share.

The names of `__init__.pyi` are loaded on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
