"""Data sets of reasoning-gym by name: their rows, scores, settings and errors."""

import itertools
import json

import pytest
import reasoning_gym
from reasoning_gym.factory import DATASETS

from tools import data_sets
from tpo import DataError, InvalidArgumentError, UnknownNameError
from tpo_tasks.rlvr.procedural import NONSENSE
from tpo_tasks.rlvr.reasoning import ReasoningGym
from tpo_tasks.rlvr.reward import score

KINDS = {
    "gsm_symbolic": "arithmetic",
    "chain_sum": "arithmetic",
    "basic_arithmetic": "arithmetic",
    "simple_equations": "algebra",
    "countdown": "games",
    "spell_backward": "algorithmic",
    "graph_color": "algorithmic",
    "knights_knaves": "logic",
    "propositional_logic": "logic",
    "rubiks_cube": "cognition",
    "rush_hour": "games",
    "pool_matrix": "algorithmic",
    "simple_geometry": "geometry",
    "acre": "induction",
    "coin_flip": "probability",
    "rearc": "arc",
}
"""Data sets of different kinds, with the library's category."""

WITHOUT_ANSWER = {"rush_hour", "boxnet"}
REFUSED = {"composite", "game_of_life_halting", "intermediate_integration"}


def problems_of(name, count=4, **options):
    return list(itertools.islice(ReasoningGym(dataset=name, **options).problems(), count))


def tagged(answer):
    return f"So it is this.\n<answer>{answer}</answer>"


@pytest.mark.parametrize("name", KINDS)
def test_a_right_answer_scores_1_and_others_less(name):
    source = f"tpo/reasoning-gym/{name}"
    for problem in problems_of(name):
        answer = json.loads(problem.ground_truth)["answer"]
        assert (answer is None) == (name in WITHOUT_ANSWER)
        if answer is not None:
            assert score(source, tagged(answer), problem.ground_truth) == 1.0
        assert score(source, tagged(NONSENSE), problem.ground_truth) < 1
        assert [score(source, nothing, problem.ground_truth) for nothing in (None, "", " ", tagged(""))] == [0.0] * 4


@pytest.mark.parametrize("name", KINDS)
def test_scores_are_those_of_the_library(name):
    entries = reasoning_gym.create_dataset(name, size=1000, seed=0)
    for entry, problem in zip([entries[index] for index in range(3)], problems_of(name, 3), strict=True):
        assert problem.prompt.startswith(entry["question"].strip())
        for answer in ("7", "A", "[1, 2]", '{"0": 1}', json.loads(problem.ground_truth)["answer"] or "A+1"):
            expected = entries.score_answer(answer, entry)
            found = score(f"tpo/reasoning-gym/{name}", answer, problem.ground_truth)
            assert found == pytest.approx(expected, abs=1e-12) or found == 0.0 <= expected <= 0.05


def test_the_rows():
    splits = ReasoningGym(dataset="chain_sum", size=3, test_size=2).splits(lambda *_: None)
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 3, "test": 2}
    row = splits["train"][0]
    assert (row["data_source"], row["ability"]) == ("tpo/reasoning-gym/chain_sum", "arithmetic")
    assert row["extra_info"] == {"index": 0, "split": "train"}


@pytest.mark.parametrize("name", KINDS)
def test_the_category_is_the_ability(name):
    assert ReasoningGym(dataset=name).ability == KINDS[name]


def test_settings_reach_the_library_and_the_scorer():
    options = ("min_decimal_places=1", "max_decimal_places=1", "min_terms=3", "max_terms=3")
    for problem in problems_of("decimal_chain_sum", set_=options):
        truth = json.loads(problem.ground_truth)
        assert truth["config"] == {"min_decimal_places": 1, "max_decimal_places": 1, "min_terms": 3, "max_terms": 3}
        assert truth["metadata"]["num_terms"] == 3
    # Its scorer allows for an error of one unit in the last place, which is a setting.
    entry = {"answer": "1.00", "metadata": {}}
    scores = [
        score("tpo/reasoning-gym/decimal_arithmetic", "1.04", json.dumps({**entry, "config": config}))
        for config in ({"max_num_decimal_places": 1, "min_num_decimal_places": 1}, {})
    ]
    assert scores == [1.0, 0.0]


