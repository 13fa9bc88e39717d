"""Graph coloring and Knights & Knaves: rows of reasoning-gym, and its scores."""

import json
import sys

import pytest
import reasoning_gym

from tpo import DataError, InvalidArgumentError, NotInstalledError
from tpo_tasks.rlvr import graph_coloring, knights_knaves, procedural
from tpo_tasks.rlvr.graph_coloring import GraphColoring
from tpo_tasks.rlvr.knights_knaves import KnightsKnaves

PUZZLE = {"vertices": [0, 1, 2], "edges": [[0, 1], [1, 2]], "color_options": [1, 2, 3]}
TRIANGLE = json.dumps({"answer": '{"0": 1, "1": 2, "2": 1}', "metadata": {"puzzle": PUZZLE}})
ISLAND = json.dumps({"answer": "Emma is a knight, and Liam is a knave.", "metadata": {}})


@pytest.mark.parametrize(
    ("completion", "value"),
    [
        ('<answer>{"0": 1, "1": 2, "2": 1}</answer>', 1.0),
        ('{"0": 3, "1": 2, "2": 1}', 1.0),
        ('```json\n{"0": 1, "1": 2, "2": 3}\n```', 1.0),
        ('<answer>{"0": 1, "1": 1, "2": 2}</answer>', 0.01),
        ('<answer>{"0": 1, "1": 2}</answer>', 0.01),
        ('<answer>{"0": 1, "1": 2, "2": 4}</answer>', 0.01),
        ("<answer>{}</answer>", 0.01),
        ("<answer>{0: 1, 1: 2, 2: 1}</answer>", 0.0),
        ('<answer>"0"</answer>', 0.0),
        ("<answer>null</answer>", 0.0),
        ("", 0.0),
    ],
)
def test_the_score_of_a_coloring(completion, value):
    assert graph_coloring.score(completion, TRIANGLE) == value


def test_a_list_that_reasoning_gym_takes_for_a_coloring_scores_nothing():
    # Every vertex is in the list, and the entries at 0, 1 and 2 are right colors.
    answer = "[1, 2, 3, 0]"
    assert procedural.score(graph_coloring.DATASET, answer, TRIANGLE) == 1.0
    assert graph_coloring.score(f"<answer>{answer}</answer>", TRIANGLE) == 0.0


@pytest.mark.parametrize(
    ("completion", "value"),
    [
        ("<answer>Emma is a knight, and Liam is a knave.</answer>", 1.0),
        ("Answer: liam is a knave and emma is a KNIGHT", 1.0),
        ("<answer>Emma is a knight, and Liam is a knight</answer>", 0.65),
        ("<answer>Emma is a knave, and Liam is a knight</answer>", 0.0),
        ("<answer>Emma is a knight</answer>", 0.0),
        ("", 0.0),
    ],
)
def test_the_score_of_knights_and_knaves(completion, value):
    assert knights_knaves.score(completion, ISLAND) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("problems", "module"), [(GraphColoring(vertices=6), graph_coloring), (KnightsKnaves(people=3), knights_knaves)]
)
def test_every_ground_truth_is_enough_to_score_its_answer(problems, module):
    for row, _ in zip(problems.problems(), range(40), strict=False):
        answer = json.loads(row.ground_truth)["answer"]
        assert module.score(f"I say <answer>{answer}</answer>", row.ground_truth) == 1.0
        assert module.score("<answer>no</answer>", row.ground_truth) == 0.0


def test_options_reach_the_library():
    graph = json.loads(next(GraphColoring(vertices=6, colors=4).problems()).ground_truth)["metadata"]["puzzle"]
    assert (graph["vertices"], graph["color_options"]) == ([0, 1, 2, 3, 4, 5], [1, 2, 3, 4])
    island = json.loads(next(KnightsKnaves(people=4).problems()).ground_truth)["metadata"]
    assert (len(island["names"]), len(island["solution"])) == (4, 4)


def test_problems_are_those_of_the_library_in_order():
    entries = reasoning_gym.create_dataset("knights_knaves", size=3, seed=7 * 2**32)
    found = [problem for problem, _ in zip(KnightsKnaves(seed=7).problems(), range(3), strict=False)]
    assert [problem.prompt.split("\n\n")[0] for problem in found] == [entry["question"] for entry in entries]


@pytest.mark.parametrize("truth", ["", "[]", '{"answer": null, "metadata": {}}', '{"answer": "x"}', "\ud800"])
@pytest.mark.parametrize("dataset", [graph_coloring.DATASET, knights_knaves.DATASET])
def test_a_broken_ground_truth_is_refused(dataset, truth):
    text = f"^the ground truth of a problem of {dataset} must have an answer and metadata; got "
    with pytest.raises(DataError, match=text):
        procedural.score(dataset, "x", truth)


def test_metadata_that_the_library_cannot_use_scores_nothing():
    assert graph_coloring.score('{"0": 1}', json.dumps({"answer": "", "metadata": {}})) == 0.0


def test_an_error_or_an_infinite_score_of_the_library_scores_nothing(monkeypatch):
    class Scorer:
        def score_answer(self, answer, entry):
            del entry
            return float(answer)

    monkeypatch.setattr(procedural, "_scorer", lambda _: Scorer())
    scores = [procedural.score("any", answer, ISLAND) for answer in ("0.5", "nan", "inf", "x")]
    assert scores == [0.5, 0.0, 0.0, 0.0]


def test_the_scorer_is_created_once():
    assert procedural._scorer("graph_color") is procedural._scorer("graph_color")  # noqa: SLF001


def test_an_answer_that_the_library_scores_below_1_is_not_written(monkeypatch):
    monkeypatch.setattr(procedural, "score", lambda *_: 0.65)
    with pytest.raises(DataError, match=r"^the answer of a problem must score 1; got less for '.*' in knights_knaves"):
        next(KnightsKnaves().problems())


def test_a_missing_library_is_told_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "reasoning_gym", None)
    with pytest.raises(NotInstalledError) as caught:
        next(GraphColoring().problems())
    assert str(caught.value) == (
        "reasoning-gym must be installed to generate and score these problems; got no such module. "
        'Install it: pip install "tpo[rlvr]".'
    )


@pytest.mark.parametrize(
    ("cls", "options", "text"),
    [
        (GraphColoring, {"vertices": 3}, "`vertices` must be from 4 to 25; got 3."),
        (GraphColoring, {"colors": 2}, "`colors` must be from 3 to 10; got 2."),
        (KnightsKnaves, {"people": 6}, "`people` must be from 2 to 5; got 6."),
    ],
)
def test_options_out_of_range_are_refused(cls, options, text):
    with pytest.raises(InvalidArgumentError) as caught:
        cls(**options)
    assert str(caught.value) == f"{text} Choose one in this range."
