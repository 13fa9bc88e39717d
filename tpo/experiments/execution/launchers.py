"""Opening a launcher by its name, and running many cells with it, several at a time."""

from __future__ import annotations

import inspect
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from tpo.errors import TPOError
from tpo.experiments.execution.messages import Ended, News, ignore
from tpo.plugins import registry
from tpo.plugins.checks import said
from tpo.plugins.contracts import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tpo.experiments.execution.messages import Launcher
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore

HERE = "processes"
"""Name of the default launcher."""

REMEDY = "Choose another one, or fix its plug-in."

METHODS = ("jobs", "running", "start", "hear", "stop", "kill")
"""What a `Launcher` has."""

TRIES = 3
"""Attempts to run a cell whose worker is lost; each attempt resumes from the last checkpoint."""


def launching(name: str, *, address: str | None = None, jobs: int | None = None) -> AbstractContextManager[Launcher]:
    """Open the launcher called `name`; everything that it started has ended when the scope is left.

    Args:
        name: The registered name.
        address: The cluster to connect to, for launchers that connect to one.
        jobs: The number of cells that run at once; the number of cores if `None`.

    Raises:
        UnknownNameError: No launcher has that name.
        NotInstalledError: A library that it needs is missing.
        InvalidArgumentError: It takes no address.
        PluginError: It is no launcher.
    """
    host = registry.host()
    info = host.find("launcher", host.launchers(), name)
    create = registry.load("launcher", info)
    contract = Contract("launcher", name, "give a scope for an address and a number of jobs", REMEDY)
    with contract.calling():
        scope: Any = create(address, jobs)
    if not isinstance(scope, AbstractContextManager):
        raise contract.refusal(said(scope))
    return _opened(scope, name)


@contextmanager
def _opened(scope: AbstractContextManager[Any], name: str) -> Iterator[Launcher]:
    """Enter the scope of the launcher called `name`, and check what it gives.

    Raises:
        PluginError: It cannot be entered, or gives no launcher.
    """
    contract = Contract("launcher", name, f"give an object with {', '.join(METHODS)}", REMEDY)
    with ExitStack() as stack:
        with contract.calling():
            launcher = stack.enter_context(scope)
            # Looked up without calling properties: a cluster is only connected to when it is needed.
            found = [inspect.getattr_static(launcher, method, None) for method in METHODS]
        if None in found:
            raise contract.refusal(said(launcher))
        running = Contract("launcher", name, "start cells and report on them", REMEDY)
        yield cast("Launcher", _Called(launcher, running))


class _Called:
    """A launcher whose code is called under a contract."""

    def __init__(self, launcher: object, contract: Contract) -> None:
        self._launcher, self._contract = launcher, contract

    def __getattr__(self, name: str) -> Any:
        with self._contract.calling():
            found = getattr(self._launcher, name)
        return partial(self._call, found) if callable(found) else found

    def _call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        with self._contract.calling():
            return method(*arguments)


def run_all(
    cells: Sequence[Cell],
    library: CellStore,
    launcher: Launcher,
    on_news: Callable[[News], None],
    *,
    on_stop: Callable[[], None] = ignore,
) -> bool:
    """Run `cells`, as many at a time as the launcher has jobs, and write their results to `library`.

    Args:
        cells: Cells without results.
        library: The store, locked by the caller.
        launcher: A launcher that runs nothing else.
        on_news: Called in this process with every message.
        on_stop: Called after a Ctrl-C, before waiting for the running cells.

    Returns:
        Whether all were finished. After a Ctrl-C they are not: each finishes its step and leaves a checkpoint, which a
        second Ctrl-C does not wait for.

    Raises:
        TPOError: A cell cannot be run.
    """
    waiting, ended = list(cells), list[Ended]()
    try:
        while waiting or launcher.running:
            while waiting and launcher.running < launcher.jobs:
                launcher.start(waiting.pop(0), library)
            for end in _hear(launcher, on_news):
                if library.path(end.cell).exists():
                    on_news(News(end.cell.digest, end.cell.steps, done=True))
                    continue
                ended.append(end)
                _check_tries(end, ended)
                waiting.insert(0, end.cell)
    except KeyboardInterrupt:
        on_stop()
        launcher.stop()
        while launcher.running:
            _hear(launcher, ignore)
        return False
    finally:
        launcher.kill()
    lost = library.missing(cells)
    if lost:
        message = f"a launcher must say how each cell has ended; got {len(lost)} without a result, of {len(cells)}."
        raise TPOError(f"{message} Choose another one, or fix its plug-in.")
    return True


def _hear(launcher: Launcher, on_news: Callable[[News], None]) -> list[Ended]:
    """Wait for messages, pass them on, and return the cells that have ended."""
    heard = launcher.hear()
    for news in heard:
        if isinstance(news, News):
            if news.failure is not None:
                raise TPOError(news.failure)
            on_news(news)
    return [end for end in heard if isinstance(end, Ended)]


def _check_tries(end: Ended, ended: Sequence[Ended]) -> None:
    tries = sum(other.cell.digest == end.cell.digest for other in ended)
    if tries >= TRIES:
        what = f"{end.cell.arm.algorithm} on {end.cell.task}"
        message = f"a worker must live until its cell has a result; that of {what} ended {tries} times ({end.how})."
        raise TPOError(f"{message} The machine may lack memory: use --jobs 1, or fewer seeds or contexts at once.")
