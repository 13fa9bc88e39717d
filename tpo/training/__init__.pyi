# The public names and the modules that define them. `__init__.py` loads them lazily from this list.

from . import groupings as groupings
from .trainer import StepResult as StepResult
from .trainer import Training as Training
from .trainer import train as train
