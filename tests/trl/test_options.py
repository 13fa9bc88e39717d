"""From options to algorithms, and what is refused."""

import pytest

import tpo
from tpo_trl import TargetPOConfig
from tpo_trl.options import read_options
from tpo_trl.refused import REFUSALS, refusals


def test_the_default_is_tpo_with_ratios():
    assert read_options({}).algorithm == tpo.TPO(anchor="ratio")
    assert TargetPOConfig("out", use_cpu=True, bf16=False).tpo_settings() == read_options({})


@pytest.mark.parametrize(
    ("values", "algorithm", "exponent"),
    [
        ({"tpo_eta": 0.5, "tpo_anchor": "policy"}, tpo.TPO(eta=0.5), 0.0),
        ({"tpo_target_temperature": 0.5}, tpo.TPO(eta=0.5, anchor="ratio"), 0.0),
        ({"tpo_length_normalize_logps": True}, tpo.TPO(), 1.0),
        ({"tpo_length_normalize_logps": False}, tpo.TPO(), 0.0),
        ({"tpo_length_normalize_logps": True, "tpo_anchor": "ratio"}, tpo.TPO(anchor="ratio"), 1.0),
        ({"tpo_standardizer": "centred"}, tpo.TPO(anchor="ratio", standardizer=tpo.Centred()), 0.0),
        ({"tpo_name": "grpo", "tpo_options": {"clip": 0.1}}, tpo.GRPO(clip=0.1, kl=0.0), 0.0),
        ({"tpo_name": "gspo", "tpo_length_normalize_logps": False}, tpo.GSPO(), 0.0),
        ({"tpo_token_clip": 0.2}, tpo.TokenClip(tpo.TPO(anchor="ratio"), epsilon=0.2), 0.0),
    ],
)
def test_options_name_an_algorithm(values, algorithm, exponent):
    settings = read_options(values)
    assert settings.algorithm == algorithm
    assert settings.length_exponent == exponent


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tpo_name": "gpro"}, "grpo"),
        ({"tpo_eta": 0.0}, "`eta` must be"),
        ({"tpo_eta": "warm"}, "`tpo_eta` must be a number"),
        ({"tpo_eta": 1.0, "tpo_target_temperature": 2.0}, "must not contradict each other; got 2.0 and 1.0"),
        ({"tpo_length_normalize_logps": True, "tpo_length_exponent": 0.0}, "must not contradict"),
        ({"tpo_name": "grpo", "tpo_eta": 1.0}, "option of grpo"),
        ({"tpo_name": "grpo", "tpo_length_exponent": 1.0}, "which takes log-probs of tokens"),
        ({"tpo_options": {"path": "gather"}}, "option of tpo; got 'path'"),
        ({"tpo_options": "kl=0.1"}, "`tpo_options` must be options by name; got 'kl=0.1'"),
        ({"tpo_options": [1]}, "`tpo_options` must be options by name"),
        ({"tpo_name": "grpo", "tpo_options": {"skip_tied": "false"}}, "`tpo_skip_tied` must be true or false; got"),
    ],
)
def test_wrong_options_are_errors(values, message):
    with pytest.raises(tpo.TPOError, match=message):
        read_options(values)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.setting)
def test_options_of_grpos_own_loss_are_refused(refusal):
    wrong = {
        "loss_type": "grpo",
        "epsilon": 0.1,
        "epsilon_high": 0.3,
        "delta": 2.0,
        "importance_sampling_level": "sequence",
        "scale_rewards": "none",
        "off_policy_mask_threshold": 0.5,
        "top_entropy_quantile": 0.2,
    }
    given = {refusal.setting: wrong[refusal.setting]}
    with pytest.raises(tpo.InvalidArgumentError, match=rf"`{refusal.setting}` must not be .*: .*\. .*Leave it out"):
        TargetPOConfig("out", use_cpu=True, bf16=False, **given)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tpo_name": "pmpo"}, "a reference policy must be computed for PMPO; got beta=0"),
        ({"tpo_truncated_is": 2.0}, "needs the log-probs of the engine that sampled; got use_vllm=False"),
    ],
)
def test_what_an_algorithm_lacks_is_refused(values, message):
    with pytest.raises(tpo.InvalidArgumentError, match=message):
        TargetPOConfig("out", use_cpu=True, bf16=False, **values)


@pytest.mark.parametrize("name", ["num_iterations", "steps_per_generation", "gradient_accumulation_steps"])
@pytest.mark.parametrize("value", [0, -1])
def test_counts_are_above_0(name, value):
    with pytest.raises((tpo.InvalidArgumentError, ValueError), match=name):
        TargetPOConfig("out", use_cpu=True, bf16=False, **{name: value})


def test_true_stands_for_trls_way_to_scale():
    assert refusals({"scale_rewards": True}) == refusals({"scale_rewards": "group"}) == []
    assert len(refusals({"scale_rewards": False})) == 1
