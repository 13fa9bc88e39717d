"""What algorithms depend on, found by trying."""

import pytest

import tpo
from tests.llm.made_up import settings_of
from tpo_llm.probes import depends_on_old_log_probs, looks_across_groups
from tpo_llm.settings import Settings

RATIOS = [{}, {"name": "grpo"}, {"name": "gspo"}, {"name": "dr-grpo"}, {"name": "dapo"}, {"token_clip": 0.2}]


@pytest.mark.parametrize("values", RATIOS, ids=str)
def test_methods_of_ratios_do_not_depend_on_old_log_probs(values):
    assert not depends_on_old_log_probs(settings_of(values), reference=False)


@pytest.mark.parametrize("values", [{"anchor": "policy"}, {"anchor": "policy", "length_exponent": 1.0}], ids=str)
def test_targets_built_on_the_old_policy_do(values):
    assert depends_on_old_log_probs(settings_of(values), reference=False)


@pytest.mark.parametrize(("standardizer", "expected"), [(tpo.ZScore(), False), (tpo.BatchZScore(), True)])
def test_standardizing_over_the_batch_looks_across_groups(standardizer, expected):
    settings = Settings(algorithm=tpo.TPO(anchor="ratio", standardizer=standardizer))
    assert looks_across_groups(settings) == expected


@pytest.mark.parametrize("name", ["rloo", "maxrl", "gpg", "rsbp", "cispo", "group-pg"])
def test_losses_that_are_no_functions_of_ratios_do_in_their_value(name):
    assert depends_on_old_log_probs(settings_of({"name": name}), reference=False)


@pytest.mark.parametrize(
    ("values", "without", "with_one"),
    [
        ({}, False, False),
        ({"name": "grpo"}, False, False),
        ({"name": "grpo", "kl": 0.5}, False, True),
        ({"name": "gvpo"}, False, True),
        ({"name": "pmpo"}, True, True),
        ({"truncated_is": 2.0}, True, True),
        ({"name": "grpo", "truncated_is": 2.0}, True, True),
    ],
    ids=str,
)
def test_a_reference_and_an_engine_are_other_policies(values, without, with_one):
    settings = settings_of(values)
    assert depends_on_old_log_probs(settings, reference=False) == without
    assert depends_on_old_log_probs(settings, reference=True) == with_one
