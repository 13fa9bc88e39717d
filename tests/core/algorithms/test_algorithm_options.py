"""The options of the algorithms, and groups too small for them."""

import dataclasses

import numpy as np
import pytest

from tests.core.algorithms.options import check_refused
from tpo import DG, GRPO, PPO, REINFORCE, TPO, Group, InvalidArgumentError
from tpo.core.algorithms.base import Traits
from tpo.plugins import builtin, registry

NAN, INF = float("nan"), float("inf")
ETA = "`eta` must be a positive number; got {}. The paper uses 1.0."
CLIP = "`clip` must be positive and finite; got {}. The usual value is 0.2."
KL = "`kl` must be at least 0 and finite; got {}. 0 switches it off."
REFUSED = [
    *((cls, {"eta": eta}, ETA.format(eta)) for cls in (TPO, DG) for eta in (0, -1, NAN, INF)),
    *((cls, {"clip": clip}, CLIP.format(clip)) for cls in (GRPO, PPO) for clip in (0.0, -0.2, NAN)),
    *((GRPO, {"kl": kl}, KL.format(kl)) for kl in (-0.1, NAN)),
]


@pytest.mark.parametrize(("cls", "options", "message"), REFUSED)
def test_an_option_out_of_its_range_is_refused(cls, options, message):
    check_refused(cls, options, message)


def test_the_defaults_are_those_of_the_papers():
    defaults = [dataclasses.asdict(cls()) for cls in (TPO, GRPO, PPO, DG, REINFORCE)]
    assert defaults == [
        {
            "eta": 1.0,
            "anchor": "policy",
            "divergence": "forward",
            "standardizer": {"tolerance": 0.0, "floor": 0.0},
            "precision": "exact",
        },
        {"clip": 0.2, "kl": 0.04, "skip_tied": False, "reduction": "seq-mean-token-mean"},
        {"clip": 0.2, "dual_clip": 0.0, "reduction": "token-mean"},
        {"eta": 1.0, "advantages": "centred", "reduction": "token-mean"},
        {"advantages": "centred", "reduction": "token-mean"},
    ]


@pytest.mark.parametrize("info", builtin.ALGORITHMS, ids=lambda info: info.name)
def test_an_algorithm_is_a_value_with_options_by_keyword(info):
    cls = registry.algorithm(info.name)
    assert cls() == cls()
    assert hash(cls()) == hash(cls())
    assert isinstance(cls.traits, Traits)
    assert [field.kw_only for field in dataclasses.fields(cls)] == [True] * len(dataclasses.fields(cls))
    with pytest.raises(dataclasses.FrozenInstanceError):
        cls().eta = 2.0


def test_tpo_and_grpo_compare_the_candidates_of_one_context():
    compares = [cls.traits.compares_candidates for cls in (TPO, GRPO, PPO, DG, REINFORCE)]
    assert compares == [True, True, False, False, False]


@pytest.mark.parametrize("cls", [TPO, GRPO, PPO, DG, REINFORCE])
def test_a_group_of_one_is_refused(cls):
    with pytest.raises(InvalidArgumentError) as refusal:
        cls().prepare(Group(scores=np.asarray([[1.0]]), old_log_probs=np.asarray([[-1.0]])))
    expected = f"the group size must be at least 2 for {cls.__name__}; got 1. "
    remedy = "Use larger groups: more candidates per context, or a larger batch if the batch is the group."
    assert str(refusal.value) == expected + remedy
