"""No scorer of reasoning-gym runs what a language model writes."""

import ast
import inspect
import textwrap
import time

import pytest
from reasoning_gym.factory import DATASETS

from tpo_tasks.rlvr.harmless import HARMLESS, LONGEST_ANSWER, REFUSED, is_harmless
from tpo_tasks.rlvr.procedural import Procedural
from tpo_tasks.rlvr.reasoning import ReasoningGym, score

RUNS = {"eval", "exec", "parse_expr", "sympify", "Fraction"}
"""Functions that run a text, or take any time for one."""

TRUSTED = {"number_sorting"}
"""Data sets whose scorers call one with the ground truth alone."""


def called_by(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


def test_every_scorer_that_runs_a_text_is_guarded():
    # Expressions of propositional logic have a parser of their own, of the same name.
    found = {name for name, (cls, _) in DATASETS.items() if called_by(cls.score_answer) & RUNS}
    assert found - TRUSTED <= {*HARMLESS, *REFUSED}
    assert {"binary_matrix", "countdown", "n_queens", "simple_integration"} <= found


def first(name):
    problem = next(ReasoningGym(dataset=name).problems())
    return problem.ground_truth


CODE = "[].append(__import__('builtins').__dict__.setdefault('reached', 1))"


@pytest.mark.parametrize("name", [name for name in HARMLESS if name not in {"codeio", "propositional_logic"}])
def test_code_is_not_run(name, monkeypatch):
    import builtins  # noqa: PLC0415

    monkeypatch.delattr(builtins, "reached", raising=False)
    assert score(name, f"<answer>{CODE}</answer>", first(name)) <= 0.05
    assert not hasattr(builtins, "reached")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("binary_matrix", "[[0] for a in [0]]"),
        ("binary_matrix", "9**9**9**9"),
        ("n_queens", "[Q for Q in Q]"),
        ("string_insertion", "['A' for a in 'aaaa']"),
        ("countdown", "9**9**9**9"),
        ("puzzle24", "x"),
        ("polynomial_multiplication", "x**999999999"),
        ("polynomial_multiplication", "(x + y)**99"),
        ("simple_integration", "9**9**9"),
        ("simple_integration", "exp(x)"),
        ("coin_flip", "1e999999999"),
        ("coin_flip", "1e1000"),
        ("rubiks_cube", "R999999999"),
        ("rush_hour", "A+999999999"),
        # It took 10 seconds.
        ("propositional_logic", "\N{NOT SIGN}" * 5000),
        ("graph_color", "[1, 2, 3]"),
        ("chain_sum", "9" * (LONGEST_ANSWER + 1)),
    ],
)
def test_answers_that_take_time_or_run_code_are_not_scored(name, answer):
    assert not is_harmless(name, answer)
    truth = first(name)
    begun = time.perf_counter()
    assert score(name, f"<answer>{answer}</answer>", truth) == 0.0
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("binary_matrix", "[[0, 1], [1, 0]]"),
        ("binary_matrix", "0 1\n1 0"),
        ("n_queens", "[['_', 'Q'], ['Q', '_']]"),
        ("string_insertion", "['A', 'B']"),
        ("countdown", "-4 + 42*(30 - 4)/2"),
        ("polynomial_multiplication", "-658068*x**4 - 701220*x**3*y + 3"),
        ("simple_integration", "-34*x**8/15 - 5*x/4 + C"),
        ("coin_flip", "3/8"),
        ("coin_flip", "3.051757812e-05"),
        ("rubiks_cube", "R' U2 F"),
        ("rush_hour", "A+1 B-2"),
        ("propositional_logic", "(P \N{LOGICAL AND} \N{NOT SIGN}Q)"),
        ("chain_sum", "9" * LONGEST_ANSWER),
    ],
)
def test_the_usual_answers_are_scored(name, answer):
    assert is_harmless(name, answer)


def test_the_base_class_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Procedural()
