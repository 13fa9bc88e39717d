"""Ways to divide a rollout, and algorithms: what the trainer must do exactly."""

GROUPS = {"per_device_train_batch_size": 8, "num_generations": 4}
CUT = {"per_device_train_batch_size": 6, "num_generations": 4}
"""Micro-batches of one and a half groups."""

BATCHES = {
    "one step": GROUPS | {"max_steps": 3},
    "accumulation": CUT | {"gradient_accumulation_steps": 2, "max_steps": 3},
    "iterations": GROUPS | {"num_iterations": 4, "max_steps": 8},
    "iterations and accumulation": CUT | {"num_iterations": 3, "gradient_accumulation_steps": 2, "max_steps": 6},
    "several steps per generation": GROUPS
    | {"steps_per_generation": 4, "gradient_accumulation_steps": 2, "num_iterations": 2, "max_steps": 8},
    "steps of cut groups": CUT | {"steps_per_generation": 2, "num_iterations": 2, "max_steps": 8},
    "uneven windows": GROUPS | {"steps_per_generation": 2, "gradient_accumulation_steps": 3, "max_steps": 4},
    "windows of two rollouts": GROUPS | {"steps_per_generation": 2, "gradient_accumulation_steps": 4, "max_steps": 3},
    "windows of two passes": GROUPS
    | {"steps_per_generation": 2, "gradient_accumulation_steps": 4, "num_iterations": 2, "max_steps": 3},
}
"""Options by name; every case is trained by TPO with the ratio anchor on one process."""

ALGORITHMS = {
    "paper's anchor": {"tpo_anchor": "policy"},
    "mean log-probs": {"tpo_length_normalize_logps": True, "tpo_target_temperature": 0.5},
    "length exponent": {"tpo_length_exponent": 0.5},
    "reverse": {"tpo_divergence": "reverse"},
    "ranks": {"tpo_standardizer": "ranks", "tpo_anchor": "policy", "tpo_length_exponent": 1.0},
    "token clip": {"tpo_token_clip": 0.2},
    "grpo": {"tpo_name": "grpo"},
    "dr-grpo": {"tpo_name": "dr-grpo"},
    "gspo": {"tpo_name": "gspo"},
    "rloo": {"tpo_name": "rloo"},
    "dapo": {"tpo_name": "dapo"},
    "gvpo": {"tpo_name": "gvpo"},
}
"""Algorithms by name, on several passes."""

REFERENCE = {"beta": 1e-6, "use_bias_correction_kl": False}
"""A reference policy, with hardly a penalty of TRL's own."""

SINGLE = {
    "rloo": {"tpo_name": "rloo"},
    "maxrl": {"tpo_name": "maxrl"},
    "cispo": {"tpo_name": "cispo"},
    "gpg": {"tpo_name": "gpg"},
    "rsbp": {"tpo_name": "rsbp"},
    "gvpo": {"tpo_name": "gvpo"},
    "gvpo, reference": {"tpo_name": "gvpo"} | REFERENCE,
    "grpo, penalty to the reference": {"tpo_name": "grpo", "tpo_options": {"kl": 0.5}} | REFERENCE,
    "pmpo": {"tpo_name": "pmpo"} | REFERENCE,
}
"""Algorithms by name, on one optimizer step per rollout, for which TRL computes no old log-probs."""

SEVERAL = BATCHES["iterations"] | {"max_steps": 4}

CASES = (
    {f"tpo, {name}": {"options": options} for name, options in BATCHES.items()}
    | {name: {"options": SEVERAL | options} for name, options in ALGORITHMS.items()}
    | {f"{name}, one step": {"options": BATCHES["one step"] | options} for name, options in SINGLE.items()}
    | {
        f"{name}, cut groups": {"options": BATCHES["steps of cut groups"] | {"max_steps": 4} | ALGORITHMS[name]}
        for name in ("paper's anchor", "grpo", "gspo")
    }
    | {
        "truncated completions masked": {"options": SEVERAL | {"mask_truncated_completions": True}, "tokens": 24},
        "completions without a reward": {"options": SEVERAL, "rewards": ["unscored"]},
        "two rewards": {"options": SEVERAL | {"reward_weights": [1.0, 0.5]}, "rewards": ["digits", "unscored"]},
        "standardized rewards": {
            "options": SEVERAL | {"multi_objective_aggregation": "normalize_then_sum", "tpo_standardizer": "centred"},
            "rewards": ["digits", "unscored"],
        },
        "tied": {"options": SEVERAL, "rewards": ["constant"]},
        "penalty": {"options": SEVERAL | {"beta": 0.1, "use_bias_correction_kl": False}},
    }
)

TWO_PROCESSES = {
    "groups whole": {"options": SEVERAL},
    "groups split": {"options": CUT | {"num_iterations": 2, "gradient_accumulation_steps": 2, "max_steps": 4}},
    "steps of cut groups": {"options": CUT | {"steps_per_generation": 2, "num_iterations": 2, "max_steps": 4}},
    "grpo, groups split": {"options": CUT | {"num_iterations": 2, "max_steps": 4, "tpo_name": "grpo"}},
    "gspo, groups split": {"options": CUT | {"num_iterations": 2, "max_steps": 4, "tpo_name": "gspo"}},
    "paper's anchor, groups split": {"options": CUT | {"num_iterations": 2, "max_steps": 4, "tpo_anchor": "policy"}},
}
"""Cases for two processes."""
