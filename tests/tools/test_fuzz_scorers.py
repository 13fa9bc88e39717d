"""Some odd completions over all scorers: none raises, and the tool would tell."""

import random
import time

import pytest

from tools import fuzz_scorers
from tools.fuzz.completions import KINDS, completion
from tools.fuzz_scorers import Subject, counts, fuzz, library_subjects, main, own_subjects
from tpo_tasks.rlvr.reward import SCORERS, score

SUBJECT = Subject("tpo/gsm8k", [("18", "18")])


def rng():
    return random.Random(0)  # noqa: S311 - nothing secret


@pytest.mark.parametrize("subject", own_subjects(), ids=lambda subject: subject.source)
def test_some_completions_over_our_scorers(subject):
    outcome = fuzz(subject, 1000, rng())
    assert (outcome.count, outcome.faults) == (1000, [])
    assert 0 < outcome.seconds < 1


def test_every_scorer_is_tried_with_right_answers():
    own = own_subjects()
    assert {subject.source for subject in own} == set(SCORERS)
    for subject in own:
        for truth, right in subject.problems:
            assert score(subject.source, f"<answer>{right}</answer>", truth) == 1.0


@pytest.mark.slow
# Libraries below reasoning-gym leave files open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_some_completions_over_the_data_sets_of_reasoning_gym():
    subjects = library_subjects()
    assert len(subjects) >= 103
    outcomes = [fuzz(subject, 100, rng()) for subject in subjects]
    assert [outcome.faults for outcome in outcomes if outcome.faults] == []
    assert max(outcome.seconds for outcome in outcomes) < 1


def wrong(error=None, value=1.0):
    def scored(*_):
        if error:
            raise error
        return value

    return scored


@pytest.mark.parametrize(
    ("scorer", "fault"),
    [
        (wrong(ValueError("no")), "raised ValueError: "),
        (wrong(SystemExit(0)), "raised SystemExit: "),
        (wrong(value=1.5), "scored 1.5: "),
        (wrong(value=float("nan")), "scored nan: "),
        (wrong(value=1), "scored 1: "),
    ],
)
def test_faults_are_found(scorer, fault):
    outcome = fuzz(SUBJECT, 3, rng(), scorer)
    assert len(outcome.faults) == 3
    assert all(found.startswith(fault) for found in outcome.faults)


def test_a_hang_is_found_and_the_slowest_completion_is_named(monkeypatch):
    def slow(*_):
        end = time.monotonic() + 5
        while time.monotonic() < end:
            pass

    monkeypatch.setattr(fuzz_scorers, "HANG_SECONDS", 0.1)
    outcome = fuzz(SUBJECT, 1, rng(), slow)
    assert outcome.faults[0].startswith("took longer than 0.1 s: ")
    assert outcome.slowest == completion_of(0)
    assert outcome.seconds > 0.02


def completion_of(seed):
    made = random.Random(seed)  # noqa: S311 - nothing secret
    made.choice(SUBJECT.problems)
    return completion(made, "18")


def test_a_total_is_divided_evenly():
    groups = ([Subject("a", []), Subject("b", [])], [Subject("c", []), Subject("d", []), Subject("e", [])])
    assert counts(100, groups) == {"a": 25, "b": 25, "c": 16, "d": 17, "e": 17}
    assert sum(counts(101, groups).values()) == 101


def test_every_kind_of_completion_is_drawn():
    made = rng()
    drawn = [completion(made, "18") for _ in range(2000)]
    assert {one.what for one in drawn} == set(KINDS)
    assert max(len(one.text) for one in drawn) > 10**5
    assert any("\ud800" in one.text for one in drawn)


def test_the_report(monkeypatch, capsys):
    monkeypatch.setattr(fuzz_scorers, "library_subjects", lambda: [SUBJECT])
    monkeypatch.setattr(fuzz_scorers, "own_subjects", lambda: [Subject("tpo/exact-match", [("18", "18")])])
    assert main(["--count", "100"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tpo/exact-match                                    50    0 faults  worst ")
    assert lines[2].startswith("100 completions, 2 scorers, seed 0: 0 faults, worst ")
    assert main(["--count", "100", "--seconds", "0"]) == 1
