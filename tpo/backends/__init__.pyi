# The public names and the modules that define them. `__init__.py` loads them lazily from this list.

from .eager import EagerOps as EagerOps
from .protocols import Autodiff as Autodiff
from .protocols import Backend as Backend
from .protocols import Optimizer as Optimizer
from .protocols import Parameters as Parameters
from .protocols import Runner as Runner
