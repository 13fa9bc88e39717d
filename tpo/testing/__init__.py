"""The conformance kit: what a backend, an algorithm or a task must do, as tests to inherit, and what they are made of.

The suites need `pip install "tpo[testing]"`. Each name is loaded on first use; `import tpo` imports nothing of this.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
