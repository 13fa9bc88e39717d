"""Tests of the laws, for one algorithm on every installed backend that differentiates."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from tpo.testing.laws.all_laws import LAWS
from tpo.testing.laws.groups import as_tokens, made_up_groups
from tpo.testing.laws.law import broken, broken_in_half
from tpo.testing.laws.outcomes import check_agreement
from tpo.testing.laws.subjects import algorithm_subject, widest_dtype
from tpo.testing.suites.each_backend import OnEachBackend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.backends.protocols import Autodiff
    from tpo.core.algorithms.base import Algorithm
    from tpo.testing.laws.groups import Array, Groups
    from tpo.testing.laws.outcomes import Comparison, Subject

SINGLE = "float32"

IN_SINGLE_TOO = [name for name, law in LAWS.items() if law.in_single_too]
IN_HALF_TOO = [name for name, law in LAWS.items() if law.in_half_too]
OF_TOKENS_TOO = [name for name, law in LAWS.items() if law.of_tokens_too]


class LawSuite(OnEachBackend):
    """Tests of the laws; `AlgorithmSuite` includes them.

    A law that the algorithm breaks by design must be declared in `traits.breaks`, and must then really break.

    Attributes:
        tolerance: The tolerance, in machine epsilons of the largest number of a group or of 1.
        tolerances: Other tolerances for some laws, by name.
    """

    tolerance: float = 1e4
    tolerances: Mapping[str, float] = MappingProxyType({})

    @pytest.fixture
    def algorithm(self) -> Algorithm:
        """The algorithm under test."""
        raise NotImplementedError("a suite must be told what to test: write the fixture `algorithm`")

    @pytest.fixture
    def subject(self, wide: Autodiff, algorithm: Algorithm) -> Subject:
        """The algorithm as a subject of the laws, on one backend."""
        return algorithm_subject(wide, algorithm, widest_dtype(wide))

    @pytest.fixture
    def groups(self) -> dict[str, Any]:
        """Groups with every array that an algorithm may need."""
        return made_up_groups()

    @pytest.mark.parametrize("name", LAWS)
    def test_law(self, subject: Subject, algorithm: Algorithm, groups: Groups, name: str) -> None:
        """Each law of `tpo.testing.laws` holds; laws about tokens only for algorithms that take tokens."""
        if LAWS[name].about_tokens:
            self._check_law_of_tokens(subject, algorithm, groups, name)
        else:
            self._check_law(subject, algorithm, groups, name)

    @pytest.mark.parametrize("name", OF_TOKENS_TOO)
    def test_law_of_tokens(self, subject: Subject, algorithm: Algorithm, groups: Groups, name: str) -> None:
        """Laws that per-token log-probs could break hold for algorithms that take tokens."""
        self._check_law_of_tokens(subject, algorithm, groups, name)

    @pytest.mark.parametrize("name", IN_SINGLE_TOO)
    def test_law_in_float32(self, wide: Autodiff, algorithm: Algorithm, groups: Groups, name: str) -> None:
        """Laws that a narrow dtype could break hold in float32."""
        self._check_law(algorithm_subject(wide, algorithm, SINGLE), algorithm, groups, name)

    @pytest.mark.parametrize("name", IN_HALF_TOO)
    def test_law_in_half_precision(self, subject: Subject, algorithm: Algorithm, groups: Groups, name: str) -> None:
        """Laws that the law of half precision does not imply hold in each half-precision dtype."""
        halves = subject.halves()
        if not halves:
            pytest.skip("the backend has no half precision")
        for dtype in halves:
            wrong, comparisons = broken_in_half(LAWS[name], subject, groups, dtype)
            self._judge(name, algorithm, groups, wrong, comparisons, 0)

    def _check_law_of_tokens(self, subject: Subject, algorithm: Algorithm, groups: Groups, name: str) -> None:
        if not algorithm.traits.takes_tokens:
            pytest.skip("the algorithm takes no tokens")
        self._check_law(subject, algorithm, as_tokens(groups), name)

    def _check_law(self, subject: Subject, algorithm: Algorithm, groups: Groups, name: str) -> None:
        tolerance = self.tolerances.get(name, self.tolerance)
        wrong, comparisons = broken(LAWS[name], subject, groups, tolerance)
        self._judge(name, algorithm, groups, wrong, comparisons, tolerance)

    def _judge(
        self,
        name: str,
        algorithm: Algorithm,
        groups: Groups,
        wrong: Array,
        comparisons: Sequence[Comparison],
        tolerance: float,
    ) -> None:
        if name in algorithm.traits.breaks:
            assert wrong.any(), f"{name!r} is declared as broken, but holds; take it out of `traits.breaks`"
        else:
            check_agreement(comparisons, groups, tolerance, LAWS[name].statement, LAWS[name].remedy)

    def _check(self, comparisons: Sequence[Comparison], groups: Groups, statement: str, remedy: str) -> None:
        check_agreement(comparisons, groups, self.tolerance, statement, remedy)
