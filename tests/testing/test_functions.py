"""Functions that are accepted or refused as losses for the laws."""

import re

import array_api_strict
import numpy as np
import pytest
import torch

from tests.testing import losses
from tpo import InvalidArgumentError, InvalidTypeError
from tpo.testing import check_loss
from tpo.testing.checking import functions
from tpo.testing.checking.find import default_backends
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


@pytest.mark.parametrize(
    ("loss", "kind"),
    [(losses.of_complex_numbers, "complex"), (losses.of_whole_numbers, "int"), (losses.of_booleans, "bool")],
)
@pytest.mark.parametrize("backend", [*default_backends(), "mlx"])
@pytest.mark.filterwarnings("error")
def test_a_loss_that_is_not_real_is_refused(loss, kind, backend):
    with pytest.raises(InvalidArgumentError) as refusal:
        list(check_loss(loss, [backend]))
    start, remedy = str(refusal.value).split(". ")
    assert re.fullmatch(rf"the loss must be real floating; got {kind}(\d+|_)?", start)
    assert remedy == "Only real floating-point numbers have a gradient: return such."


class OfStrictArrays:
    """A backend of the namespace that has nothing but the standard."""

    name = "strict"

    def namespace(self):
        return array_api_strict


@pytest.mark.parametrize(
    ("dtype", "got"), [("complex64", "complex64"), ("int64", "int64"), ("bool", "bool"), ("float64", None)]
)
def test_the_standard_suffices_to_tell_what_is_real(dtype, got):
    value = array_api_strict.zeros(2, dtype=getattr(array_api_strict, dtype))
    loss = functions.as_loss(OfStrictArrays(), lambda *_: value, OF_CANDIDATES)
    data = {"scores": np.zeros((2, 3)), "old_log_probs": None}
    if got is None:
        assert loss(None, data).value is value
    else:
        with pytest.raises(InvalidArgumentError, match=f"the loss must be real floating; got {got}\\."):
            loss(None, data)


def test_a_loss_of_objects_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"the loss must be real floating; got object\."):
        list(check_loss(lambda a, b, c: np.empty((a + b + c).shape[:-1], dtype=object), ["numpy"]))


@pytest.mark.parametrize(("factor", "refused"), [(1, False), (1j, True)])
def test_a_loss_that_comes_from_another_library_is_judged_alike(factor, refused):
    def of_torch(log_probs, scores, old_log_probs):
        del old_log_probs
        return -(torch.as_tensor(scores) * torch.as_tensor(log_probs) * factor).sum(-1)

    if refused:
        with pytest.raises(InvalidArgumentError, match=r"the loss must be real floating; got complex128\."):
            list(check_loss(of_torch, ["numpy"]))
    else:
        assert [verdict.law for verdict in check_loss(of_torch, ["numpy"]) if not verdict.holds] == ["shift", "half"]


def test_ctrl_c_in_a_loss_is_ctrl_c():
    def interrupted(log_probs, scores, old_log_probs):
        del log_probs, scores, old_log_probs
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(check_loss(interrupted, ["numpy"]))
