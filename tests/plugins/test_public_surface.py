"""The public names: exactly these, each of them there and documented."""

import inspect

import pytest

import tpo

NAMES = """
Adam Algorithm AlgorithmInfo Arm Array Autodiff Backend BackendInfo DG GRPO Group Grouping InvalidArgumentError
InvalidTypeError Loss Muon NotInstalledError Optimizer OptimizerSpec OutputError PPO Parameters PluginError REINFORCE
Randomness Rollout SGD StepResult TPO TPOError Task TaskInfo Traits Transformer UnknownNameError candidate_weights
cross_entropy groupings hookimpl neutral_log_softmax sequence_log_probs standardize target train unknown_name
""".split()
ALIASES = {"Array", "Parameters"}
"""Names of types, which cannot hold a docstring."""


def test_a_new_name_is_a_decision():
    assert sorted(tpo.__all__) == sorted(NAMES)
    assert set(NAMES) <= set(dir(tpo))


@pytest.mark.parametrize("name", NAMES)
def test_each_name_resolves_and_is_documented(name):
    thing = getattr(tpo, name)
    if name not in ALIASES:
        assert inspect.getdoc(thing)


def test_the_errors_derive_from_tpos_and_from_the_built_in_of_their_kind():
    built_in = {
        tpo.InvalidArgumentError: ValueError,
        tpo.InvalidTypeError: TypeError,
        tpo.UnknownNameError: LookupError,
        tpo.NotInstalledError: ImportError,
        tpo.PluginError: RuntimeError,
        tpo.OutputError: OSError,
    }
    for error, base in built_in.items():
        assert issubclass(error, tpo.TPOError)
        assert issubclass(error, base)


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="No tpo attribute targt"):
        tpo.targt  # noqa: B018


def test_the_version_is_the_one_installed():
    from importlib.metadata import version

    assert tpo.__version__ == version("tpo")
