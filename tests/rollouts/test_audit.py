"""Each planted fault is named by its check, and sound rollouts are said to be sound."""

import pytest

from tests.rollouts.made_up import FAULTS, SOUND, sound, write
from tpo import InvalidArgumentError
from tpo.rollouts.audit import audit
from tpo.rollouts.checks.base import Expected
from tpo.rollouts.reading.load import load


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(name, tmp_path):
    subject, plant = FAULTS[name]
    found = audit(load(write(tmp_path / "rollouts.jsonl", plant(sound()))))
    named = {finding.subject: finding for finding in found.faults}
    assert subject in named
    assert named[subject].remedy.endswith(".") or "--" in named[subject].remedy


@pytest.mark.parametrize("name", SOUND)
def test_sound_rollouts_have_neither_faults_nor_warnings(name, tmp_path):
    rows, expected = SOUND[name]
    found = audit(load(write(tmp_path / "rollouts.jsonl", rows)), Expected(**expected))
    assert [f"{finding.subject}: {finding.detail}" for finding in (*found.faults, *found.warnings)] == []


ALONE = {
    "a row is lost",
    "a score is missing",
    "wrong answers score by their format",
    "scores differ by rounding",
    "every token drifts",
    "the engine is another model",
    "completions are cut off",
    "the score is the length",
}
"""Faults that touch one check alone."""


@pytest.mark.parametrize("name", sorted(ALONE))
def test_a_fault_is_blamed_on_nothing_else(name, tmp_path):
    subject, plant = FAULTS[name]
    found = audit(load(write(tmp_path / "rollouts.jsonl", plant(sound()))))
    assert [finding.subject for finding in found.faults] == [subject]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("near", float("nan")),
        ("near", -0.5),
        ("near", float("inf")),
        ("fail", float("nan")),
        ("succeed", float("-inf")),
    ],
)
def test_an_impossible_expectation_is_refused(tmp_path, name, value):
    loaded = load(write(tmp_path / "rollouts.jsonl", [{"group": 0, "score": float(k)} for k in range(4)]))
    with pytest.raises(InvalidArgumentError, match=f"`{name}` must"):
        audit(loaded, Expected(**{name: value}))
