"""The conformance kit: test suites to inherit for backends, algorithms and tasks, and their building blocks.

The suites need `pip install "tpo[testing]"`. Each name is loaded on first use; `import tpo` does not import the kit.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
