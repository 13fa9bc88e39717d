"""Settings of trainers of language models."""

import pytest

import tpo
from tests.llm.made_up import SECTION
from tpo_llm.settings import read_settings


@pytest.mark.parametrize(
    ("values", "algorithm"),
    [
        ({}, tpo.TPO(anchor="ratio")),
        ({"name": "tpo", "anchor": "policy", "eta": 2}, tpo.TPO(eta=2.0, anchor="policy")),
        ({"precision": "fast"}, tpo.TPO(anchor="ratio", precision="fast")),
        ({"divergence": "reverse"}, tpo.TPO(anchor="ratio", divergence="reverse")),
        ({"standardizer": "mean-scaled"}, tpo.TPO(anchor="ratio", standardizer=tpo.MeanScaled())),
        ({"standardizer": "ranks", "eta": 2}, tpo.TPO(anchor="ratio", standardizer=tpo.Ranks(), eta=2.0)),
        ({"name": "rsbp", "beta": 0.1}, tpo.RSBP(beta=0.1)),
        (
            {"divergence": "reverse", "token_clip": 0.2},
            tpo.TokenClip(tpo.TPO(anchor="ratio", divergence="reverse"), epsilon=0.2),
        ),
        ({"standardizer": "centred"}, tpo.TPO(anchor="ratio", standardizer=tpo.Centred())),
        ({"name": "grpo", "kl": 0}, tpo.GRPO(kl=0.0)),
        ({"name": "gvpo", "beta": 0.5}, tpo.GVPO(beta=0.5)),
        ({"token_clip": 0.1}, tpo.TokenClip(tpo.TPO(anchor="ratio"), epsilon=0.1)),
        ({"name": "grpo"}, tpo.GRPO(kl=0.0)),
        ({"name": "gspo", "truncated_is": 3.0}, tpo.TruncatedIS(tpo.GSPO(), cap=3.0)),
        (
            {"token_clip": 0.2, "truncated_is": 2.0},
            tpo.TruncatedIS(tpo.TokenClip(tpo.TPO(anchor="ratio"), epsilon=0.2), cap=2.0),
        ),
    ],
    ids=str,
)
def test_the_algorithm_of_settings(values, algorithm):
    assert read_settings(values, SECTION).algorithm == algorithm


def test_what_is_not_of_the_algorithm():
    settings = read_settings({"length_exponent": 0.5, "tie_tolerance": 0.01, "path": "gather"}, SECTION)
    assert (settings.length_exponent, settings.tie_tolerance, settings.path) == (0.5, 0.01, "gather")
    assert (settings.takes_tokens, settings.needs_rollout_log_probs, settings.tilts_old_policy) == (False, False, False)
    assert read_settings({"anchor": "policy"}, SECTION).tilts_old_policy
    assert read_settings({"token_clip": 0.2}, SECTION).takes_tokens
    assert read_settings({"truncated_is": 2.0}, SECTION).needs_rollout_log_probs


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        ({"name": "tppo"}, tpo.UnknownNameError, "Did you mean 'tpo'"),
        ({"etta": 1.0}, tpo.UnknownNameError, "option of tpo; got 'etta'. Did you mean 'eta'"),
        ({"anchor": "old"}, tpo.UnknownNameError, "anchor"),
        (
            {"standardizer": "z"},
            tpo.UnknownNameError,
            "centred, leave-one-out, mean-scaled, ranks, z-score",
        ),
        ({"divergence": "revers"}, tpo.UnknownNameError, "registered divergence; got 'revers'. Did you mean 'reverse'"),
        ({"divergence": 1}, tpo.InvalidTypeError, "algorithm.tpo.divergence` must be a string; got 1"),
        (
            {"name": "grpo", "standardizer": "centred"},
            tpo.InvalidArgumentError,
            "must be left out for grpo, which has none to choose; got 'centred'. tpo has one",
        ),
        ({"eta": "one"}, tpo.InvalidTypeError, "algorithm.tpo.eta"),
        ("grpo", tpo.InvalidTypeError, "must be a section of settings; got 'grpo'"),
        ({"name": None}, tpo.InvalidTypeError, "must be a string; got None"),
        ({"path": "none"}, tpo.UnknownNameError, "Registered: auto, gather, whole"),
        ({"length_exponent": 2.0}, tpo.InvalidArgumentError, "from 0 to 1; got 2.0"),
        ({"name": "grpo", "length_exponent": 1.0}, tpo.InvalidArgumentError, "must be 0 for GRPO"),
        ({"tie_tolerance": -1.0}, tpo.InvalidArgumentError, "finite and at least 0; got -1.0"),
        ({"name": "ppo"}, tpo.InvalidArgumentError, "needs only the scores of several candidates; got PPO"),
        ({"name": "remax"}, tpo.InvalidArgumentError, "needs only the scores of several candidates; got ReMax"),
        ({"name": "grpo", "token_clip": 0.2}, tpo.InvalidArgumentError, "got GRPO, which clips by itself"),
    ],
    ids=str,
)
def test_settings_that_are_refused(values, error, text):
    with pytest.raises(error, match=text.replace(".", r"\.")):
        read_settings(values, SECTION)


@pytest.mark.parametrize("name", ["path", "tie_tolerance", "truncated_is"])
def test_what_a_trainer_has_no_use_for_is_unknown_to_it(name):
    assert read_settings({name: None}, SECTION, accepted=("token_clip", name)).algorithm == tpo.TPO(anchor="ratio")
    with pytest.raises(tpo.UnknownNameError, match=f"option of tpo; got '{name}'") as caught:
        read_settings({name: 0.5}, SECTION, accepted=("token_clip",))
    assert f", {name}" not in str(caught.value)
    assert "token_clip" in str(caught.value)
