"""The laws checked on functions: each defect breaks its law, with a small counterexample."""

import numpy as np
import pytest

import tpo
from tests.testing import losses
from tpo import UnknownNameError
from tpo.testing import check_loss
from tpo.testing.checking.find import default_backends
from tpo.testing.checking.shrink import shrink
from tpo.testing.laws.all_laws import LAWS

DEFECTS = {
    "of_shifted_scores": {"shift", "tied"},
    "of_a_first_candidate": {"permutation"},
    "of_a_plain_ratio": {"tied", "finite", "constant"},
    "with_an_entropy_bonus": {"tied"},
    "with_a_live_target": {"constant"},
    "of_the_whole_batch": {"shift", "alone"},
    "with_a_wrong_sign": {"direction"},
    "of_a_small_deviation": {"tied", "half"},
    "in_half": {"half"},
    "of_padding_too": {"padding"},
}
"""Losses with the laws that each breaks on a backend that differentiates."""

OF_TOKENS = {"of_tokens", "of_padding_too"}
ABOUT_TOKENS = {name for name, law in LAWS.items() if law.about_tokens}
BIGGER = {"of_a_small_deviation": {"tied", "half"}}
"""Laws whose counterexample has more than two candidates: the mean of two equal numbers is exact."""

ABOUT_GRADIENTS = {name for name, law in LAWS.items() if law.about_gradients}


def verdicts(loss, backend):
    return {verdict.law: verdict for verdict in check_loss(loss, [backend])}


def laws_of(loss):
    """The laws that apply to a loss on a backend that differentiates."""
    return set(LAWS) - (set() if loss in OF_TOKENS else ABOUT_TOKENS)


@pytest.mark.parametrize("name", ["right", "policy_gradient", "of_tokens"])
def test_a_right_loss_keeps_every_law_on_every_backend(name):
    found = list(check_loss(getattr(losses, name), default_backends()))
    assert [verdict.law for verdict in found if not verdict.holds] == []
    differentiating = (len(default_backends()) - 1) * len(laws_of(name))
    assert len(found) == differentiating + len(laws_of(name) - ABOUT_GRADIENTS)


@pytest.mark.parametrize(("name", "broken"), DEFECTS.items())
def test_a_defect_breaks_the_law_that_it_should_and_no_other(name, broken):
    found = verdicts(getattr(losses, name), "torch")
    assert {law for law, verdict in found.items() if not verdict.holds} == broken


@pytest.mark.parametrize(("name", "broken"), DEFECTS.items())
def test_numpy_finds_what_shows_in_values(name, broken):
    found = verdicts(getattr(losses, name), "numpy")
    assert set(found) == laws_of(name) - ABOUT_GRADIENTS
    assert {law for law, verdict in found.items() if not verdict.holds} == broken - ABOUT_GRADIENTS


@pytest.mark.parametrize(("name", "broken"), DEFECTS.items())
def test_the_group_that_shows_it_has_two_candidates_and_plain_numbers(name, broken):
    found = verdicts(getattr(losses, name), "torch")
    for law in broken - BIGGER.get(name, {"alone", "half"}):
        group = {what: np.asarray(values) for what, values in found[law].counterexample.group.items()}
        assert {len(values) for values in group.values()} == {2}
        assert all((values == np.round(values)).all() for values in group.values()), law


def test_the_counterexample_says_what_came_and_what_should_have():
    found = verdicts(losses.of_shifted_scores, "torch")["tied"].counterexample
    assert found.group == {"log_probs": [0, 0], "scores": [0, 0], "old_log_probs": [0, 0]}
    assert (found.what, found.got, found.expected) == ("gradient", [1, 1], [0, 0])


def test_a_counterexample_of_tokens_has_a_token_each():
    found = verdicts(losses.of_padding_too, "torch")["padding"].counterexample
    assert found.group["token_mask"] == [[True], [True]]
    assert np.shape(found.group["log_probs"]) == (2, 1)
    assert (np.shape(found.got), found.got[0][1:]) == ((2, 3), [0, 0])
    np.testing.assert_allclose(found.got, np.asarray(found.expected) / 3)


