"""The laws checked on functions: each defect breaks the law it should, and the group that shows it is small."""

import json

import numpy as np
import pytest

from tests.kit import losses
from tpo import InvalidArgumentError, InvalidTypeError
from tpo.testing import check_loss
from tpo.testing.find import default_backends
from tpo.testing.laws import LAWS
from tpo.testing.shrink import shrink

DEFECTS = {
    "of_shifted_scores": {"shift", "tied"},
    "of_a_first_candidate": {"permutation"},
    "of_a_plain_ratio": {"tied", "finite", "constant"},
    "with_an_entropy_bonus": {"tied"},
    "with_a_live_target": {"constant"},
    "of_the_whole_batch": {"shift", "alone"},
}
"""Losses, and the laws that each breaks on a backend that differentiates."""

ABOUT_GRADIENTS = {name for name, law in LAWS.items() if law.about_gradients}


def verdicts(loss, backend):
    return {verdict.law: verdict for verdict in check_loss(loss, [backend])}


@pytest.mark.parametrize("loss", [losses.right, losses.policy_gradient])
def test_a_right_loss_keeps_every_law_on_every_backend(loss):
    found = list(check_loss(loss, default_backends()))
    assert [verdict.law for verdict in found if not verdict.holds] == []
    differentiating = (len(default_backends()) - 1) * len(LAWS)
    assert len(found) == differentiating + len(LAWS) - len(ABOUT_GRADIENTS)


@pytest.mark.parametrize(("name", "broken"), DEFECTS.items())
def test_a_defect_breaks_the_law_that_it_should_and_no_other(name, broken):
    found = verdicts(getattr(losses, name), "torch")
    assert {law for law, verdict in found.items() if not verdict.holds} == broken


@pytest.mark.parametrize(("name", "broken"), DEFECTS.items())
def test_numpy_finds_what_shows_in_values(name, broken):
    found = verdicts(getattr(losses, name), "numpy")
    assert set(found) == set(LAWS) - ABOUT_GRADIENTS
    assert {law for law, verdict in found.items() if not verdict.holds} == broken - ABOUT_GRADIENTS


@pytest.mark.parametrize(("name", "broken"), DEFECTS.items())
def test_the_group_that_shows_it_has_two_candidates_and_plain_numbers(name, broken):
    found = verdicts(getattr(losses, name), "torch")
    for law in broken - {"alone"}:
        group = found[law].counterexample.group
        assert {len(values) for values in group.values()} == {2}
        assert all(number == round(number) for values in group.values() for number in values), law


def test_the_counterexample_says_what_came_and_what_should_have():
    found = verdicts(losses.of_shifted_scores, "torch")["tied"].counterexample
    assert found.group == {"log_probs": [0, 0], "scores": [0, 0], "old_log_probs": [0, 0]}
    assert (found.what, found.got, found.expected) == ("gradient", [1, 1], [0, 0])


def test_jax_agrees():
    found = verdicts(losses.with_a_live_target, "jax")
    assert {law for law, verdict in found.items() if not verdict.holds} == {"constant"}


@pytest.mark.parametrize(
    ("loss", "error", "text"),
    [
        (
            losses.reduced_to_a_number,
            InvalidArgumentError,
            (
                "the loss must be one number per group, (128,) for these; got the shape (). "
                "Reduce over the last axis, and only over that."
            ),
        ),
        (
            losses.that_fails,
            InvalidArgumentError,
            (
                "the loss must run on torch; got ValueError: no such luck. "
                "If it is made for one library, say which: --backend."
            ),
        ),
        (
            losses.of_no_log_probs,
            InvalidArgumentError,
            (
                "the loss must depend on `log_probs`; got a gradient of 0 on torch for every group. "
                "Compute it from `log_probs` without detaching them."
            ),
        ),
        (
            losses.of_two,
            InvalidTypeError,
            (
                "the loss must take (log_probs, scores, old_log_probs), each [..., K], and return one loss per group, "
                "[...]; got a function that does not: too many positional arguments. Give the rest defaults."
            ),
        ),
        (
            7,
            InvalidTypeError,
            (
                "the loss must be a function of (log_probs, scores, old_log_probs), each [..., K], and return one loss "
                "per group, [...]; got int. Name one."
            ),
        ),
    ],
    ids=["shape", "failure", "no gradient", "signature", "no function"],
)
def test_what_is_no_loss_is_refused(loss, error, text):
    with pytest.raises(error) as refusal:
        list(check_loss(loss, ["torch"]))
    assert str(refusal.value) == text


