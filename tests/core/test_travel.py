"""Values that are pickled, copied and sent to other processes stay equal."""

import copy
import dataclasses
import multiprocessing
import pickle

import array_api_strict
import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS, COMPOSITIONS
from tpo import Adam, Arm, Muon, OptimizerSpec, Traits
from tpo.experiments.catalogue import catalogue
from tpo.plugins import registry

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)
STANDARDIZERS = (
    tpo.ZScore(tolerance=0.1),
    tpo.Centred(),
    tpo.LeaveOneOut(),
    tpo.MeanScaled(),
    tpo.Ranks(),
    tpo.BatchZScore(centre_groups=True),
)
OPTIONS = (
    *ALGORITHMS,
    tpo.TPO(anchor="none", standardizer=tpo.BatchZScore()),
    *STANDARDIZERS,
    OptimizerSpec(learning_rate=0.1, default=Adam(), rules={"w": Muon()}),
    Arm(algorithm="tpo", grouping="sequence", options={"eta": 0.5}, gate=1.0),
    *catalogue().values(),
)
LIBRARIES = ("numpy", "torch", "jax", "mlx", "array-api-strict")

SCORES = np.asarray([[1.0, np.nan, 3.0], [2.0, 2.0, 2.0]], np.float32)
LOG_PROBS = np.log(np.asarray([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]], np.float32))
TOKENS = np.stack([LOG_PROBS, LOG_PROBS - 1], axis=-1)
EVERYTHING = {
    "scores": SCORES,
    "old_log_probs": LOG_PROBS,
    "ref_log_probs": LOG_PROBS - 1,
    "rollout_log_probs": LOG_PROBS + 0.25,
    "advantages": SCORES,
    "baseline_scores": SCORES[:, 0],
    "mask": np.asarray([[True, True, True], [True, True, False]]),
    "taken": np.asarray([[True, False, True], [True, True, False]]),
}


def group(library="numpy", **changes):
    """Make a group of a library's arrays, with all fields."""
    arrays = EVERYTHING | changes
    if library == "array-api-strict":
        return tpo.Group(**{name: array_api_strict.asarray(values.copy()) for name, values in arrays.items()})
    return tpo.Group(**{name: registry.backend(library).asarray(values.copy()) for name, values in arrays.items()})


def of_tokens():
    tokens = dict.fromkeys(("old_log_probs", "ref_log_probs", "rollout_log_probs"), TOKENS)
    return group(**tokens, token_mask=np.ones(TOKENS.shape, bool))


def copies(value):
    pickled = [pickle.dumps(value, protocol) for protocol in PROTOCOLS]
    return [*(pickle.loads(data) for data in pickled), copy.deepcopy(value)]  # noqa: S301 - our own


def assert_same(found, expected):
    """Compare nested tuples of arrays bit for bit."""
    assert type(found) is type(expected)
    if isinstance(expected, tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif expected is not None:
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))


@pytest.mark.parametrize("value", OPTIONS, ids=lambda value: getattr(value, "name", str(value))[:80])
def test_options_are_equal_to_their_copies(value):
    assert vars(value).keys() == {field.name for field in dataclasses.fields(value)}
    assert all(found == value for found in copies(value))


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_copies_have_the_same_traits_which_are_values_too(algorithm):
    assert [found.traits for found in copies(algorithm)] == [algorithm.traits] * (len(PROTOCOLS) + 1)
    assert copies(algorithm.traits) == [algorithm.traits] * (len(PROTOCOLS) + 1)


def test_traits_that_were_pickled_are_still_read_only():
    traits = copies(tpo.TPO(anchor="none").traits)[0]
    assert set(traits.breaks) == {"tied", "direction"}
    with pytest.raises(TypeError, match="does not support item assignment"):
        traits.breaks["shift"] = "because"


def test_traits_follow_the_options_and_those_of_a_class_its_defaults():
    assert tpo.TPO.traits is tpo.TPO().traits
    assert not tpo.TPO.traits.breaks
    assert set(tpo.TPO(anchor="none").traits.breaks) == {"tied", "direction"}
    assert tpo.DG.traits.needs == ()
    assert tpo.DG(advantages="given").traits.needs == ("advantages",)


