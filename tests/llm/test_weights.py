"""The weights of rows against autograd through the loss of whole groups."""

import pytest
import torch

import tpo
from tests.llm.made_up import rows, settings_of
from tpo_llm.measures import measured
from tpo_llm.rows import Rows, rows_of
from tpo_llm.weights import level_near_ties, weigh

SETTINGS = [
    {},
    {"anchor": "policy"},
    {"anchor": "policy", "length_exponent": 1.0},
    {"length_exponent": 0.5, "eta": 0.5},
    {"token_clip": 0.2},
    {"divergence": "reverse"},
    {"divergence": "reverse", "token_clip": 0.2, "standardizer": "ranks"},
    {"anchor": "policy", "divergence": "reverse", "standardizer": "mean-scaled"},
    {"name": "rsbp"},
    {"truncated_is": 1.2},
    {"name": "grpo"},
    {"name": "dapo"},
    {"name": "dr-grpo"},
    {"name": "gspo", "clip_low": 0.2, "clip_high": 0.2},
    {"name": "gvpo"},
    {"name": "rloo"},
    {"name": "grpo", "truncated_is": 1.2},
]
SHAPES = [
    {},
    {"short": True, "padding": 3},
    {"turns": True},
    {"short": True, "turns": True, "padding": 2, "prompts": 9},
]


def by_hand(settings, given):
    """The mean loss of all groups, group by group, as a function of the current log-probs; its gradient."""
    now = given.now.clone().requires_grad_()
    values, totals = [], []
    for group in sorted(set(given.group.tolist()) - {-1}):
        members = [row for row in range(len(given.group)) if given.group[row] == group]
        names = sorted({int(given.candidate[row]) for row in members})
        candidates = [
            sorted((row for row in members if given.candidate[row] == name), key=lambda row: int(given.part[row]))
            for name in names
        ]
        if len(candidates) < 2:
            # A group of one weighs what one without a gradient weighs.
            totals.append(alone(settings, given, candidates[0]))
            continue
        value, weight = loss_by_hand(settings, given, candidates, now)
        values.append(value)
        totals.append(weight)
    torch.stack(values).sum().backward()
    return now.grad, torch.stack(totals).sum()


def joined(settings, candidates, array):
    width = max(map(len, candidates)) * array.shape[-1]
    tokens = [torch.cat([array[row] for row in parts]) for parts in candidates]
    padded = torch.stack([torch.nn.functional.pad(one, (0, width - len(one))) for one in tokens])
    return padded if settings.takes_tokens else padded.sum(-1)


def loss_by_hand(settings, given, candidates, now):
    lengths = torch.stack([given.lengths[parts].sum() for parts in candidates])
    scale = lengths.clamp(min=1) ** -settings.length_exponent
    scale = scale[:, None] if settings.takes_tokens else scale
    arrays = {"old_log_probs": given.old, "rollout_log_probs": given.rollout}
    group = tpo.Group(
        scores=torch.stack([given.score[parts[0]] for parts in candidates]),
        token_mask=joined(settings, candidates, given.mask) if settings.takes_tokens else None,
        **{
            name: None if array is None else joined(settings, candidates, array) * scale
            for name, array in arrays.items()
        },
    )
    return settings.algorithm.loss(joined(settings, candidates, now) * scale, settings.algorithm.prepare(group))


def alone(settings, given, parts):
    """The weight of a group of one, in which a second slot is empty."""
    settings = settings_of({}) if settings is None else settings
    tokens = settings.takes_tokens
    log_probs = joined(settings, [parts], given.old)
    log_probs = torch.cat([log_probs, torch.zeros_like(log_probs)])
    mask = torch.tensor([True, False])
    token_mask = None
    if tokens:
        token_mask = joined(settings, [parts], given.mask)
        token_mask = torch.cat([token_mask, torch.zeros_like(token_mask)])
    group = tpo.Group(
        scores=torch.zeros(2),
        old_log_probs=log_probs,
        rollout_log_probs=log_probs,
        mask=mask,
        token_mask=token_mask,
    )
    return settings.algorithm.loss(log_probs, settings.algorithm.prepare(group)).weight


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("values", SETTINGS, ids=str)
def test_weights_are_the_gradient_of_the_exact_loss(values, shape):
    settings = settings_of(values)
    given = rows(settings, **shape)
    found = weigh(settings, given)
    expected, total = by_hand(settings, given)
    torch.testing.assert_close(found.weights, expected, rtol=0, atol=2e-6 * float(expected.abs().max()))
    assert float(found.total) == float(total)
    assert not found.weights.requires_grad
    assert torch.equal(found.weights[given.group == -1], torch.zeros_like(found.weights[given.group == -1]))


def test_a_tied_group_that_has_not_moved_weighs_nothing():
    settings = settings_of({"anchor": "policy"})
    given = rows(settings)
    still = Rows(**{**vars(given), "now": given.old, "score": torch.zeros_like(given.score)})
    assert torch.equal(weigh(settings, still).weights, torch.zeros_like(given.now))


