# The public names of `tpo.testing` and the modules that define them. `__init__.py` loads them lazily from this list.

from . import strategies as strategies
from .checking.check import check_loss as check_loss
from .suites.algorithm_suite import AlgorithmSuite as AlgorithmSuite
from .suites.autodiff_suite import AutodiffSuite as AutodiffSuite
from .suites.backend_suite import BackendSuite as BackendSuite
from .suites.task_suite import TaskSuite as TaskSuite