def test_round_off_is_called_so_where_it_is():
    tied = verdicts(losses.with_an_entropy_bonus, "torch")["tied"].counterexample
    assert tied.remedy == LAWS["tied"].remedy
    assert max(map(abs, tied.got)) > 1e-4
    off = verdicts(losses.of_a_small_deviation, "torch")["tied"].counterexample
    assert 1e-9 < max(map(abs, off.got)) < 1e-5
    assert "not where its deviation is small" in off.remedy

    def automatic(log_probs, scores, old_log_probs):
        return tpo.cross_entropy(tpo.target(old_log_probs, scores, precision="fast"), log_probs)

    tied = verdicts(automatic, "torch")["tied"].counterexample
    assert max(map(abs, tied.got)) < 1e-15
    assert tied.remedy.startswith("This is round-off, which counts too")


def test_functions_prepare_nothing():
    assert LAWS["constant"].said_of(functions=True) == "no gradient flows into the old log-probs"
    assert LAWS["constant"].said_of(functions=False) == "the prepared signal carries no gradient"
    assert LAWS["tied"].said_of(functions=True) == LAWS["tied"].statement


def test_a_loss_that_has_no_half_precision_breaks_that_law_alone():
    broken = [verdict for verdict in check_loss(losses.that_wants_single, ["torch"]) if not verdict.holds]
    assert [verdict.law for verdict in broken] == ["half"]
    assert broken[0].counterexample.what == "fails there: RuntimeError: no kernel for this dtype"


def test_a_law_that_is_skipped_is_not_checked():
    found = {verdict.law for verdict in check_loss(losses.of_shifted_scores, ["torch"], skip=["shift", "tied"])}
    assert found == laws_of("of_shifted_scores") - {"shift", "tied"}
    with pytest.raises(UnknownNameError, match=r"registered law; got 'shfit'. Did you mean 'shift'\?"):
        list(check_loss(losses.right, ["torch"], skip=["shfit"]))


def test_every_law_is_announced_before_it_is_checked():
    told = []
    for verdict in check_loss(losses.right, ["numpy"], begun=lambda law, backend: told.append((law, backend))):
        assert told[-1] == (verdict.law, "numpy")
    assert [law for law, _ in told] == [law for law in LAWS if law in laws_of("right") - ABOUT_GRADIENTS]


@pytest.mark.parametrize(
    ("name", "most_calls", "most_programs"),
    [("right", 40, 4), ("of_a_plain_ratio", 80, 6), ("of_a_small_deviation", 100, 7)],
)
def test_a_loss_is_called_so_often_and_with_so_many_shapes_and_dtypes(name, most_calls, most_programs):
    calls = []

    def counted(log_probs, scores, old_log_probs):
        calls.append((log_probs.dtype, *log_probs.shape))
        return getattr(losses, name)(log_probs, scores, old_log_probs)

    list(check_loss(counted, ["torch"]))
    assert len(calls) <= most_calls
    # Each is compiled anew by some libraries, which is most of what takes time.
    assert len(set(calls)) <= most_programs


def test_jax_agrees():
    found = verdicts(losses.with_a_live_target, "jax")
    assert {law for law, verdict in found.items() if not verdict.holds} == {"constant"}


def test_shrinking_keeps_what_is_shown_and_nothing_else():
    group = {name: np.asarray([values]) for name, values in (("scores", [3.7, -2.25, 8.5, 0.1]), ("x", [1.5] * 4))}

    def shows(groups):
        return (groups["scores"].max(-1) > 2) & (groups["x"].min(-1) > 1)

    smallest = shrink(shows, group)
    assert {name: values.tolist() for name, values in smallest.items()} == {"scores": [[0, 4]], "x": [[2, 2]]}
