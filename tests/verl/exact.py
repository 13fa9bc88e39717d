"""Exact training: autograd through the loss of whole groups, group by group, on one process."""

import torch

import tpo
from tests.verl.rollouts import PROMPT


def token_log_probs(model, rollout):
    """`[N, R]` log-probs of the completions' tokens, differentiable; 0 where none counts."""
    logits = model(rollout.input_ids(), attention_mask=rollout.attention_mask()).logits[:, PROMPT - 1 : -1]
    chosen = logits.log_softmax(-1).gather(-1, rollout.responses[..., None])[..., 0]
    return chosen * rollout.mask


def exact_training(model, settings, rollout, case, ranks, learning_rate):
    """Parameters after the same epochs and mini-batches, by SGD, in one vector."""
    start = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    shares = torch.arange(len(rollout.keys)).reshape(ranks, -1, case["mini_batch_size"] // ranks)
    for _ in range(case["epochs"]):
        for batch in range(shares.shape[1]):
            optimizer.zero_grad()
            rows = shares[:, batch].flatten()
            loss = exact_loss(model, settings, rollout, set(rows.tolist()))
            if case["kl"]:
                loss = loss + case["kl"] * divergence(model, rollout, rows)
            if loss is not None:
                loss.backward()
            optimizer.step()
    found = torch.cat([value.flatten().clone() for value in model.state_dict().values()])
    model.load_state_dict(start)
    return found


def divergence(model, rollout, rows):
    """The KL estimator that is half the squared log-ratio, summed over tokens, and averaged over rows."""
    log_ratios = (token_log_probs(model, rollout) - rollout.fields["ref_log_prob"]) * rollout.mask
    return (log_ratios[rows] ** 2 / 2).sum() / len(rows)


def exact_loss(model, settings, rollout, batch):
    """The mean loss of the groups of a mini-batch."""
    now = token_log_probs(model, rollout)
    values, weights = [], []
    for name in dict.fromkeys(key[0] for key, fills in zip(rollout.keys, rollout.padding, strict=True) if not fills):
        rows = [row for row, key in enumerate(rollout.keys) if key[0] == name and not rollout.padding[row]]
        if batch.isdisjoint(rows):
            continue
        assert batch.issuperset(rows), "a group is cut"
        value, weight = exact_group(settings, rollout, now, rows)
        values.append(value)
        weights.append(weight)
    return torch.stack(values).sum() / torch.stack(weights).sum() if values else None


def exact_group(settings, rollout, now, rows):
    """Value and weight of one group."""
    sessions = {}
    for row in sorted(rows, key=lambda row: rollout.keys[row]):
        sessions.setdefault(rollout.keys[row][1], []).append(row)
    candidates = list(sessions.values())
    if len(candidates) < 2:
        return 0 * now.sum(), torch.ones(())
    scores = torch.stack([rollout.scores[parts[-1]] for parts in candidates])
    width = max(map(len, candidates)) * now.shape[-1]

    def tokens(array):
        rows = [torch.cat([array[part] for part in parts]) for parts in candidates]
        return torch.stack([torch.nn.functional.pad(row, (0, width - len(row))) for row in rows])

    old, engine = rollout.fields["old_log_probs"], rollout.fields["rollout_log_probs"]
    mask = tokens(rollout.mask).bool()
    current = tokens(now)
    reference = rollout.fields["ref_log_prob"]
    given = {
        "old_log_probs": tokens(old),
        "rollout_log_probs": tokens(engine),
        "ref_log_probs": tokens(reference),
    }
    if settings.algorithm.traits.takes_tokens:
        group = tpo.Group(scores=scores, token_mask=mask, **given)
    else:
        scale = mask.sum(-1).clamp(min=1) ** -settings.length_exponent
        group = tpo.Group(scores=scores, **{name: array.sum(-1) * scale for name, array in given.items()})
        current = current.sum(-1) * scale
    return settings.algorithm.loss(current, settings.algorithm.prepare(group))
