"""The reward function: finds the scorer by the data source, and raises at no completion."""

import importlib.util
import json
import random
import subprocess
import sys
import time
from decimal import Decimal

import numpy as np
import pytest

from tools.fuzz.completions import strange
from tpo import InvalidArgumentError, UnknownNameError
from tpo_tasks.rlvr import reward
from tpo_tasks.rlvr.reward import FAMILIES, SCORERS, score

TRUTHS = {
    "tpo/gsm8k": "18",
    "tpo/graph-coloring": json.dumps(
        {"answer": "", "metadata": {"puzzle": {"vertices": [0], "edges": [], "color_options": [1]}}}
    ),
    "tpo/knights-knaves": '{"answer": "Emma is a knight, and Liam is a knave.", "metadata": {}}',
    "tpo/countdown": '{"numbers": [2, 3], "target": 6, "solution": "2 * 3"}',
    "tpo/word-problems": "8",
    "tpo/exact-match": "1,000",
    "tpo/reasoning-gym/chain_sum": '{"answer": "18", "metadata": {}}',
}
RIGHT = {
    "tpo/gsm8k": "#### 18",
    "tpo/graph-coloring": '<answer>{"0": 1}</answer>',
    "tpo/knights-knaves": "<answer>Emma is a knight and Liam is a knave</answer>",
    "tpo/countdown": "<answer>3 * 2</answer>",
    "tpo/word-problems": "5+3=8. #8",
    "tpo/exact-match": "It is 1000.",
    "tpo/reasoning-gym/chain_sum": "<answer>18</answer>",
}
SOURCES = list(TRUTHS)
NO_TEXTS = [None, b"#### 18", 18, 1.5, ["#### 18"], {"#### 18": 1}, object(), True, float("nan")]


def test_these_are_the_scorers():
    assert {*SCORERS, "tpo/reasoning-gym/chain_sum"} == set(TRUTHS)
    assert set(FAMILIES) == {"tpo/reasoning-gym"}


@pytest.mark.parametrize("source", SOURCES)
def test_a_right_completion_scores_1(source):
    assert score(source, RIGHT[source], TRUTHS[source]) == 1.0
    assert score(data_source=source, solution_str="", ground_truth=TRUTHS[source], extra_info={"a": 1}, more=2) == 0.0


@pytest.mark.parametrize("completion", NO_TEXTS)
@pytest.mark.parametrize("source", SOURCES)
def test_what_is_no_text_scores_nothing(source, completion):
    assert score(source, completion, TRUTHS[source]) == 0.0


@pytest.mark.parametrize("truth", [None, b"18", True, ["18"], "", "{}", "[" * 100_000, "\x00", "\ud800", "9" * 5000])
@pytest.mark.parametrize("source", SOURCES)
def test_a_broken_ground_truth_scores_nothing(source, truth):
    assert score(source, RIGHT[source], truth) == 0.0


@pytest.mark.parametrize("name", ["tpo/gsm9k", None, ["tpo/gsm8k"]])
def test_an_unknown_data_source_is_an_error(name):
    with pytest.raises(UnknownNameError) as caught:
        score(name, "#### 18", "18")
    hint = " Did you mean 'tpo/gsm8k'?" if str(name) == "tpo/gsm9k" else ""
    start = f"the name must be a registered data source; got {str(name)!r}.{hint}"
    assert str(caught.value).startswith(start)


def test_a_number_is_a_ground_truth():
    assert [score("tpo/gsm8k", "#### 18", truth) for truth in (18, 18.0, np.int64(18), 19)] == [1.0, 1.0, 1.0, 0.0]
    halves = (0.5, np.float32(0.5), Decimal("0.5"), np.array(0.5))
    assert [score("tpo/exact-match", "#### 0.5", truth) for truth in halves] == [1.0] * 4


def test_another_scorer_can_be_named_for_rows_from_anywhere():
    assert score("openai/gsm8k", "#### 18", "it is 18\n#### 18", scorer="tpo/exact-match") == 1.0
    assert score("tpo/countdown", "#### 18", "18", {}, scorer="tpo/gsm8k") == 1.0
    with pytest.raises(UnknownNameError, match="got 'mine'"):
        score("tpo/gsm8k", "#### 18", "18", scorer="mine")


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        (
            "tpo/reasoning-gym/chain_sun",
            UnknownNameError,
            "the name must be a registered data set of reasoning-gym; got 'chain_sun'. Did you mean 'chain_sum'?",
        ),
        (
            "tpo/reasoning-gym/intermediate_integration",
            InvalidArgumentError,
            "a data set must have a scorer that can read what a language model writes; got 'intermediate_integration'",
        ),
    ],
)
def test_a_data_set_that_cannot_be_scored_is_an_error(name, error, text):
    with pytest.raises(error) as caught:
        score(name, "1", "{}")
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    "completion",
    [
        *("9" * 10**6, "1," * 10**6, "####" * 10**6, "<answer>" * 10**6, "(" * 10**6, "[" * 10**6, "```" * 10**6),
        *('{"0":' * 10**5, r"\boxed{" * 10**5, "#### " + "9" * 5000, '{"0": ' + "9" * 5000 + "}", "1/" * 10**6),
        *("\x00" * 1000, "\ud800#### 18", "<answer>\udfff</answer>", "\N{ARABIC-INDIC DIGIT THREE}" * 1000),
    ],
    ids=lambda completion: ascii(completion[:8]),
)
@pytest.mark.parametrize("source", SOURCES)
def test_a_huge_or_odd_completion_is_scored_at_once(source, completion):
    score(source, "", TRUTHS[source])
    start = time.perf_counter()
    found = score(source, completion, TRUTHS[source])
    assert time.perf_counter() - start < 1
    assert 0 <= found <= 1


@pytest.mark.parametrize("source", SOURCES)
def test_no_completion_raises(source):
    rng = random.Random(0)  # noqa: S311 - texts, not secrets
    for _ in range(1500):
        completion = strange(rng)
        found = score(source, completion, TRUTHS[source])
        assert type(found) is float
        assert 0 <= found <= 1, completion


def test_the_file_alone_can_be_loaded_as_verl_does():
    spec = importlib.util.spec_from_file_location("custom_module", reward.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.score("tpo/gsm8k", "#### 18", "18") == 1.0


def test_importing_it_imports_no_heavy_library():
    heavy = ("reasoning_gym", "pyarrow", "datasets", "torch", "jax", "rich")
    check = f"import sys, tpo_tasks.rlvr.reward; print(*sorted(set({heavy!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
