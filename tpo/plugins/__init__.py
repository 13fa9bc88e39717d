"""Plug-ins: what they can offer, and finding and loading them by name.

The names of `__init__.pyi` are loaded on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
