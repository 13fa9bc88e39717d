"""Made-up settings, and rows of completions, for tests."""

import torch

from tpo_llm.rows import rows_of
from tpo_llm.settings import read_settings
from tpo_verl.places import place_rows

SECTION = "algorithm.tpo."
TOKENS = 7


def settings_of(values):
    """The settings of a section."""
    return read_settings(values, SECTION)


def rows(settings, *, prompts=5, group_size=4, short=False, turns=False, padding=0, seed=0, dtype=torch.float32):
    """Rows in a random order, moved from where they were sampled."""
    generator = torch.Generator().manual_seed(seed)
    keys = [
        (f"prompt {prompt}", str(session), part)
        for prompt in range(prompts)
        for session in range(group_size - (prompt % 3 if short else 0))
        for part in range(1 + (prompt + session) % 3 if turns else 1)
    ]
    keys += [("pad", str(number), 0) for number in range(padding)]
    fills = [key[0] == "pad" for key in keys]
    order = torch.randperm(len(keys), generator=generator).tolist()
    keys, fills = [keys[row] for row in order], [fills[row] for row in order]
    size = len(keys)
    lengths = torch.randint(1, TOKENS + 1, (size, 1), generator=generator)
    mask = (torch.arange(TOKENS) < lengths) & ~torch.tensor(fills)[:, None]
    old = -2 * torch.rand((size, TOKENS), generator=generator, dtype=dtype)
    step = 0.3 * torch.randn((size, TOKENS), generator=generator, dtype=dtype)
    gap = 0.3 * torch.randn((size, TOKENS), generator=generator, dtype=dtype)
    place, score = place_rows(keys, torch.randint(4, (size,), generator=generator).float(), fills)
    return rows_of(settings, place=place, score=score, token_mask=mask, old=old, now=old + step, rollout=old + gap)
