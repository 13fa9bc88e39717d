"""The tasks of the paper and the problems for language models, registered through the plug-in hooks."""

from __future__ import annotations

from tpo import ProblemsInfo, TaskInfo, hookimpl
from tpo_tasks.rlvr import INSTALL

TASKS = (
    TaskInfo(
        name="single-context-bandit",
        load="tpo_tasks.bandits:SingleContextBandit",
        summary="find the one arm that pays, from samples; updates in closed form",
        default_backend="numpy",
    ),
    TaskInfo(
        name="multi-context-bandit",
        load="tpo_tasks.bandits:MultiContextBandit",
        summary="many contexts share one update of fixed length; exact updates in closed form",
        default_backend="numpy",
    ),
    TaskInfo(
        name="mnist",
        load="tpo_tasks.mnist:ImageBandit",
        summary="classify images by a single guess, told whether it was right",
        default_backend="torch",
    ),
    TaskInfo(
        name="token-reversal",
        load="tpo_tasks.sequences:TokenReversal",
        summary="a transformer copies, flips or reverses a prompt",
        default_backend="jax",
    ),
    TaskInfo(
        name="rlvr-words",
        load="tpo_tasks.words.task:WordProblemTask",
        summary="a small language model solves word problems, and is rewarded for right answers",
        default_backend="torch",
    ),
    TaskInfo(
        name="cart-pole",
        load="tpo_tasks.episodes.cart_pole:CartPole",
        summary="balance a pole on a cart; K attempts from each start",
        default_backend="jax",
    ),
    TaskInfo(
        name="knapsack",
        load="tpo_tasks.episodes.knapsack:Knapsack",
        summary="pack items one by one; K packings of each problem",
        default_backend="jax",
    ),
)

PROBLEMS = (
    ProblemsInfo(
        name="gsm8k",
        load="tpo_tasks.rlvr.gsm8k:GSM8K",
        summary="word problems of grade-school mathematics",
        requires=("pyarrow",),
        hint=INSTALL,
    ),
    ProblemsInfo(
        name="graph-coloring",
        load="tpo_tasks.rlvr.graph_coloring:GraphColoring",
        summary="color a graph; generated",
        requires=("pyarrow", "reasoning_gym"),
        hint=INSTALL,
    ),
    ProblemsInfo(
        name="knights-knaves",
        load="tpo_tasks.rlvr.knights_knaves:KnightsKnaves",
        summary="find who lies; generated",
        requires=("pyarrow", "reasoning_gym"),
        hint=INSTALL,
    ),
    ProblemsInfo(
        name="countdown",
        load="tpo_tasks.rlvr.countdown:Countdown",
        summary="reach a target with some numbers; generated",
        requires=("pyarrow",),
        hint=INSTALL,
    ),
    ProblemsInfo(
        name="reasoning-gym",
        load="tpo_tasks.rlvr.reasoning:ReasoningGym",
        summary="any data set of reasoning-gym, by its name; generated",
        requires=("pyarrow", "reasoning_gym"),
        hint=INSTALL,
    ),
    ProblemsInfo(
        name="word-problems",
        load="tpo_tasks.rlvr.word_problems:WordProblems",
        summary="word problems with a few small numbers; generated",
        requires=("pyarrow",),
        hint=INSTALL,
    ),
)


@hookimpl
def tpo_tasks() -> tuple[TaskInfo, ...]:
    """Register the tasks in this package."""
    return TASKS


@hookimpl
def tpo_problems() -> tuple[ProblemsInfo, ...]:
    """Register the problems in this package."""
    return PROBLEMS
