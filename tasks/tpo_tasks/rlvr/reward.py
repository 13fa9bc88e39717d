"""The reward function of all problems in this package, in the form that verl calls.

In verl: `reward.custom_reward_function.path=pkg://tpo_tasks.rlvr.reward` and `name=score`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo import DataError, unknown_name
from tpo_tasks.rlvr import countdown, graph_coloring, gsm8k, knights_knaves, word_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCORERS: Mapping[str, Callable[[str, str], float]] = {
    module.SOURCE: module.score for module in (gsm8k, graph_coloring, knights_knaves, countdown, word_problems)
}
"""The scorers, functions of a completion and a ground truth, by data source."""


def score(data_source: Any, solution_str: Any, ground_truth: Any, extra_info: Any = None, **unused: Any) -> float:
    """Score a completion from 0 to 1.

    Whatever a completion is, it raises no error: what is no text scores 0. So does any completion whose ground truth is
    broken; `tpo data` refuses to write such a problem.

    Args:
        data_source: Names the scorer, such as `tpo/gsm8k`.
        solution_str: The completion.
        ground_truth: From the same row as the prompt.
        extra_info: Not used.
        **unused: Further arguments that a trainer passes.

    Raises:
        UnknownNameError: No scorer has that name: a mistake in the configuration, which would score everything 0.
        NotInstalledError: The scorer needs reasoning-gym, which is missing.
    """
    del extra_info, unused
    name = str(data_source)
    if name not in SCORERS:
        raise unknown_name("data source", name, SCORERS)
    if not isinstance(solution_str, str) or not isinstance(ground_truth, str):
        return 0.0
    try:
        return SCORERS[name](solution_str, ground_truth)
    except DataError:
        return 0.0
