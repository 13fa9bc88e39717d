"""Anchors where candidates are single tokens: the setting of table 1, where every method learns."""

from __future__ import annotations

from tpo.experiments.exhibits.anchor_arms import SOURCE, TARGET_METRICS, by_anchor, creator
from tpo.experiments.exhibits.sequences import TOKEN_ARMS, token_reversal
from tpo.experiments.exhibits.table1 import EXHIBIT as TABLE1
from tpo.experiments.spec.exhibit import Scale, Trainer

EXHIBIT = token_reversal(
    name="anchor-tokens",
    title="Token reversal, groups of tokens: steps to 1 % error, by anchor",
    source=SOURCE,
    options=TABLE1.options,
    # TPO and GRPO are the arms of table 1 themselves, so that they are trained once.
    arms=by_anchor(creator(), "token") | {name: TOKEN_ARMS[name] for name in ("TPO", "GRPO")},
    panels={label: TABLE1.panels[label] for label in ("V=2", "V=4")},
    trainer=Trainer(steps=300, seeds=20),
    scales={
        "laptop": Scale(settings={"trainer.steps": 150, "trainer.seeds": 5}),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}, panels=("V=2",)),
    },
    statistic=TABLE1.statistic,
    curves=("error", *TARGET_METRICS),
    note="Candidates are eight samples of the next token. Settings are those of table 1.",
)