def test_a_composition_has_the_traits_of_what_is_inside_which_its_class_cannot_know():
    assert tpo.Gated(tpo.TPO(anchor="none")).traits.breaks == tpo.TPO(anchor="none").traits.breaks
    with pytest.raises(AttributeError, match=r"`traits` must be asked of an instance, .* got IcePop\."):
        _ = tpo.IcePop.traits


def test_an_algorithm_may_declare_a_dictionary():
    @dataclasses.dataclass(frozen=True)
    class Plain:
        traits = Traits("none", compares_candidates=True, breaks={"tied": "it is an example"})

    assert copies(Plain.traits) == [Plain.traits] * (len(PROTOCOLS) + 1)
    assert Plain().traits.breaks == {"tied": "it is an example"}


@pytest.mark.parametrize("library", LIBRARIES)
def test_groups_are_equal_to_their_copies(library):
    made = group(library)
    for found in copies(made):
        assert found == made
        assert found.library() == made.library()


@pytest.mark.parametrize("library", ["torch", "jax", "mlx"])
def test_groups_with_scores_in_half_precision_are_equal_to_their_copies(library):
    backend = registry.backend(library)
    scores = backend.namespace().astype(backend.asarray(SCORES), backend.namespace().bfloat16)
    made = tpo.Group(scores=scores, old_log_probs=backend.asarray(LOG_PROBS))
    assert all(found == made for found in copies(made))


def test_groups_of_tokens_are_equal_to_their_copies():
    assert all(found == of_tokens() for found in copies(of_tokens()))


@pytest.mark.parametrize(
    "changes",
    [
        {"scores": SCORES + 1},
        {"scores": SCORES.astype(np.float64)},
        {"old_log_probs": LOG_PROBS.astype(np.float64)},
        {"mask": ~EVERYTHING["mask"]},
        {name: values[:1] for name, values in EVERYTHING.items()},
    ],
    ids=["scores", "their dtype", "dtype", "mask", "shape"],
)
def test_groups_that_differ_are_not_equal(changes):
    assert group() == group()
    assert group() != group(**changes)


def test_groups_differ_by_what_is_absent_by_their_options_and_by_their_library():
    plain = {"scores": LOG_PROBS, "old_log_probs": LOG_PROBS}
    assert tpo.Group(**plain) != tpo.Group(**plain, taken=EVERYTHING["taken"])
    assert tpo.Group(**plain) != tpo.Group(**plain, nan="raise")
    assert group("numpy") != group("jax")
    assert group() != "a group"


def test_a_group_cannot_be_hashed():
    with pytest.raises(TypeError, match="unhashable type: 'Group'"):
        hash(group())


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_signals_and_losses_are_equal_to_their_copies(library, algorithm):
    made = group(library, scores=LOG_PROBS, advantages=LOG_PROBS)
    signal = algorithm.prepare(made)
    loss = algorithm.loss(made.old_log_probs, signal)
    for value in (signal, loss):
        for found in copies(value):
            assert_same(found, value)


@pytest.mark.parametrize("library", ["jax", "mlx", "array-api-strict"])
def test_so_they_are_in_other_libraries(library):
    made = group(library, scores=LOG_PROBS, advantages=LOG_PROBS)
    signal = COMPOSITIONS[-1].prepare(made)
    for found in copies(signal):
        assert_same(found, signal)


def echo(connection):
    """Receive values and send them back; runs in another process."""
    connection.send(connection.recv())
    connection.recv()


def test_everything_comes_back_from_another_process():
    segments = tpo.Segments.from_ids([7, 3, 7, 7])
    made = group(scores=LOG_PROBS, advantages=LOG_PROBS)
    tuples = [tpo.diagnostics(made), *(algorithm.prepare(made) for algorithm in ALGORITHMS)]
    values = [*OPTIONS, *(group(library) for library in LIBRARIES), of_tokens(), segments]
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=echo, args=(there,), daemon=True)
    process.start()
    there.close()
    here.send((values, tuples))
    found, found_tuples = here.recv()
    here.send("PyTorch shares the memory of a process that lives")
    process.join()
    assert found == values
    for one, other in zip(found_tuples, tuples, strict=True):
        assert_same(one, other)
