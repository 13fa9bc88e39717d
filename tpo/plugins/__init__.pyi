# The public names and the modules that define them. `__init__.py` loads them lazily from this list.

from .hookspecs import AlgorithmInfo as AlgorithmInfo
from .hookspecs import BackendInfo as BackendInfo
from .hookspecs import LauncherInfo as LauncherInfo
from .hookspecs import ProblemsInfo as ProblemsInfo
from .hookspecs import TaskInfo as TaskInfo
from .hookspecs import TrackerInfo as TrackerInfo
from .hookspecs import hookimpl as hookimpl
from .host import PluginHost as PluginHost
from .registry import algorithm as algorithm
from .registry import backend as backend
from .registry import check_installed as check_installed
from .registry import host as host
from .registry import load as load
from .registry import missing as missing
from .registry import owner_of as owner_of
from .registry import problems as problems
from .registry import task as task
