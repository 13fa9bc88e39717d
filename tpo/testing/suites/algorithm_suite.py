"""Tests of an algorithm. Inherit `AlgorithmSuite` and give it one fixture, `algorithm`."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck

from tpo.core.algorithms.base import DECLARABLE, Algorithm, Traits
from tpo.core.group import Group
from tpo.errors import InvalidArgumentError
from tpo.plugins import registry
from tpo.testing import strategies
from tpo.testing.laws.groups import as_tokens, made_up_groups, padded, with_anything_in_padding
from tpo.testing.laws.outcomes import Comparison, same, zero_where
from tpo.testing.laws.poses import impossible, without_candidates
from tpo.testing.laws.subjects import algorithm_subject
from tpo.testing.suites.values_suite import ValuesSuite

if TYPE_CHECKING:
    from tpo.testing.laws.groups import Groups
    from tpo.testing.laws.outcomes import Subject


class AlgorithmSuite(ValuesSuite):
    """Tests of one algorithm, including its laws, on every installed backend that differentiates.

    Example:
        class TestMine(AlgorithmSuite):
            @pytest.fixture
            def algorithm(self):
                return Mine(strength=2.0)
    """

    def test_it_is_a_frozen_value_with_traits(self, algorithm: Algorithm) -> None:
        """A frozen dataclass can be compared, compiled once and listed in a table."""
        assert hash(algorithm) == hash(algorithm)
        assert isinstance(algorithm.traits, Traits)
        assert algorithm.traits.update_rule
        assert set(algorithm.traits.breaks) <= set(DECLARABLE)
        assert all(algorithm.traits.breaks.values()), "a law is broken for a reason"
        with pytest.raises(AttributeError):
            algorithm.traits = None  # type: ignore[misc, assignment]

    def test_it_travels(self, algorithm: Algorithm, groups: Groups) -> None:
        """A pickled or deep-copied algorithm is equal and gives the same loss."""
        expected = algorithm_subject(registry.backend("numpy"), algorithm, "float64").outcome(groups)
        for other in (pickle.loads(pickle.dumps(algorithm)), copy.deepcopy(algorithm)):  # noqa: S301 - our own
            assert other == algorithm
            assert other.traits == algorithm.traits
            found = algorithm_subject(registry.backend("numpy"), other, "float64").outcome(groups)
            self._check(same(found, expected, exact=True), groups, "a copy gives the same", "Use fields alone.")

    def test_it_learns(self, subject: Subject, groups: Groups) -> None:
        """Most groups have a gradient and a weight; otherwise the laws would hold trivially."""
        outcome = subject.outcome(groups)
        assert outcome.gradient is not None
        assert np.any(outcome.gradient, axis=-1).mean() > 1 / 2
        assert (outcome.weight > 0).mean() > 1 / 2

    def test_an_impossible_candidate_gets_nothing(self, subject: Subject, groups: Groups) -> None:
        """Log-probs of -inf get a gradient of exactly 0, a group of them has no loss, and nothing becomes NaN."""
        posed, candidates = impossible(groups)
        outcome = subject.outcome(posed)
        found = zero_where(outcome, np.all(candidates, axis=-1), candidates)
        remedy = "Where old log-probs are -inf, replace log-probs by 0 with `where`, before anything is computed."
        self._check(found, posed, "an impossible candidate gets nothing", remedy)
        assert np.any(outcome.gradient)

    def test_padding_changes_nothing(self, subject: Subject, groups: Groups) -> None:
        """Masked slots, with arbitrary contents, get a gradient of exactly 0 and change nothing else."""
        wider = padded(groups)
        outcome, mask = subject.outcome(wider), wider["mask"]
        assert outcome.gradient is not None
        assert not outcome.gradient[~mask].any()
        unpadded = outcome.gradient[mask].reshape(groups["scores"].shape)
        remedy = "Standardize with `mask=group.mask`, and choose with `where`: 0 times NaN is NaN."
        found = same(outcome._replace(gradient=unpadded), subject.outcome(groups))
        self._check(found, groups, "masked slots change nothing", remedy)

    def test_a_group_without_candidates_weighs_nothing(self, subject: Subject, groups: Groups) -> None:
        """Fully masked groups have weight 0, and the outcome of the other groups does not change."""
        posed, empty = without_candidates(padded(groups))
        outcome = subject.outcome(posed)
        remedy = "Make value and weight 0 where no candidate counts."
        self._check(zero_where(outcome, empty, empty[..., None]), posed, "a group without candidates is 0", remedy)
        assert outcome.weight[~empty].any()

    def test_tokens_are_taken_or_refused(self, subject: Subject, algorithm: Algorithm, groups: Groups) -> None:
        """Tokens are taken if the traits say so; padding tokens get a gradient of exactly 0 and change nothing."""
        tokens = as_tokens(groups)
        if not algorithm.traits.takes_tokens:
            with pytest.raises(InvalidArgumentError, match="must be those of candidates"):
                subject.outcome(tokens)
            return
        outcome, mask = subject.outcome(tokens), tokens["token_mask"]
        assert outcome.gradient is not None
        assert outcome.gradient[mask].any()
        assert not outcome.gradient[~mask].any()
        found = same(subject.outcome(with_anything_in_padding(tokens)), outcome, exact=True)
        remedy = "Choose with `where(group.token_mask, ...)`: 0 times NaN is NaN."
        self._check(found, groups, "the numbers in padding tokens change nothing", remedy)

    def test_one_token_is_a_candidate(self, subject: Subject, algorithm: Algorithm, groups: Groups) -> None:
        """Completions of a single token give the same outcome as whole candidates."""
        if not algorithm.traits.takes_tokens:
            pytest.skip("the algorithm takes no tokens")
        plain = subject.outcome(groups)
        assert plain.gradient is not None
        single = {n: v[..., None] if n.endswith("log_probs") else v for n, v in groups.items()}
        mask = np.ones((*groups["scores"].shape, 1), bool)
        expected = plain._replace(gradient=plain.gradient[..., None])
        found = same(subject.outcome({**single, "token_mask": mask}), expected)
        self._check(found, groups, "one token is a candidate", "Reshape log-probs with `group.by_token`.")

    @hypothesis.settings(
        deadline=None,
        derandomize=True,
        max_examples=30,
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.function_scoped_fixture],
    )
    @hypothesis.given(groups=strategies.groups(), data=hypothesis.strategies.data())
    def test_micro_batches_change_nothing(
        self, algorithm: Algorithm, groups: Groups, data: hypothesis.strategies.DataObject
    ) -> None:
        """`sum(value) / sum(weight)` does not depend on how groups are split into micro-batches."""
        subject = algorithm_subject(registry.backend("numpy"), algorithm, "float64")
        cut = data.draw(hypothesis.strategies.integers(1, len(groups["scores"]) - 1))
        parts = [
            subject.outcome({name: values[part] for name, values in groups.items()})
            for part in (slice(cut), slice(cut, None))
        ]
        whole = subject.outcome(groups)
        for name in ("value", "weight"):
            joined = np.concatenate([getattr(part, name) for part in parts])
            found = [Comparison(name, joined, getattr(whole, name), exact=False)]
            self._check(found, groups, "micro-batches change nothing", "Reduce over the axis of the candidates only.")

    def test_a_group_that_is_too_small_is_refused(self, algorithm: Algorithm) -> None:
        """`prepare` refuses groups that are too small, or that lack a required array."""
        everything: dict[str, Any] = made_up_groups((2, algorithm.traits.min_group_size))
        everything.pop("log_probs")
        small = {name: v if name == "baseline_scores" else v[..., 1:] for name, v in everything.items()}
        lacking = [{n: v for n, v in everything.items() if n != needed} for needed in algorithm.traits.needs]
        for given in [small] * (algorithm.traits.min_group_size > 1) + lacking:
            with pytest.raises(InvalidArgumentError):
                algorithm.prepare(Group(**given))
