"""The public names are exactly these, and each is documented."""

import inspect
from importlib.metadata import version

import pytest

import tpo

ERRORS = {
    "DataError": OSError,
    "InvalidArgumentError": ValueError,
    "InvalidTypeError": TypeError,
    "NotInstalledError": ImportError,
    "OutputError": OSError,
    "PluginError": RuntimeError,
    "TPOError": Exception,
    "UnknownNameError": LookupError,
}
"""Each error, and the built-in one of its kind."""
FUNCTIONS = {
    *("combine_scores", "standardize", "target", "candidate_weights", "cross_entropy", "sequence_log_probs"),
    *(
        "floor_of",
        "neutral_log_softmax",
        "hookimpl",
        "backend",
        "train",
        "unknown_name",
        "policy_over_group",
        "diagnostics",
    ),
    *("summarize", "overlong_penalty", "namespace_of", "check_group", "row_weights"),
    *("check_data_set", "load_data_set"),
}
CLASSES = {
    *("Group", "Loss", "TPO", "GRPO", "PPO", "DG", "REINFORCE", "SGD", "Adam", "Muon", "OptimizerSpec"),
    *("Gated", "TruncatedIS", "IcePop"),
    *("TRPO", "MDPO", "REBEL", "GVPO", "PMPO", "AWR", "MPO", "VMPO"),
    *("REINFORCEPlusPlus", "ReMax", "RLOO", "MaxRL", "GroupPG", "DrGRPO", "DAPO", "GSPO", "CISPO", "SAPO", "GPG"),
    *("Algorithm", "Backend", "Autodiff", "Optimizer", "Task", "Grouping", "Segments", "Diagnostics"),
    *(
        "NeutralOps",
        "EagerOps",
        "LAYER_NORM_EPS",
        "SharesWork",
        "Drafts",
        "MeasuresMore",
        "GivesMore",
        "ClosedForm",
        "Runner",
        "distinct",
        "settle_draft",
        "Standardizer",
        "ZScore",
        "Centred",
        "LeaveOneOut",
        "BatchZScore",
        "DegenerateGroupsWarning",
    ),
    *(
        "AlgorithmInfo",
        "BackendInfo",
        "TaskInfo",
        "TrackerInfo",
        "PluginHost",
        "Tracker",
        "Arm",
        "Rollout",
        "Traits",
        "Randomness",
        "StepResult",
        "Transformer",
        "MLP",
        "LabelledImages",
        "Evaluated",
        "OneShot",
    ),
}
ALIASES = {"Array", "Parameters"}
"""Names of types, which cannot hold a docstring."""
NAMES = sorted({"groupings", *ERRORS, *FUNCTIONS, *CLASSES, *ALIASES})


def test_a_new_name_is_a_decision():
    assert sorted(tpo.__all__) == NAMES
    assert set(NAMES) <= set(dir(tpo))


@pytest.mark.parametrize("name", NAMES)
def test_each_name_resolves_and_is_documented(name):
    thing = getattr(tpo, name)
    if name not in ALIASES:
        assert inspect.getdoc(thing)


@pytest.mark.parametrize(("name", "built_in"), ERRORS.items())
def test_each_error_derives_from_tpos_and_from_the_built_in_of_its_kind(name, built_in):
    assert issubclass(getattr(tpo, name), tpo.TPOError)
    assert issubclass(getattr(tpo, name), built_in)


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="No tpo attribute targt"):
        tpo.targt  # noqa: B018


def test_the_version_is_the_one_installed():
    assert tpo.__version__ == version("tpo")
