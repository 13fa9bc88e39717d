# The public names of `tpo.testing`, and where each lives. `__init__.py` loads them lazily from this list.

from . import strategies as strategies
from .algorithm_suite import AlgorithmSuite as AlgorithmSuite
from .autodiff_suite import AutodiffSuite as AutodiffSuite
from .backend_suite import BackendSuite as BackendSuite
from .check import check_loss as check_loss
from .task_suite import TaskSuite as TaskSuite
