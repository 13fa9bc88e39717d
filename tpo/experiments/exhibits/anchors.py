"""Beyond the paper: anchors compared, for growing lengths of candidates."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits.sequences import token_reversal
from tpo.experiments.spec.exhibit import FINAL_ERROR, Scale, Trainer
from tpo.training.arm import Arm

POLICY = Arm(algorithm="tpo", grouping="sequence", options={"eta": 1.0})

EXHIBIT = token_reversal(
    name="anchors",
    title="Anchors and length exponents, by length",
    source="beyond the paper",
    options={"vocab_size": 2, "target": "reverse-copy", "reward": "bag-of-tokens"},
    arms={
        "TPO": POLICY,
        "TPO (ratio)": replace(POLICY, options={"eta": 1.0, "anchor": "ratio"}),
        "TPO (no anchor)": replace(POLICY, options={"eta": 1.0, "anchor": "none"}),
        "TPO (mean log-probs)": replace(POLICY, grouping="sequence-mean"),
    },
    panels={f"H={length}": {"task.length": length} for length in (10, 20, 40)},
    trainer=Trainer(steps=500, seeds=5),
    scales={
        "laptop": Scale(
            settings={
                "trainer.steps": 100,
                "trainer.seeds": 2,
                "trainer.seeds_per_cell": 2,
                "arm.batch_size": 25,
            },
            panels=("H=10", "H=20"),
        ),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1, "arm.batch_size": 8}, panels=("H=10",)),
    },
    statistic=FINAL_ERROR,
    curves=("error", "effective_sample_size", "gradient_norm"),
    note="Groups are whole completions, scored by the share of right tokens. Log-probs of longer completions differ by "
    "more, so that the old policy over the group comes down to one candidate: its effective sample size is drawn.",
)
