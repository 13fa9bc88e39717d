"""Word problems: masks, scores, metrics and evaluation against loops in NumPy."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

from tests.policies.test_transformer import plain_transformer
from tests.tasks.words.reading import text_of
from tests.tasks.words.warmed import SHORTEST, Warmed, warmed
from tpo import Arm, InvalidArgumentError, Randomness, Rollout
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.exhibit import Exhibit, Trainer
from tpo.experiments.spec.plan import plan
from tpo.plugins import registry
from tpo.testing import TaskSuite
from tpo.testing.suites.task_runs import small
from tpo.training.checks import check
from tpo.training.evaluation import evaluator
from tpo.training.trainer import Training, draw_inputs, initial_parameters
from tpo_tasks.words.characters import END
from tpo_tasks.words.pool import HELD_OUT, TRAINING, completion_length, pool_of
from tpo_tasks.words.task import BEGINNING, BEGINNING_BATCH, BEGINNING_STEPS, WHOLE_BATCH, WordProblemTask

TASK = Warmed(**SHORTEST)
SEEDS = (0, 1)
BATCHES = {20: 16, 80: 8, 240: 4}
"""Prompts per step, by length."""


class TestWordProblems(TaskSuite):
    arms = ("tpo", "grpo")
    """One arm per grouping."""

    @pytest.fixture
    def task(self):
        return TASK


def arm_of(name, **changes):
    return replace(TASK.arms[name], **({"batch_size": 5, "group_size": 4} | changes))


GROUPINGS = ("sequence", "sequence-sqrt", "sequence-tokens")


@pytest.fixture
def rolled(autodiff):
    return rolled_on(autodiff)


@functools.cache
def rolled_on(autodiff):
    """A rollout of thirty prompts, and its log-probs in each of `GROUPINGS`, as NumPy arrays."""
    arms = {name: arm_of("tpo", batch_size=30, grouping=name) for name in GROUPINGS}

    def roll(params, inputs):
        rollout = TASK.rollout(autodiff, params, inputs, arms["sequence-tokens"])
        return rollout, [TASK.log_probs(autodiff, params, rollout.data, arm) for arm in arms.values()]

    params = initial_parameters(TASK, autodiff, SEEDS, "float64")
    inputs = draw_inputs(TASK, arms["sequence"], autodiff, SEEDS, 0, "float64")
    rollout, log_probs = autodiff.compile(roll)(params, inputs)
    host = autodiff.to_numpy
    data, scores, error, more, group = rollout
    metrics = {name: host(values) for name, values in {**more, **group}.items()}
    found = Rollout([host(array) for array in data], host(scores), host(error), metrics)
    return found, dict(zip(GROUPINGS, map(host, log_probs), strict=True))


def test_the_log_prob_of_a_completion_is_the_sum_over_its_tokens_up_to_the_end(rolled):
    found, log_probs = rolled
    prompts, completions, mask = found.data
    for seed, prompt, number in [(0, 0, 0), (1, 3, 2), (0, 4, 3)]:
        place = seed, prompt, number
        row = completions[place].tolist()
        length = row.index(1) + 1 if 1 in row else len(row)
        assert mask[place].tolist() == [position < length for position in range(len(row))]
        asked = prompts[seed, prompt].tolist()
        predicted = plain_transformer(warmed(), np.asarray([*asked, *row]))[len(asked) - 1 :]
        expected = sum(predicted[position, row[position]] for position in range(length))
        assert log_probs["sequence"][place] == pytest.approx(expected, rel=1e-9)
        assert log_probs["sequence-sqrt"][place] == pytest.approx(expected / length**0.5, rel=1e-9)
        assert log_probs["sequence-tokens"][place][:length].sum() == pytest.approx(expected, rel=1e-9)
    np.testing.assert_array_equal(found.more["token_mask"], mask)
    assert 0.5 < mask.mean() < 0.95


def test_scores_and_metrics_are_those_of_the_texts(rolled):
    found, _ = rolled
    prompts, completions, mask = found.data
    pool = pool_of(1, 1).training
    endings = {
        prompt.tobytes(): text_of(ending.tolist()) for prompt, ending in zip(pool.prompts, pool.endings, strict=True)
    }
    for place in np.ndindex(found.scores.shape):
        row, ending = completions[place].tolist(), endings[prompts[place[:2]].astype(np.int32).tobytes()]
        assert found.scores[place] == (1 in row and text_of(row).endswith(ending))
    assert 0 < found.scores.mean() < 0.5
    lengths, ended = mask.sum(-1), (completions == 1).any(-1)
    np.testing.assert_allclose(found.error, 1 - found.scores.mean((1, 2)), rtol=1e-12)
    np.testing.assert_allclose(found.more["completion_length"], lengths.mean((1, 2)), rtol=1e-12)
    np.testing.assert_allclose(found.more["ended"], ended.mean((1, 2)), rtol=1e-12)


def test_the_evaluation_is_the_share_of_wrong_greedy_answers(autodiff):
    params = initial_parameters(TASK, autodiff, (0,), "float64")
    (error,) = evaluator(TASK, TASK.arms["tpo"], autodiff).evaluate(params)["test_error"]
    problems = pool_of(1, 1).held_out
    greedy = autodiff.compile(lambda *arrays: TASK.policy.greedy(autodiff, *arrays))(
        params, autodiff.asarray(problems.prompts[None])
    )
    texts = [text_of(row) for row in autodiff.to_numpy(greedy)[0].tolist()]
    wrong = [not t.endswith(text_of(e)) for t, e in zip(texts, problems.endings.tolist(), strict=True)]
    assert error == pytest.approx(np.mean(wrong), abs=1e-12)
    assert 0.5 < error < 0.95


def cross_entropies(prompts, solutions):
    """Cross-entropy of each token of solutions up to their end, in nats, by the plain transformer."""
    found = []
    for prompt, solution in zip(prompts.tolist(), solutions.tolist(), strict=True):
        predicted = plain_transformer(warmed(), np.asarray([*prompt, *solution]))[len(prompt) - 1 :]
        found += [-predicted[place, solution[place]] for place in range(solution.index(END) + 1)]
    return found


def supervised_loss(autodiff, examples):
    params = initial_parameters(TASK, autodiff, (0,), "float64")
    on_backend = {name: autodiff.asarray(values[None]) for name, values in examples.items()}
    loss = autodiff.compile(lambda *arrays: TASK.supervised_loss(autodiff, *arrays))
    (found,) = autodiff.to_numpy(loss(params, on_backend))
    return found


def test_the_supervised_loss_is_the_cross_entropy_of_solutions_with_their_end(autodiff):
    examples = {name: values[:3] for name, values in TASK.examples(Randomness(4, 2)).items()}
    expected = np.mean(cross_entropies(examples["prompts"], examples["solutions"]))
    assert supervised_loss(autodiff, examples) == pytest.approx(expected, rel=1e-9)


def test_the_supervised_loss_counts_beginnings_once_more(autodiff, monkeypatch):
    monkeypatch.setattr("tpo_tasks.words.task.BEGINNING", 4)
    examples = {name: values[:3] for name, values in TASK.examples(Randomness(4, BEGINNING_STEPS)).items()}
    of_each = [cross_entropies(*pair) for pair in zip(*(values[:, None] for values in examples.values()), strict=True)]
    assert [len(one) > 4 for one in of_each] == [True] * 3
    means = [np.mean(np.concatenate(part)) for part in ([one[:4] for one in of_each], of_each)]
    assert supervised_loss(autodiff, examples) == pytest.approx(np.mean(means), rel=1e-9)
    assert abs(means[0] - means[1]) > 1e-3


def test_whole_solutions_come_after_the_first_supervised_steps():
    task = WordProblemTask(length=80)
    beginnings, whole = (task.examples(Randomness(1, step)) for step in (BEGINNING_STEPS - 1, BEGINNING_STEPS))
    assert beginnings["solutions"].shape == (BEGINNING_BATCH, BEGINNING)
    assert not (beginnings["solutions"] == END).any()
    assert whole["solutions"].shape == (WHOLE_BATCH, completion_length(1, 80))
    assert (whole["solutions"] == END).any(-1).all()
    for examples in (beginnings, whole):
        for prompt, solution in zip(examples["prompts"].tolist(), examples["solutions"].tolist(), strict=True):
            number = text_of(prompt).split(" has ")[1].split()[0]
            assert f"{number}+" in text_of(solution) or f"{number}-" in text_of(solution)


def test_the_beginning_of_a_solution_of_twenty_characters_is_all_of_it():
    assert completion_length(1, 20) == BEGINNING


def test_no_problem_is_held_out_and_trained_on_and_other_lengths_have_the_same():
    short, long = pool_of(1, 1), pool_of(1, 30)
    assert (len(short.training.prompts), len(short.held_out.prompts)) == (TRAINING, HELD_OUT)
    both = np.concatenate([short.training.prompts, short.held_out.prompts])
    assert len(np.unique(both, axis=0)) == TRAINING + HELD_OUT
    np.testing.assert_array_equal(short.training.prompts, long.training.prompts)
    assert short.training.solutions.shape[1] == completion_length(1, 1)
    for part in (short.training, long.held_out):
        for solution, ending in zip(part.solutions[:50].tolist(), part.endings[:50].tolist(), strict=True):
            assert text_of(solution).endswith(text_of(ending))


@pytest.mark.parametrize("algorithm", [pytest.param("tpo", marks=pytest.mark.exhaustive), "grpo"])
def test_both_backends_sample_the_same_and_end_with_the_same_parameters(algorithm):
    runs = []
    for name in ("jax", "torch"):
        # The arm of the suite above, so that its compiled programs serve here, too.
        training = Training(TASK, small(TASK.arms[algorithm]), registry.backend(name), seeds=SEEDS, dtype="float64")
        runs.append((list(training.until(5)), training.snapshot()))
    (ours, params), (theirs, others) = runs
    for mine, yours in zip(ours, theirs, strict=True):
        # Another sample would change the error by a hundredth or more; the order of a sum depends on the processor.
        np.testing.assert_allclose(mine.metrics.error, yours.metrics.error, rtol=0, atol=1e-12)
        for name in ("completion_length", "ended"):
            np.testing.assert_allclose(mine.metrics.more[name], yours.metrics.more[name], rtol=1e-12)
    for path in (path for path in params if path.startswith("/0/")):
        np.testing.assert_allclose(params[path], others[path], rtol=0, atol=1e-9, err_msg=path)


def test_methods_get_the_log_probs_that_they_take():
    assert TASK.arms["tpo"].grouping == "sequence"
    assert {TASK.arms[name].grouping for name in ("grpo", "dr-grpo", "rloo")} == {"sequence-tokens"}
    assert TASK.default_arm("gvpo", compares_candidates=True).grouping == "sequence"
    single = TASK.default_arm("ppo", compares_candidates=False)
    usual = TASK.arms["tpo"]
    assert (single.grouping, single.batch_size) == ("batch", usual.batch_size * usual.group_size)


def test_an_algorithm_on_whole_candidates_is_refused_for_groups_of_tokens():
    arm = replace(TASK.arms["tpo"], grouping="sequence-tokens")
    with pytest.raises(InvalidArgumentError) as caught:
        check(TASK, arm, seeds=(0,), steps=1, dtype="float32")
    assert str(caught.value) == (
        "the log-probs must be those of whole candidates for tpo; got those of tokens, in the grouping "
        "'sequence-tokens'. Choose another: --grouping sequence."
    )


def test_a_grouping_of_single_tokens_is_refused():
    arm = Arm(algorithm="tpo", grouping="token")
    with pytest.raises(InvalidArgumentError, match="must be one of whole completions for this task; got 'token'"):
        TASK.check(arm)


@pytest.mark.parametrize(
    ("name", "value", "most"),
    [("length", 0, 1000), ("changes", 5, 4), ("supervised_steps", -1, 100_000), ("evaluate_every", 0, 100_000)],
)
def test_options_out_of_range_are_refused(name, value, most):
    with pytest.raises(InvalidArgumentError, match=rf"^`{name}` must be from \d to {most}; got {value}\."):
        WordProblemTask(**{name: value})


def test_the_policy_has_a_tenth_of_a_million_parameters():
    sizes = [
        sum(values.size for values in WordProblemTask(length=length).policy.initial_parameters(rng).values())
        for length, rng in ((20, np.random.default_rng(0)), (240, np.random.default_rng(0)))
    ]
    assert sizes == [110_062, 124_142]


def test_a_study_of_anchors_by_length_is_data_alone():
    ratio = {"anchor": "ratio"}
    arms = {
        "TPO": replace(TASK.arms["tpo"], options={}),
        "TPO (ratio)": replace(TASK.arms["tpo"], options=ratio),
        "TPO (square root)": replace(TASK.arms["tpo"], options={}, grouping="sequence-sqrt"),
        "TPO (mean)": replace(TASK.arms["tpo"], options={}, grouping="sequence-mean"),
        "GRPO": TASK.arms["grpo"],
        "Dr. GRPO": TASK.arms["dr-grpo"],
    }
    study = Exhibit(
        name="study",
        title="Anchors",
        source="a test",
        task="rlvr-words",
        arms={label: replace(arm, epochs=4) for label, arm in arms.items()},
        panels={f"{length}": {"task.length": length, "arm.batch_size": batch} for length, batch in BATCHES.items()},
        trainer=Trainer(steps=2, seeds=5, seeds_per_cell=1),
        scales={},
        statistic="final error, %",
        error="test_error",
        curves=("test_error", "effective_sample_size", "completion_length", "ended"),
    )
    planned = plan(study, study.whole, {})
    planned.validate()
    assert len(planned.all_cells()) == 3 * 6 * 5
    assert {cell.arm.batch_size for cell in planned.all_cells()} == set(BATCHES.values())


def test_longer_solutions_come_with_fewer_prompts_per_step():
    found = {length: WordProblemTask(length=length).arms["tpo"].batch_size for length in (1, *BATCHES, 1000)}
    assert found == {1: 16, **BATCHES, 1000: 4}


def test_the_exhibit_words_has_the_arms_and_options_of_the_task():
    exhibit, task = catalogue()["words"], WordProblemTask()
    trained = {arm.algorithm: arm for arm in exhibit.arms.values()}
    assert trained == dict(task.arms)
    assert WordProblemTask(**exhibit.options) == replace(task, evaluate_every=10)
