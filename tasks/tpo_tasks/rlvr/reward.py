"""The reward function of all problems in this package, in the form that verl calls.

In verl: `reward.custom_reward_function.path=pkg://tpo_tasks.rlvr.reward` and `name=score`.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from numbers import Real
from typing import TYPE_CHECKING, Any

from tpo import DataError, unknown_name
from tpo_tasks.rlvr import countdown, exact_match, graph_coloring, gsm8k, knights_knaves, reasoning, word_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCORERS: Mapping[str, Callable[[str, str], float]] = {
    module.SOURCE: module.score
    for module in (gsm8k, graph_coloring, knights_knaves, countdown, exact_match, word_problems)
}
"""The scorers, functions of a completion and a ground truth, by data source."""

FAMILIES: Mapping[str, Callable[[str, str, str], float]] = {reasoning.SOURCE: reasoning.score}
"""Scorers of several data sets, functions of the name of one, a completion and a ground truth.

The name follows after the data source: `tpo/reasoning-gym/chain_sum`.
"""


def score(
    data_source: Any,
    solution_str: Any,
    ground_truth: Any,
    extra_info: Any = None,
    scorer: str | None = None,
    **unused: Any,
) -> float:
    """Score a completion from 0 to 1.

    Whatever a completion is, it raises no error: what is no text scores 0. So does any completion whose ground truth is
    broken; `tpo data` refuses to write such a problem.

    Args:
        data_source: Names the scorer, such as `tpo/gsm8k`.
        solution_str: The completion.
        ground_truth: From the same row as the prompt: a text, or a number, which is read as its text.
        extra_info: Not used.
        scorer: The name of the scorer, for rows of other data sources, such as `tpo/exact-match`.
        **unused: Further arguments that a trainer passes.

    Raises:
        InvalidArgumentError: The data set of reasoning-gym that the data source names cannot be scored.
        NotInstalledError: The scorer needs reasoning-gym, which is missing.
        UnknownNameError: No scorer has that name: a mistake in the configuration, which would score everything 0.

    Example:
        `score("my/sums", "So it is 1,000.", "1000", scorer="tpo/exact-match")` is 1.0.
    """
    del extra_info, unused
    scored = find_scorer(str(scorer or data_source))
    ground_truth = _as_text(ground_truth)
    if not isinstance(solution_str, str) or not isinstance(ground_truth, str):
        return 0.0
    try:
        return scored(solution_str, ground_truth)
    except DataError:
        return 0.0


def _as_text(ground_truth: Any) -> Any:
    """A number as its text, also one in an array without axes; anything else unchanged."""
    if getattr(ground_truth, "shape", None) == ():
        ground_truth = ground_truth.item()
    is_number = isinstance(ground_truth, (Real, Decimal)) and not isinstance(ground_truth, bool)
    return str(ground_truth) if is_number else ground_truth


def find_scorer(name: str) -> Callable[[str, str], float]:
    """Find the scorer of a data source, a function of a completion and a ground truth.

    Raises:
        UnknownNameError: There is none.
    """
    family, _, variant = name.rpartition("/")
    if family in FAMILIES:
        return partial(FAMILIES[family], variant)
    if name not in SCORERS:
        raise unknown_name("data source", name, [*SCORERS, *FAMILIES])
    return SCORERS[name]
