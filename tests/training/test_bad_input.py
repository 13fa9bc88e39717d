"""Invalid arguments of training are refused before anything is computed."""

from dataclasses import replace

import pytest

from tpo import TPO, Arm, InvalidArgumentError, InvalidTypeError, UnknownNameError, train
from tpo.plugins import registry
from tpo_tasks.sequences import TokenReversal

TASK = TokenReversal(length=3)


def start(arm=TASK.arms["tpo"], **options):
    options = {"seeds": [0], "steps": 1} | options
    return next(train(TASK, arm, registry.backend("torch"), **options))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"steps": 0}, "`steps` must be at least 1; got 0. A step is a rollout and its epochs."),
        ({"seeds": []}, "`seeds` must hold at least one seed; got none. For example seeds=[0]."),
        ({"steps": 2.5}, "`steps` must be at least 1; got 2.5. A step is a rollout and its epochs."),
        ({"seeds": [0.9]}, "`seed` must be a whole number from 0 to 2**64 - 1; got 0.9."),
        ({"seeds": [-1]}, "`seed` must be a whole number from 0 to 2**64 - 1; got -1."),
    ],
)
def test_numbers(options, text):
    with pytest.raises(InvalidArgumentError) as caught:
        start(**options)
    assert str(caught.value) == text


def test_dtype():
    with pytest.raises(UnknownNameError) as caught:
        start(dtype="float")
    text = "the name must be a registered dtype; got 'float'. Did you mean 'float64'? Registered: float32, float64."
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"group_size": 1},
            "the group size must be at least 2 for tpo; got 1. Use larger groups: --set arm.group_size=2.",
        ),
        ({"epochs": 0}, "`epochs` must be at least 1; got 0. For example 4."),
        ({"batch_size": 0}, "`batch_size` must be at least 1; got 0. For example 100."),
        (
            {"learning_rate": float("inf")},
            "`learning_rate` must be positive and finite; got inf. For example 0.001.",
        ),
        ({"epochs": 2.5}, "`epochs` must be a whole number; got 2.5. For example 4."),
        ({"group_size": "8"}, "`group_size` must be a whole number; got 8. For example 8."),
        ({"learning_rate": "x"}, "`learning_rate` must be positive and finite; got x. For example 0.001."),
        ({"gate": float("nan")}, "`gate` must be positive and finite; got nan. For example 1.0."),
        (
            {"learning_rate": 0.0},
            "`learning_rate` must be positive and finite; got 0.0. For example 0.001.",
        ),
    ],
)
def test_arms(change, text):
    with pytest.raises(InvalidArgumentError) as caught:
        start(replace(TASK.arms["tpo"], **change))
    assert str(caught.value) == text


def test_the_batch_is_the_group_of_single_sample_methods():
    with pytest.raises(InvalidArgumentError) as caught:
        start(replace(TASK.arms["ppo"], batch_size=1))
    text = "the batch size must be at least 2 for ppo; got 1. Use larger groups: --set arm.batch_size=2."
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("arm", "text"),
    [
        (
            Arm(algorithm="gpro", grouping="token"),
            "the name must be a registered algorithm; got 'gpro'. Did you mean 'grpo'?",
        ),
        (
            Arm(algorithm="TPO", grouping="token"),
            "the name must be a registered algorithm; got 'TPO'. Did you mean 'tpo'?",
        ),
        (
            Arm(algorithm="tpo", grouping="tokens"),
            "the name must be a registered grouping; got 'tokens'. Did you mean 'token'?",
        ),
        (
            Arm(algorithm="tpo", grouping="token", options={"etta": 1.0}),
            (
                "the name must be a registered option of tpo; got 'etta'. Did you mean 'eta'? "
                "Registered: anchor, divergence, eta, precision, standardizer."
            ),
        ),
        (
            Arm(algorithm="tpo", grouping="token", optimizer="moun"),
            "the name must be a registered optimizer; got 'moun'. Did you mean 'muon'? Registered: adam, muon, sgd.",
        ),
    ],
)
def test_names(arm, text):
    with pytest.raises(UnknownNameError) as caught:
        start(arm)
    assert str(caught.value).startswith(text)


def test_terminal_reward_needs_whole_completions():
    task = TokenReversal(length=3, reward="terminal")
    arm = replace(task.arms["tpo"], grouping="token")
    with pytest.raises(InvalidArgumentError) as caught:
        next(train(task, arm, registry.backend("torch"), seeds=[0], steps=1))
    assert str(caught.value) == (
        "the grouping must be sequence or batch under terminal reward; got 'token'. "
        "A single token has no terminal reward: --grouping sequence."
    )


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: start(seeds=0), "`seeds` must be a sequence of whole numbers; got int."),
        (lambda: start(seeds=iter([0])), "`seeds` must be a sequence of whole numbers; got list_iterator."),
        (
            lambda: next(train(TASK, TASK.arms["tpo"], "torch", seeds=[0], steps=1)),
            "`backend` must be one that trains TokenReversal; got 'torch'.",
        ),
        (
            lambda: next(train(TokenReversal, TASK.arms["tpo"], registry.backend("torch"), seeds=[0], steps=1)),
            "`task` must be a task; got the class TokenReversal.",
        ),
        (lambda: Arm(algorithm=TPO(), grouping="token"), f"`algorithm` must be a str; got {TPO()!r}."),
        (lambda: Arm(algorithm="tpo", grouping="token", options=None), "`options` must be a Mapping; got None."),
    ],
)
def test_arguments_of_another_type_are_refused_with_an_example(make, text):
    with pytest.raises(InvalidTypeError) as caught:
        make()
    assert str(caught.value).startswith(text)
    assert "For example" in str(caught.value) or "Create one: TokenReversal()." in str(caught.value)


def test_a_backend_without_gradients_is_refused():
    with pytest.raises(InvalidTypeError, match=r"`backend` must be one that trains TokenReversal; got .*NumpyBackend"):
        next(train(TASK, TASK.arms["tpo"], registry.backend("numpy"), seeds=[0], steps=1))


def test_errors_come_before_the_first_step_is_asked_for():
    with pytest.raises(InvalidArgumentError, match="`steps` must be at least 1; got -1"):
        train(TASK, TASK.arms["tpo"], registry.backend("torch"), seeds=[0], steps=-1)


class NoTask:
    """A task without what every task has."""

    def initial_parameters(self, randomness):
        """None."""

    def inputs(self, randomness, arm):
        """None."""

    def check(self, arm):
        """Accept every arm."""


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("token-reversal", "`task` must have `check`, as every tpo.Task; got 'token-reversal', which lacks it."),
        (NoTask(), "`task` must have `matrices`, as every tpo.Task; got <"),
    ],
)
def test_what_is_no_task_is_refused(task, text):
    with pytest.raises(InvalidTypeError) as caught:
        train(task, TASK.arms["tpo"], registry.backend("torch"), seeds=[0], steps=1)
    assert str(caught.value).startswith(text)


def test_seeds_differ():
    with pytest.raises(InvalidArgumentError) as caught:
        start(seeds=[0, 1, 0])
    assert str(caught.value) == "`seeds` must differ; got [0, 1, 0]. A seed gives the same run every time."
