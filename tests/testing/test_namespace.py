"""The list of required functions matches the code, and each of them is called on every backend."""

import re
from pathlib import Path

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS
from tests.testing.namespaces import Recording, called_in
from tpo.plugins import registry
from tpo.testing.laws.groups import as_tokens, made_up_groups
from tpo.testing.laws.subjects import algorithm_subject
from tpo.testing.suites.namespace import needed
from tpo.testing.suites.operations import OPERATIONS

ROOT = Path(tpo.__file__).parents[1]
CORE = called_in((ROOT / "tpo" / "core").rglob("*.py"))
APART = {ROOT / "tpo" / name for name in ("core", "testing", "experiments", "cli")}
TRAINING = called_in(
    file
    for folder in (ROOT / "tpo", ROOT / "tasks")
    for file in folder.rglob("*.py")
    if not APART.intersection(file.parents)
)


LARGE = 4
"""Scores above it are masked."""


def listed(by):
    return {name: set(keywords) for name, keywords in needed(by).functions.items()}


def test_the_core_calls_what_is_listed():
    assert CORE.functions == listed("core")
    assert CORE.dtypes == set(needed("core").dtypes)


def test_training_calls_what_is_listed_besides():
    besides = {name: found - CORE.functions.get(name, set()) for name, found in TRAINING.functions.items()}
    assert {name: found for name, found in besides.items() if found or name not in CORE.functions} == listed("training")
    assert TRAINING.dtypes - CORE.dtypes == set(needed("training").dtypes)


def test_a_run_of_everything_asks_for_nothing_else(monkeypatch):
    recording = Recording(registry.backend("numpy").namespace())
    monkeypatch.setattr(type(registry.backend("numpy")), "namespace", lambda _: recording)
    groups = made_up_groups((2, 4))
    for algorithm in ALGORITHMS:
        for given in [groups] + [as_tokens(groups)] * algorithm.traits.takes_tokens:
            algorithm_subject(registry.backend("numpy"), algorithm, "float64").outcome(given)
    scores, old, new = groups["scores"], groups["old_log_probs"], groups["log_probs"]
    for precision in ("exact", "fast"):
        for anchor in ("policy", "ratio", "none"):
            tpo.target(old, scores, anchor=anchor, precision=precision)
        algorithm = tpo.TPO(precision=precision)
        signal = algorithm.prepare(tpo.Group(scores=scores, old_log_probs=old, mask=scores < LARGE))
        tpo.candidate_weights(signal.q, new, mask=signal.mask)
    tpo.combine_scores({"one": scores, "other": old})
    tpo.sequence_log_probs(np.zeros((2, 3)), np.ones((2, 3), bool))
    for name, keywords in recording.called.functions.items():
        assert name in CORE.functions, f"{name} is called, and not found in the source"
        assert keywords <= CORE.functions[name], name
    assert recording.called.dtypes <= CORE.dtypes | {"float64"}
    assert len(recording.called.functions) > 30


def test_every_call_is_tried():
    tried = called_in([Path(tpo.__file__).parent / "testing" / "suites" / "operations.py"])
    suite = called_in([Path(tpo.__file__).parent / "testing" / "suites" / "operations_suite.py"])
    together = {
        name: tried.functions.get(name, set()) | suite.functions.get(name, set())
        for name in tried.functions.keys() | suite.functions.keys()
    }
    for name, keywords in [*listed("core").items(), *listed("training").items()]:
        assert name in together, name
        assert keywords <= together[name], name


def test_an_operation_is_called_by_the_function_it_tries():
    names = {name.partition(",")[0] for name in OPERATIONS} - {"arithmetic", "logic", "indexing"}
    assert names <= CORE.functions.keys() | TRAINING.functions.keys()


@pytest.mark.parametrize("by", ["core", "training"])
def test_the_page_has_the_list(by):
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {by} \| (.*) \|$", page, re.MULTILINE)[1]
    told = [
        f"`{name}({', '.join(f'{keyword}=' for keyword in keywords)})`"
        for name, keywords in needed(by).functions.items()
    ]
    assert row == ", ".join([*told, *(f"`{name}`" for name in needed(by).dtypes)])
