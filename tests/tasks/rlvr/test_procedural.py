"""Graph coloring and Knights & Knaves: rows of reasoning-gym, and its scores."""

import json
import sys

import pytest
import reasoning_gym

from tpo import DataError, InvalidArgumentError, NotInstalledError
from tpo.plugins.installation import doable
from tpo_tasks.rlvr import INSTALL, graph_coloring, knights_knaves, library, procedural
from tpo_tasks.rlvr.graph_coloring import GraphColoring
from tpo_tasks.rlvr.knights_knaves import KnightsKnaves
from tpo_tasks.rlvr.plain import decoded

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
    scorer = reasoning_gym.create_dataset("graph_color", size=1, seed=0)
    assert scorer.score_answer(answer, json.loads(TRIANGLE)) == 1.0
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
    assert (len(island["names"]), len(decoded(island["solution"]))) == (4, 4)


def test_problems_are_those_of_the_library_in_order():
    entries = reasoning_gym.create_dataset("knights_knaves", size=3, seed=7 * 2**32)
    found = [problem for problem, _ in zip(KnightsKnaves(seed=7).problems(), range(3), strict=False)]
    assert [problem.prompt.split("\n\n")[0] for problem in found] == [entry["question"] for entry in entries]


@pytest.mark.parametrize(
    "truth",
    [
        *("", "[]", '{"answer": "x"}', "\ud800", '{"answer": "x", "metadata": {"a": {"$items": [1]}}}'),
        '{"answer": "x", "metadata": {"a": {"$fraction": "1/x"}}}',
    ],
)
@pytest.mark.parametrize("dataset", [graph_coloring.DATASET, knights_knaves.DATASET])
def test_a_broken_ground_truth_is_refused(dataset, truth):
    text = f"^the ground truth of a problem of {dataset} must have an answer and metadata; got "
    with pytest.raises(DataError, match=text):
        procedural.score(dataset, "x", truth)


def test_metadata_that_the_library_cannot_use_scores_nothing():
    assert graph_coloring.score('{"0": 1}', json.dumps({"answer": "", "metadata": {}})) == 0.0


def test_errors_and_scores_beyond_0_and_1(monkeypatch):
    class Scorer:
        def score_answer(self, answer, entry):
            del entry
            return float(answer)

    monkeypatch.setattr(library, "_scorer", lambda *_: Scorer())
    scores = [procedural.score("any", answer, ISLAND) for answer in ("0.5", "nan", "inf", "x", "-1", "1.5")]
    assert scores == [0.5, 0.0, 0.0, 0.0, 0.0, 1.0]


def test_the_scorer_is_created_once_for_each_setting(monkeypatch):
    monkeypatch.setattr(library, "create", lambda *given, **_: [given])
    library._scorer.cache_clear()  # noqa: SLF001
    first, again, other = (library._scorer("a", config) for config in ("{}", "{}", '{"b": 1}'))  # noqa: SLF001
    library._scorer.cache_clear()  # noqa: SLF001
    assert first is again
    assert (first, other) == ([("a", {})], [("a", {"b": 1})])


def test_problems_whose_scores_tell_nothing_are_left_out(monkeypatch):
    entries = [{"question": str(n), "answer": str(n), "metadata": {}} for n in range(1000)]
    monkeypatch.setattr(library, "create", lambda *_, **__: entries)
    # Every second answer scores less than 1.
    monkeypatch.setattr(procedural, "score", lambda _, answer, __: float(answer[-10] in "02468"))
    found = [problem.prompt[0] for problem, _ in zip(KnightsKnaves().problems(), range(4), strict=False)]
    assert found == ["0", "2", "4", "6"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.65, "the answer of a problem must score 1; got less for '.*' in knights_knaves. Take other settings"),
        (1.0, r"an answer that means nothing must score less than 1; got 1 for '\?' in knights_knaves. Take other set"),
    ],
)
def test_a_data_set_without_problems_that_tell_anything_is_refused(monkeypatch, value, text):
    monkeypatch.setattr(procedural, "score", lambda *_: value)
    with pytest.raises(DataError, match=f"^{text}"):
        next(KnightsKnaves().problems())


def test_a_chunk_may_end_early_and_an_error_of_the_library_is_told(monkeypatch):
    class Entries:
        def __init__(self, seed):
            self.seed = seed

        def __getitem__(self, index):
            if index == 2:
                raise IndexError
            if self.seed == procedural.CHUNK:
                raise KeyError("no more")
            return {"question": str(index), "answer": "x", "metadata": {}}

    monkeypatch.setattr(library, "create", lambda *_, seed, **__: Entries(seed))
    monkeypatch.setattr(procedural, "useless", lambda *_: "")
    problems = KnightsKnaves().problems()
    assert [next(problems).prompt[0] for _ in range(2)] == ["0", "1"]
    text = "reasoning-gym must generate knights_knaves; got KeyError: 'no more'. Take other settings, or another seed."
    with pytest.raises(DataError) as caught:
        next(problems)
    assert str(caught.value) == text


def test_a_data_set_without_problems_is_told(monkeypatch):
    # It went on for ever.
    monkeypatch.setattr(library, "create", lambda *_, **__: [])
    with pytest.raises(DataError, match=r"^reasoning-gym must generate knights_knaves; got IndexError: list index"):
        next(KnightsKnaves().problems())


def test_a_missing_library_is_told_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "reasoning_gym", None)
    with pytest.raises(NotInstalledError) as caught:
        next(GraphColoring().problems())
    assert str(caught.value) == (
        "reasoning-gym must be installed to generate and score these problems; got no such module. "
        f"Install it: {doable(INSTALL)}."
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
