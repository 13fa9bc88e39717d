"""Running a cell on a worker and reporting to the launcher."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tpo.errors import TPOError
from tpo.experiments.execution.failure import describe
from tpo.experiments.execution.messages import News, ignore
from tpo.experiments.execution.run_cell import Interrupted, run_cell
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tpo.experiments.spec.cell import Cell


def work(
    cell: Cell,
    result: Path,
    tell: Callable[[News], None],
    *,
    stop: Callable[[], bool],
    on_file: Callable[[Path], None] = ignore,
) -> None:
    """Run `cell` in this process on one thread, so that its result does not depend on how many cells run.

    Args:
        cell: The cell.
        result: The file for the result.
        tell: Called with every message, including a failure.
        stop: Called after each step; training stops if it returns true.
        on_file: Called with each file, checkpoint or result, once it is written.
    """
    try:
        os.environ.update(registry.host().backends()[cell.backend].alongside)
        run_cell(
            cell,
            result,
            lambda step, metrics: tell(News(cell.digest, step + 1, metrics)),
            stop=stop,
            on_file=on_file,
        )
    except Interrupted:
        pass
    except TPOError as error:
        tell(News(cell.digest, failure=str(error)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's code raises
        tell(News(cell.digest, failure=describe(error, cell)))
