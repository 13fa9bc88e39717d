"""Cases of training by verl's engine: algorithm, batch, epochs, and how groups lie in it."""

from itertools import product

PLAIN = {
    "settings": {},
    "dynamic": False,
    "micro_batch_size": 2,
    "rollout": {},
    "mini_batch_size": 16,
    "epochs": 3,
    "split": False,
    "whole": False,
    "group_size": 4,
    "kl": 0.0,
}

CASES = {
    **{
        f"{epochs} epochs, {mini_batches} mini-batches, {'dynamic' if dynamic else 'static'}, "
        f"{'split' if split else 'whole'} groups": {
            **PLAIN,
            "epochs": epochs,
            "mini_batch_size": 16 // mini_batches,
            "dynamic": dynamic,
            "split": split,
        }
        for epochs, mini_batches, dynamic, split in product((1, 3, 10), (1, 2), (False, True), (False, True))
    },
    **{
        name: {**PLAIN, "settings": {"name": name}, "split": True, "mini_batch_size": 8}
        for name in ("grpo", "gspo", "gvpo", "dapo")
    },
    "grpo with its own KL to a reference": {**PLAIN, "settings": {"name": "grpo", "kl": 0.1}, "split": True},
    "anchor policy": {**PLAIN, "settings": {"anchor": "policy"}},
    "short groups": {**PLAIN, "rollout": {"short": True}, "mini_batch_size": 8},
    "agent rows": {**PLAIN, "rollout": {"turns": True}, "mini_batch_size": 12},
    "agent rows, grpo": {
        **PLAIN,
        "rollout": {"turns": True},
        "settings": {"name": "grpo"},
        "mini_batch_size": 12,
        "split": True,
    },
    "short groups of agent rows, mean log-probs": {
        **PLAIN,
        "rollout": {"turns": True, "short": True},
        "settings": {"length_exponent": 1.0, "anchor": "policy"},
        "mini_batch_size": 12,
        "split": True,
    },
    "token clip": {**PLAIN, "settings": {"token_clip": 0.02}, "mini_batch_size": 8, "epochs": 10, "split": True},
    "truncated importance weights": {
        **PLAIN,
        "settings": {"truncated_is": 1.1},
        "mini_batch_size": 8,
        "split": True,
    },
    "KL to a reference, by verl": {**PLAIN, "kl": 0.5, "mini_batch_size": 8, "split": True},
    "whole micro-batches, static": {**PLAIN, "whole": True, "micro_batch_size": 4, "mini_batch_size": 8},
    "whole micro-batches, dynamic": {**PLAIN, "whole": True, "dynamic": True, "mini_batch_size": 8},
    "whole micro-batches, grpo": {**PLAIN, "whole": True, "micro_batch_size": 8, "settings": {"name": "grpo"}},
}

QUICK = (
    "3 epochs, 2 mini-batches, static, split groups",
    "3 epochs, 2 mini-batches, dynamic, whole groups",
    "grpo",
    "gvpo",
    "short groups of agent rows, mean log-probs",
    "whole micro-batches, static",
)
"""The cases that continuous integration runs."""
