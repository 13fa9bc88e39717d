"""An arm makes the algorithm that it describes."""

import pytest

from tpo import DG, TPO, Arm, Gated, InvalidArgumentError, UnknownNameError
from tpo.core.standardizing.names import STANDARDIZERS

OPTIONS = {"eta": 0.5, "anchor": "ratio"}


def test_the_algorithm_has_the_options():
    assert Arm(algorithm="tpo", grouping="sequence", options=OPTIONS).create_algorithm() == TPO(**OPTIONS)
    assert Arm(algorithm="dg", grouping="batch").create_algorithm() == DG()


def test_a_gate_is_put_around_it():
    arm = Arm(algorithm="tpo", grouping="sequence", options=OPTIONS, gate=2.0)
    assert arm.create_algorithm() == Gated(TPO(**OPTIONS), eta=2.0)


def test_a_gate_must_be_positive():
    with pytest.raises(InvalidArgumentError, match=r"`gate` must be positive and finite; got 0\.0"):
        Arm(algorithm="tpo", grouping="sequence", gate=0.0)


def test_an_unknown_option_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"got 'etas'\. Did you mean 'eta'"):
        Arm(algorithm="tpo", grouping="sequence", options={"etas": 1.0}).create_algorithm()


@pytest.mark.parametrize("name", STANDARDIZERS)
def test_a_standardizer_can_be_named(name):
    arm = Arm(algorithm="tpo", grouping="sequence", options={"standardizer": name})
    assert arm.create_algorithm() == TPO(standardizer=STANDARDIZERS[name])


def test_an_unknown_standardizer_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"got 'rank'\. Did you mean 'ranks'"):
        Arm(algorithm="tpo", grouping="sequence", options={"standardizer": "rank"}).create_algorithm()