def test_values_are_json_or_else_text():
    problems = ReasoningGym(dataset="basic_arithmetic", set_=('operators=["+"]', "format_style=simple", "min_terms=2"))
    assert problems.config() == {"operators": ["+"], "format_style": "simple", "min_terms": 2}


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"dataset": "chain_sun"},
            UnknownNameError,
            "the name must be a registered data set of reasoning-gym; got 'chain_sun'. Did you mean 'chain_sum'?",
        ),
        (
            {"dataset": "chain_sum", "set_": ("min_term=2",)},
            UnknownNameError,
            "the name must be a registered setting of chain_sum; got 'min_term'. Did you mean 'min_terms'?",
        ),
        (
            {"dataset": "chain_sum", "set_": ("seed=2",)},
            UnknownNameError,
            "the name must be a registered setting of chain_sum; got 'seed'.",
        ),
        (
            {"dataset": "chain_sum", "set_": ("min_terms",)},
            InvalidArgumentError,
            "`--set` must be NAME=VALUE; got 'min_terms'. Write it so, such as min_terms=3.",
        ),
        (
            {"dataset": "chain_sum", "set_": ("min_terms=-1",)},
            InvalidArgumentError,
            "the settings of chain_sum must suit it; got AssertionError: min_terms must be positive. Change them, ",
        ),
        (
            {"dataset": "chain_sum", "set_": ("min_terms=many",)},
            InvalidArgumentError,
            "the settings of chain_sum must suit it; got TypeError: ",
        ),
        (
            {"dataset": "composite"},
            InvalidArgumentError,
            "the settings of composite must suit it; got AssertionError: Must specify at least one dataset.",
        ),
        (
            {"dataset": "intermediate_integration"},
            InvalidArgumentError,
            "a data set must have a scorer that can read what a language model writes; got 'intermediate_integration'",
        ),
        ({"dataset": "chain_sum", "size": 0}, InvalidArgumentError, "`size` must be from 1 to 1000000; got 0."),
    ],
)
def test_bad_options_are_refused(options, error, text):
    with pytest.raises(error) as caught:
        ReasoningGym(**options)
    assert str(caught.value).startswith(text)


def test_the_reason_why_a_data_set_is_not_offered_is_told():
    with pytest.raises(InvalidArgumentError) as caught:
        ReasoningGym(dataset="intermediate_integration")
    reason = "its scorer runs the answer as code, and no simple form has all right answers. Take another one."
    assert str(caught.value).endswith(f": {reason}")


def test_a_data_set_that_takes_anything_for_right_is_refused():
    with pytest.raises(
        DataError, match=r"^an answer that means nothing must score less than 1; got 1 for '\?' in game"
    ):
        problems_of("game_of_life_halting")


def test_a_seed_that_the_library_cannot_use_is_told():
    with pytest.raises(DataError) as caught:
        problems_of("pool_matrix", seed=1)
    assert str(caught.value) == (
        "reasoning-gym must generate pool_matrix; got ValueError: Seed must be between 0 and 2**32 - 1. "
        "Take other settings, or another seed."
    )


@pytest.mark.slow
def test_every_data_set_is_refused_or_scored():
    outcomes = list(data_sets.examine_all(sorted(DATASETS)))
    assert len(outcomes) >= 106
    written = [one for one in outcomes if not one.refused]
    assert {one.name for one in outcomes} - {one.name for one in written} == REFUSED
    assert {one.name for one in written if one.known < one.rows} == WITHOUT_ANSWER
    assert {one.name: one.right for one in written if one.known and one.right != {1.0}} == {}
    assert {one.name: one.none for one in written if one.none != {0.0}} == {}