def test_shrinking_keeps_what_is_shown_and_nothing_else():
    group = {name: np.asarray([values]) for name, values in (("scores", [3.7, -2.25, 8.5, 0.1]), ("x", [1.5] * 4))}

    def shows(groups):
        return (groups["scores"].max(-1) > 2) & (groups["x"].min(-1) > 1)

    smallest = shrink(shows, group)
    assert {name: values.tolist() for name, values in smallest.items()} == {"scores": [[0, 4]], "x": [[2, 2]]}


class TestOnTheCommandLine:
    @pytest.fixture
    def folder(self, tmp_path, monkeypatch):
        """A folder with a module of losses, which is the current one."""
        (tmp_path / "made_up_losses.py").write_text("from tests.kit.losses import *\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(tmp_path)

    @pytest.mark.usefixtures("folder")
    def test_a_right_loss_exits_with_0(self, tpo):
        outcome = tpo("check-loss", "made_up_losses:right", "--backend", "torch")
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out.splitlines()[-1] == "made_up_losses:right: every law holds"
        assert outcome.out.count("holds") == len(LAWS) + 1

    @pytest.mark.usefixtures("folder")
    def test_a_broken_law_exits_with_1_and_shows_the_group(self, tpo):
        outcome = tpo("check-loss", "made_up_losses:with_a_live_target", "--backend", "torch", "--backend", "numpy")
        assert (outcome.code, outcome.err) == (1, "")
        told = outcome.out.partition("\nconstant breaks on torch:\n")[2].splitlines()
        assert told[1] == "    scores = [0, 0]"
        assert told[3].startswith("    gradient in old_log_probs: [")
        assert told[3].endswith("], which should be [0, 0]")
        assert told[4].startswith("    Stop it")
        assert told[-1] == "made_up_losses:with_a_live_target: 1 of 10 checks break"

    @pytest.mark.usefixtures("folder")
    def test_json_holds_the_same(self, tpo):
        outcome = tpo("check-loss", "made_up_losses:of_a_plain_ratio", "--backend", "numpy", "--json")
        assert (outcome.code, outcome.err) == (1, "")
        told = json.loads(outcome.out)
        assert (told["loss"], told["holds"]) == ("made_up_losses:of_a_plain_ratio", False)
        laws = {law["law"]: law for law in told["laws"]}
        assert {name for name, law in laws.items() if not law["holds"]} == {"finite"}
        assert laws["finite"]["counterexample"]["got"] == ["nan"]
        assert laws["shift"]["statement"] == LAWS["shift"].statement

    @pytest.mark.usefixtures("folder")
    @pytest.mark.parametrize(
        ("loss", "text"),
        [
            ("made_up_losses", "the loss must be named as module:function; got 'made_up_losses'."),
            ("nowhere_at_all:loss", "the loss must be something that can be imported; got 'nowhere_at_all:loss' "),
            ("made_up_losses:none", "the loss must be something that can be imported; got 'made_up_losses:none' "),
            ("made_up_losses:tpo", "the loss must be a function of (log_probs, scores, old_log_probs), "),
            ("made_up_losses:reduced_to_a_number", "the loss must be one number per group, (128,) for these; got "),
        ],
    )
    def test_bad_input_exits_with_2(self, tpo, loss, text):
        outcome = tpo("check-loss", loss, "--backend", "torch")
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith(f"error: {text}")

    def test_an_unknown_backend_exits_with_2(self, tpo):
        outcome = tpo("check-loss", "tests.kit.losses:right", "--backend", "trch")
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith("error: the name must be a registered backend; got 'trch'. Did you mean 'torch'?")

    def test_the_help_has_examples(self, tpo):
        outcome = tpo("check-loss", "--help")
        assert outcome.code == 0
        assert "    tpo check-loss my_losses:torch_loss --backend torch\n" in outcome.out
