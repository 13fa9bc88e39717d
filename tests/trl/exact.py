"""Exact training: autograd through the loss of whole groups, on one process, over the rows that TRL's steps saw."""

import itertools

import torch
from transformers import AutoModelForCausalLM

import tpo
from tests.trl.training import LEARNING_RATE
from tpo_llm.rows import PLACE, SCORE


def token_log_probs(model, rows):
    """`[N, T]` log-probs of the completions' tokens, differentiable; 0 where none counts."""
    ids = torch.cat([rows["prompt_ids"], rows["completion_ids"]], 1)
    attention = torch.cat([rows["prompt_mask"], rows["completion_mask"]], 1)
    keep = rows["completion_ids"].shape[1]
    logits = model(ids, attention_mask=attention).logits[:, -keep - 1 : -1]
    chosen = logits.log_softmax(-1).gather(-1, rows["completion_ids"][..., None])[..., 0]
    return chosen * rows["completion_mask"]


def exact_training(folder, settings, steps, rollouts, *, kl=0.0):
    """Parameters, how far they moved, and the losses of the same optimizer steps by SGD.

    `steps` are lists of the sets of (group, candidate) that each saw, with the number of their rollout; `rollouts` are
    all rows of each rollout.
    """
    model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
    start = flat(model.state_dict())
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    old, losses = {}, []
    for parts in steps:
        for number, _, _ in parts:
            if number not in old:
                with torch.no_grad():
                    old[number] = token_log_probs(model, rollouts[number])
        optimizer.zero_grad()
        total = 0.0
        for number, seen, share in parts:
            loss, value = part_loss(model, settings, rollouts[number], old[number], seen)
            if kl:
                penalty = divergence(model, rollouts[number], seen)
                loss, value = loss + kl * penalty, value + kl * penalty.detach()
            (share * loss).backward()
            total += share * value.item()
        optimizer.step()
        losses.append(total)
    end = flat(model.state_dict())
    return end, end - start, losses


def flat(state):
    """All parameters in one vector; tied ones are there twice."""
    return torch.cat([state[name].detach().flatten() for name in sorted(state)])


def part_loss(model, settings, rows, old, seen):
    """The mean loss over the groups of a rollout of which rows were seen, and its value."""
    now = token_log_probs(model, rows)
    place = [tuple(pair) for pair in rows[PLACE][:, :2].tolist()]
    size = int(rows[PLACE][0, 3])
    wanted = torch.tensor([pair in seen for pair in place])
    groups = sorted({group for group, _ in seen})
    whole = len(seen) == size * len(groups)
    groups = groups if whole else sorted({group for group, _ in place})
    # Of a group that is cut, only the seen rows are differentiated.
    current = torch.where(wanted[:, None], now, now.detach())
    found = [one_group(settings, rows, current, old, group, place) for group in groups]
    values, weights = (torch.stack(parts) for parts in zip(*found, strict=True))
    loss = values.sum() / weights.sum()
    return loss * (1 if whole else len(place) / len(seen)), loss.detach()


def one_group(settings, rows, now, old, group, place):
    """Value and weight of one group; candidates without a score or a token are left out."""
    index = [place.index((group, candidate)) for candidate in range(int(rows[PLACE][0, 3]))]
    scores, mask = rows[SCORE][index], rows["completion_mask"][index].bool()
    there = ~torch.isnan(scores) & mask.any(-1)
    given = {"scores": torch.where(there, scores, 0.0), "mask": there}
    current, before = now[index], old[index]
    reference = rows["ref_per_token_logps"][index] * mask if "ref_per_token_logps" in rows else None
    if settings.algorithm.traits.takes_tokens:
        mask = mask & there[:, None]
        group = tpo.Group(**given, old_log_probs=before, token_mask=mask, ref_log_probs=reference)
    else:
        scale = mask.sum(-1).clamp(min=1) ** -settings.length_exponent
        current, before = current.sum(-1) * scale, before.sum(-1) * scale
        reference = None if reference is None else reference.sum(-1) * scale
        group = tpo.Group(**given, old_log_probs=before, ref_log_probs=reference)
    return settings.algorithm.loss(current, settings.algorithm.prepare(group))


def divergence(model, rows, seen):
    """TRL's estimator of the KL divergence to the reference, per token."""
    wanted = torch.tensor([tuple(pair) in seen for pair in rows[PLACE][:, :2].tolist()])
    now, mask = token_log_probs(model, rows)[wanted], rows["completion_mask"][wanted]
    gap = rows["ref_per_token_logps"][wanted] - now
    tokens = rows["completion_mask"].sum() * len(mask) / len(wanted)
    return ((gap.exp() - gap - 1) * mask).sum() / tokens


def replayed(processes):
    """From what processes saw to steps and rollouts, as `exact_training` takes them."""
    micro = [one for seen in processes for one in seen]
    rollouts = {}
    for number, found in itertools.groupby(sorted(micro, key=lambda one: one["rollout"]), lambda one: one["rollout"]):
        rollouts[number] = merged(list(found))
    steps = []
    for _, found in itertools.groupby(sorted(micro, key=lambda one: one["step"]), lambda one: one["step"]):
        here = list(found)
        parts = []
        for number, of_rollout in itertools.groupby(here, lambda one: one["rollout"]):
            batches = list(of_rollout)
            seen = {tuple(pair) for one in batches for pair in one[PLACE][:, :2].tolist()}
            parts.append((number, seen, len(batches) / len(here)))
        steps.append(parts)
    return steps, rollouts


def merged(batches):
    """All rows of a rollout, each once, padded to the widest."""
    first = {}
    for one in batches:
        for row, pair in enumerate(one[PLACE][:, :2].tolist()):
            first.setdefault(tuple(pair), {name: value[row] for name, value in one.items() if torch.is_tensor(value)})
    rows = [first[pair] for pair in sorted(first)]
    widths = {side: max(len(row[f"{side}_ids"]) for row in rows) for side in ("prompt", "completion")}

    def stacked(name):
        if not rows[0][name].ndim or name == PLACE:
            return torch.stack([row[name] for row in rows])
        side = "prompt" if name.startswith("prompt") else "completion"
        gaps = [widths[side] - len(row[name]) for row in rows]
        pads = [(gap, 0) if side == "prompt" else (0, gap) for gap in gaps]
        return torch.stack([torch.nn.functional.pad(row[name], pad) for row, pad in zip(rows, pads, strict=True)])

    return {name: stacked(name) for name in rows[0]}
