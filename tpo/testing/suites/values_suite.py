"""Tests of an algorithm's values on NumPy, in shapes that would take long to compile elsewhere."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tpo.core.algorithms.base import FitsTarget, WeighsCandidates
from tpo.core.group import Group
from tpo.plugins import registry
from tpo.testing.laws.groups import PLAIN, as_tokens, made_up_groups, padded
from tpo.testing.laws.outcomes import check_agreement, same, zero_where
from tpo.testing.laws.poses import without_candidates
from tpo.testing.laws.subjects import Values, algorithm_subject, dtype_name
from tpo.testing.suites.law_suite import SINGLE, LawSuite

if TYPE_CHECKING:
    from tpo.core.algorithms.base import Algorithm
    from tpo.testing.laws.groups import Groups
    from tpo.testing.laws.outcomes import Subject

MANY = 70
"""A group size beyond that of the other tests."""


class ValuesSuite(LawSuite):
    """Tests of the values of an algorithm; `AlgorithmSuite` includes them.

    Attributes:
        tolerance_of_single: The tolerance for float32 against the widest dtype, in machine epsilons of float32.
    """

    tolerance_of_single: float = 1e3

    @pytest.fixture
    def values(self, algorithm: Algorithm) -> Values:
        """The algorithm as a subject of the laws, on NumPy."""
        return algorithm_subject(registry.backend("numpy"), algorithm, "float64")

    def test_it_needs_what_its_traits_say(self, values: Subject, algorithm: Algorithm, groups: Groups) -> None:
        """Scores, old log-probs and the arrays in `traits.needs` suffice."""
        given = {name: array for name, array in groups.items() if name in (*PLAIN, *algorithm.traits.needs)}
        try:
            outcome = values.outcome(given)
        except Exception as error:
            message = f"an algorithm works on a group with {sorted(given)} alone: {type(error).__name__}: {error}."
            raise AssertionError(f"{message} Name what else it takes in `traits.needs`, or do without.") from error
        nowhere = np.zeros((), bool)
        self._check(zero_where(outcome, nowhere, nowhere), given, "numbers are finite", "See `traits.needs`.")

    def test_it_changes_nothing_and_keeps_nothing(self, values: Values, algorithm: Algorithm, groups: Groups) -> None:
        """Group and signal keep their numbers, and a signal that was prepared before another one is still the same."""
        (log_probs, arrays), (_, others) = values.arrays(groups), values.arrays(made_up_groups(seed=1))
        group = Group(**arrays)
        kept = copy.deepcopy((log_probs, group))
        signal = algorithm.prepare(group)
        first = copy.deepcopy(algorithm.loss(log_probs, signal))
        algorithm.prepare(Group(**others))
        again = algorithm.loss(log_probs, signal)
        remedy = "Keep all that `loss` needs in the signal, and write no `x -= y` on arrays that are given."
        assert group == kept[1], f"`prepare` and `loss` do not change the group. {remedy}"
        np.testing.assert_array_equal(log_probs, kept[0], f"`loss` does not change the log-probs. {remedy}")
        for name in first._fields:
            one, other = (values.numpy(getattr(loss, name)) for loss in (again, first))
            np.testing.assert_array_equal(one, other, f"`loss` gives the same {name} in every epoch. {remedy}")

    @pytest.mark.parametrize("axes", [1, 2])
    def test_leading_axes_change_nothing(self, values: Subject, groups: Groups, axes: int) -> None:
        """A group gives the same among few others and alone as among many."""
        first = (0,) * axes
        whole, part = values.outcome(groups), {name: array[first] for name, array in groups.items()}
        expected = whole._replace(value=whole.value[first], weight=whole.weight[first])
        statement = "a group gives the same with any number of leading axes and of other groups"
        self._check(same(values.outcome(part), expected), part, statement, "Count axes from the last one.")

    @pytest.mark.parametrize("many", [False, True], ids=["smallest", "many"])
    def test_padding_changes_nothing_at_any_size(self, values: Subject, algorithm: Algorithm, *, many: bool) -> None:
        """Masked slots change nothing in the smallest groups and in large ones."""
        groups = made_up_groups((4, MANY if many else algorithm.traits.min_group_size))
        statement, remedy = "masked slots change nothing in groups of any size", "Let no result depend on the size K."
        self._check(same(values.outcome(padded(groups)), values.outcome(groups)), groups, statement, remedy)

    @np.errstate(all="ignore")
    def test_padding_of_tokens_changes_nothing(self, values: Subject, algorithm: Algorithm, groups: Groups) -> None:
        """Masked candidates change nothing where log-probs are those of tokens; completions may be empty."""
        tokens = self._tokens(algorithm, groups)
        wider = padded(tokens)
        remedy = "Combine `group.token_mask` with `group.mask[..., None]`."
        statement = "masked candidates change nothing where log-probs are those of tokens"
        self._check(same(values.outcome(wider), values.outcome(tokens)), tokens, statement, remedy)
        posed, empty = without_candidates(wider)
        found = zero_where(values.outcome(posed), empty, empty[..., None])
        self._check(found, posed, "a group without candidates has value and weight 0", remedy)
        cut = {**tokens, "token_mask": tokens["token_mask"] & (tokens["scores"] > 0)[..., None]}
        nowhere = np.zeros((), bool)
        found = zero_where(values.outcome(cut), nowhere, nowhere)
        self._check(found, cut, "completions without a token give finite numbers", "Divide by at least 1.")

    def test_half_precision_of_tokens(self, values: Subject, algorithm: Algorithm, groups: Groups) -> None:
        """The law of half precision holds where log-probs are those of tokens."""
        self._check_law(values, algorithm, self._tokens(algorithm, groups), "half")

    def test_float32_gives_what_float64_gives(self, subject: Values, algorithm: Algorithm, groups: Groups) -> None:
        """Outcomes in float32 are those of the widest dtype, up to rounding."""
        wide, single = subject.outcome(groups), algorithm_subject(subject.backend, algorithm, SINGLE).outcome(groups)
        statement, remedy = (
            "float32 gives what float64 gives",
            "Round nothing: keep the dtype of the log-probs.",
        )
        check_agreement(same(single, wide), groups, self.tolerance_of_single, statement, remedy)

    def test_every_library_gives_what_numpy_gives(self, subject: Values, algorithm: Algorithm, groups: Groups) -> None:
        """Values and weights on a backend are those on NumPy, up to rounding."""
        outcome = subject.outcome(groups)
        on_numpy = algorithm_subject(registry.backend("numpy"), algorithm, dtype_name(outcome.value)).outcome(groups)
        statement, remedy = "every library gives what NumPy gives", "Let no result depend on the library."
        self._check(same(outcome, on_numpy), groups, statement, remedy)

    def test_what_it_reports_is_sound(self, algorithm: Algorithm, groups: Groups) -> None:
        """Weights of candidates and the excess cross-entropy are not negative, finite and of the right shape."""
        given: dict[str, Any] = {name: array for name, array in groups.items() if name != "log_probs"}
        reported: dict[str, tuple[Any, tuple[int, ...]]] = {}
        signal, shape = algorithm.prepare(Group(**given)), groups["scores"].shape
        if isinstance(algorithm, WeighsCandidates):
            reported["weights"] = np.asarray(algorithm.weights(signal)), shape
        if isinstance(algorithm, FitsTarget):
            found = np.asarray(algorithm.excess_cross_entropy(groups["log_probs"], signal))
            reported["excess_cross_entropy"] = found, shape[:-1]
        for name, (array, expected) in reported.items():
            assert array.shape == expected, f"`{name}` gives the shape {expected}"
            least = -self.tolerance * float(np.finfo(array.dtype).eps)
            assert np.all(np.isfinite(array) & (array >= least)), f"`{name}` gives finite numbers of at least 0"

    def _tokens(self, algorithm: Algorithm, groups: Groups) -> Groups:
        if not algorithm.traits.takes_tokens:
            pytest.skip("the algorithm takes no tokens")
        return as_tokens(groups)
