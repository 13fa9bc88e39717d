"""Made-up rollouts: prompts, completions of random tokens, scores, as rows with keys."""

from dataclasses import dataclass, field, replace

import torch

PROMPT, RESPONSE = 6, 10
TOKENS = (3, 60)


@dataclass(frozen=True)
class Rollout:
    """Rows of a rollout.

    `keys` are (prompt, session, part); `mismatch` is what the sampling engine's log-probs differ by, `[N, R]`.
    """

    keys: list
    padding: list
    prompts: torch.Tensor
    responses: torch.Tensor
    mask: torch.Tensor
    scores: torch.Tensor
    mismatch: torch.Tensor
    fields: dict = field(default_factory=dict)

    def groups(self):
        return [key[0] for key in self.keys]

    def lengths(self):
        return [PROMPT + length for length in self.mask.sum(-1).tolist()]

    def input_ids(self):
        return torch.cat([self.prompts, self.responses], 1)

    def attention_mask(self):
        # Attention sees every token of a row; the response mask may leave some out, such as those of tools.
        attended = self.mask.clone()
        attended[:, 0] = 1
        longest = torch.arange(RESPONSE) * attended
        attended = (torch.arange(RESPONSE)[None] <= longest.amax(-1, keepdim=True)).long()
        return torch.cat([torch.ones_like(self.prompts), attended], 1)

    def tensors(self):
        attention = self.attention_mask()
        return {
            "prompts": self.prompts,
            "responses": self.responses,
            "input_ids": self.input_ids(),
            "attention_mask": attention,
            "response_mask": self.mask,
            "position_ids": (attention.cumsum(1) - 1).clamp(min=0),
            **self.fields,
        }

    def padded_to(self, size):
        """Add rows that only fill the batch, as verl makes them: one token that does not count."""
        missing = size - len(self.keys)
        if not missing:
            return self
        fill = lambda array: torch.cat([array, torch.zeros_like(array[:1]).expand(missing, -1)])  # noqa: E731 - a line
        return replace(
            self,
            keys=self.keys + [("pad", str(number), 0) for number in range(missing)],
            padding=self.padding + [True] * missing,
            prompts=torch.cat([self.prompts, self.prompts[:1].expand(missing, -1)]),
            responses=fill(self.responses),
            mask=fill(self.mask),
            scores=torch.cat([self.scores, torch.zeros(missing)]),
            mismatch=fill(self.mismatch),
        )

    def reordered(self, order):
        index = torch.tensor(order)
        moved = {name: getattr(self, name)[index] for name in ("prompts", "responses", "mask", "scores", "mismatch")}
        lists = {name: [getattr(self, name)[row] for row in order] for name in ("keys", "padding")}
        return replace(self, **moved, **lists)

    def split_over_ranks(self, ranks, mini_batches):
        """Deal the rows of each mini-batch out to the ranks in turn, so that every group is on all of them."""
        share = torch.arange(len(self.keys)).reshape(ranks, mini_batches, -1)
        dealt = [share[:, batch].reshape(-1).reshape(-1, ranks).T for batch in range(mini_batches)]
        order = torch.stack(dealt, 1).reshape(-1)
        return self.reordered(order.tolist())


def made_up_rollout(*, prompts=4, group_size=4, short=False, turns=False, seed=0):
    """Completions of random tokens. `short`: some groups lack candidates; `turns`: candidates have several rows."""
    generator = torch.Generator().manual_seed(seed)

    def integers(low, high, *shape):
        return torch.randint(low, high, shape, generator=generator)

    keys = []
    for prompt in range(prompts):
        sessions = range(group_size - (prompt % 3 if short else 0))
        for session in sessions:
            parts = 1 + (prompt + session) % 3 if turns else 1
            keys += [(f"uid{prompt}", str(session), part) for part in range(parts)]
    size = len(keys)
    of_prompt = integers(*TOKENS, prompts, PROMPT)
    lengths = integers(1, RESPONSE + 1, size)
    mask = (torch.arange(RESPONSE)[None] < lengths[:, None]).long()
    return Rollout(
        keys=keys,
        padding=[False] * size,
        prompts=of_prompt[[int(key[0][3:]) for key in keys]],
        responses=integers(*TOKENS, size, RESPONSE) * mask,
        mask=mask,
        scores=torch.rand(size, generator=generator),
        mismatch=0.3 * torch.randn(size, RESPONSE, generator=generator),
    )
