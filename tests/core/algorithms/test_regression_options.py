"""The options and requirements of the regression and target methods."""

import dataclasses

import numpy as np
import pytest

from tests.core.algorithms.options import check_refused
from tpo import AWR, GVPO, MDPO, MPO, PMPO, REBEL, RSBP, TRPO, VMPO, Group, InvalidArgumentError, UnknownNameError

OLD = np.log([0.1, 0.2, 0.3, 0.4])
SCORES = np.asarray([6.0, 5.0, 5.0, 6.0])


def test_the_defaults_are_those_of_the_papers_and_their_code():
    assert [dataclasses.asdict(cls()) for cls in (TRPO, MDPO, REBEL, GVPO, PMPO, AWR, RSBP, MPO, VMPO)] == [
        {"kl": 1.0, "reduction": "token-mean"},
        {"step_size": 1.0, "reduction": "token-mean"},
        {"eta": 1.0},
        {"beta": 0.1},
        {"alpha": 0.5, "beta": 0.3, "threshold": "mean"},
        {"beta": 1.0, "max_weight": 20.0},
        {"beta": 1.0},
        {"eta": None, "epsilon": 0.1, "kl": 0.0},
        {"eta": None, "epsilon": 0.01, "kl": 0.0},
    ]


POSITIVE = "`{}` must be positive and finite; got {}. The usual value is {}."
TEMPERATURE = "`{}` must be a positive number; got {}. With eta=None the temperature is found from `epsilon`."
REFUSED = [
    (TRPO, {"kl": -1.0}, "`kl` must be at least 0 and finite; got -1.0. 0 switches it off."),
    (MDPO, {"step_size": 0.0}, POSITIVE.format("step_size", 0.0, 1.0)),
    (REBEL, {"eta": -1.0}, POSITIVE.format("eta", -1.0, 1.0)),
    (GVPO, {"beta": 0.0}, POSITIVE.format("beta", 0.0, 0.1)),
    (RSBP, {"beta": 0.0}, POSITIVE.format("beta", 0.0, 1.0)),
    (AWR, {"beta": 0.0}, POSITIVE.format("beta", 0.0, 1.0)),
    (AWR, {"max_weight": float("nan")}, POSITIVE.format("max_weight", "nan", 20.0)),
    (PMPO, {"alpha": 1.5}, "`alpha` must be from 0 to 1; got 1.5. 0.5 weighs both kinds of feedback alike."),
    (PMPO, {"beta": -1.0}, "`beta` must be at least 0 and finite; got -1.0. 0 switches it off."),
    *((cls, {"eta": 0.0}, TEMPERATURE.format("eta", 0.0)) for cls in (MPO, VMPO)),
    *((cls, {"epsilon": float("inf")}, TEMPERATURE.format("epsilon", "inf")) for cls in (MPO, VMPO)),
    *((cls, {"kl": -1.0}, "`kl` must be at least 0 and finite; got -1.0. 0 switches it off.") for cls in (MPO, VMPO)),
]


@pytest.mark.parametrize(("cls", "options", "message"), REFUSED)
def test_an_option_out_of_its_range_is_refused(cls, options, message):
    check_refused(cls, options, message)


@pytest.mark.parametrize(("cls", "option"), [(PMPO, "threshold"), (TRPO, "reduction"), (MDPO, "reduction")])
def test_an_unknown_name_is_refused(cls, option):
    with pytest.raises(UnknownNameError, match=f"must be a registered {option}; got 'men'"):
        cls(**{option: "men"})


@pytest.mark.parametrize("cls", [AWR, MPO, VMPO])
def test_advantages_are_asked_for_where_they_are_needed(cls):
    with pytest.raises(InvalidArgumentError, match=r"`advantages` must be in the group .* critic's estimates"):
        cls().prepare(Group(scores=SCORES, old_log_probs=OLD))


@pytest.mark.parametrize("cls", [REBEL, GVPO, PMPO, AWR, RSBP, MPO, VMPO])
def test_methods_on_candidates_refuse_log_probs_of_another_shape(cls):
    signal = cls().prepare(Group(scores=SCORES, old_log_probs=OLD, advantages=SCORES))
    with pytest.raises(InvalidArgumentError, match=r"must have the same shape \[..., K\]; got \(4,\) and \(3,\)"):
        cls().loss(OLD[:3], signal)