def test_the_ratio_anchor_at_the_old_policy_weighs_by_scores_alone():
    # Two candidates with scores 1 and 0: u is 1 and -1, so q is the sigmoid of 2, and p is 1/2.
    settings = settings_of({})
    place = torch.tensor([[0, 0, 0, 2], [0, 1, 0, 2]])
    old = torch.tensor([[-1.0, -50.0], [-3.0, 0.0]])
    given = rows_of(
        settings,
        place=place,
        score=torch.tensor([1.0, 0.0]),
        token_mask=torch.tensor([[1, 1], [1, 0]]),
        old=old,
        now=old,
    )
    weights = weigh(settings, given).weights[:, 0]
    torch.testing.assert_close(weights, torch.tensor([-0.38079708, 0.38079708]), rtol=1e-6, atol=0)


@pytest.mark.parametrize("values", [{"anchor": "policy"}, {}, {"name": "grpo"}], ids=str)
def test_a_candidate_without_a_token_that_counts_is_left_out(values):
    settings = settings_of(values)
    given = rows(settings, prompts=1, group_size=4, seed=3)
    empty = given.lengths.clone()
    empty[2] = 0
    mask = given.mask.clone()
    mask[2] = False
    without = Rows(**{**vars(given), "lengths": empty, "mask": mask})
    found = weigh(settings, without)
    others = torch.tensor([0, 1, 3])
    three = given.take(others)
    expected = weigh(settings, Rows(**{**vars(three), "members": torch.full((3,), 3)}))
    torch.testing.assert_close(found.weights[others], expected.weights, rtol=1e-6, atol=1e-7)
    assert not found.weights[2].any()
    assert float(found.total) == float(expected.total)


def test_near_ties_are_levelled_within_their_group_only():
    scores = torch.tensor([[0.0, 0.01, 0.5], [0.0, 0.01, 7.0], [0.2, 0.5, 0.0]])
    mask = torch.tensor([[True, True, False], [True, True, True], [True, True, True]])
    levelled = level_near_ties(scores, mask, 0.01)
    assert levelled[0, 0] == levelled[0, 1]
    assert torch.equal(levelled[1:], scores[1:])
    assert torch.equal(level_near_ties(scores, mask, 0.0), scores)
    settings = settings_of({"tie_tolerance": 0.01, "anchor": "policy"})
    given = rows(settings)
    close = Rows(**{**vars(given), "now": given.old, "score": 0.002 * given.score})
    assert torch.equal(weigh(settings, close).weights, torch.zeros_like(given.now))


@pytest.mark.parametrize("change", ["missing", "doubled"])
def test_groups_that_are_not_whole_are_refused(change):
    settings = settings_of({})
    given = rows(settings)
    index = torch.arange(len(given.group))
    broken = given.take(index[1:] if change == "missing" else torch.cat([index, index[:1]]))
    with pytest.raises(tpo.InvalidArgumentError, match=r"got 1 with missing or doubled rows\. Keep the rows"):
        weigh(settings, broken)


def test_padding_alone_weighs_nothing():
    settings = settings_of({})
    found = weigh(settings, rows(settings, prompts=0, padding=3))
    assert (found.weights.shape, float(found.total), found.candidates) == ((3, 1), 0.0, None)
    assert measured(settings, found).means() == {
        "excess_cross_entropy": 0.0,
        "remaining_variation": 0.0,
        "weights_norm": 0.0,
    }


def test_measures_of_tpo_are_those_of_its_weights():
    settings = settings_of({})
    given = rows(settings, turns=True)
    found = weigh(settings, given)
    means = measured(settings, found).means()
    # Every candidate once: its first part. The weights are p - q, so half their magnitudes are the variation.
    first = given.part == 0
    by_group = torch.zeros(5).index_add(0, given.group[first], found.weights[first, 0].abs() / 2)
    assert means["remaining_variation"] == pytest.approx(float(by_group.mean()), rel=1e-5)


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ({"name": "rebel", "eta": 4.0}, {"anchor": "ratio"}),
        ({"name": "group-pg", "eta": 4.0}, {"anchor": "ratio"}),
        ({"name": "rsbp", "beta": 4.0}, {"anchor": "ratio"}),
        ({"name": "grpo"}, {"anchor": "ratio"}),
        ({"eta": 0.5}, {"eta": 0.5, "anchor": "ratio"}),
        ({"token_clip": 0.2, "standardizer": "centred"}, {"anchor": "ratio", "standardizer": tpo.Centred()}),
    ],
    ids=str,
)
def test_the_target_of_the_measures_is_that_of_tpo(values, options):
    settings = settings_of(values)
    given = rows(settings)
    found = weigh(settings, given)
    expected = tpo.diagnostics(found.candidates.group, found.candidates.now, **options)
    means = measured(settings, found).means()
    count = expected.present.float().sum()
    assert means["excess_cross_entropy"] == pytest.approx(float(expected.excess_cross_entropy.sum() / count), rel=1e-5)
    assert means["remaining_variation"] == pytest.approx(float(expected.remaining_variation.sum() / count), rel=1e-5)
