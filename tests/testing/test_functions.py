"""Functions that are accepted or refused as losses for the laws."""

import pytest

from tests.testing import losses
from tpo import InvalidArgumentError, InvalidTypeError
from tpo.testing import check_loss
from tpo.testing.checking import functions
from tpo.testing.checking.functions import CONTRACT, OF_CANDIDATES, WITH_A_TOKEN_MASK, kind_of


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        (losses.right, OF_CANDIDATES),
        (losses.of_options, OF_CANDIDATES),
        (lambda *arrays: arrays[0], OF_CANDIDATES),
        (losses.of_tokens, functions.OF_TOKENS),
        (losses.of_padding_too, functions.OF_TOKENS),
        (lambda a, b, c, token_mask=None: a + b + c + token_mask, functions.OF_TOKENS),
        (losses.of_a_named_mask, WITH_A_TOKEN_MASK),
        (lambda a, b, c, clip=0.2, token_mask=None: a + b + c + clip + token_mask, WITH_A_TOKEN_MASK),
    ],
)
def test_what_a_loss_takes_is_read_from_its_signature(loss, kind):
    assert kind_of(loss) is kind


def test_a_mask_that_goes_by_name_is_given_so():
    assert all(verdict.holds for verdict in check_loss(losses.of_a_named_mask, ["torch"]))


@pytest.mark.parametrize(
    ("loss", "error", "text"),
    [
        (
            losses.reduced_to_a_number,
            InvalidArgumentError,
            (
                "the loss must be one number per group, (128,) for these; got the shape (). "
                "Reduce over candidates and their tokens, and only over those."
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
            losses.that_exits,
            InvalidArgumentError,
            "the loss must run on torch; got SystemExit: 0. If it is made for one library, say which: --backend.",
        ),
        (
            losses.that_exits_on_the_way_back,
            InvalidArgumentError,
            "the loss must run on torch; got SystemExit: 0. If it is made for one library, say which: --backend.",
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
                f"the loss must take {CONTRACT}; got a function that does not: too many positional arguments. "
                "Give the rest defaults."
            ),
        ),
        (
            7,
            InvalidTypeError,
            (
                "the loss must be a function of (log_probs, scores, old_log_probs), each [..., K], or (log_probs, "
                "scores, old_log_probs, token_mask), with log-probs of tokens, [..., K, T], and return one loss per "
                "group, [...]; got int. Name one."
            ),
        ),
    ],
    ids=["shape", "failure", "exit", "exit on the way back", "no gradient", "signature", "no function"],
)
def test_what_is_no_loss_is_refused(loss, error, text):
    with pytest.raises(error) as refusal:
        list(check_loss(loss, ["torch"]))
    assert str(refusal.value) == text


def test_ctrl_c_in_a_loss_is_ctrl_c():
    def interrupted(log_probs, scores, old_log_probs):
        del log_probs, scores, old_log_probs
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(check_loss(interrupted, ["numpy"]))
