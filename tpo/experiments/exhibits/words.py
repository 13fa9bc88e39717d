"""A small language model on word problems: right answers to held-out problems, by method. Beyond the paper."""

from __future__ import annotations

from tpo.experiments.exhibits.anchor_arms import creator, of_tokens
from tpo.experiments.exhibits.anchor_words import PROMPTS, RATE, SMOKE, on_words, options
from tpo.experiments.spec.chart import LearningCurves
from tpo.experiments.spec.exhibit import Scale, Trainer

LENGTH = 20
PANEL = f"{LENGTH} characters"

create = creator(epochs=2, batch_size=PROMPTS[LENGTH], group_size=16, learning_rate=RATE, optimizer="adam")

ARMS = {
    "TPO (ratio)": create("tpo", "sequence", anchor="ratio"),
    **of_tokens(create),
    "RLOO": create("rloo", "sequence-tokens"),
}
"""The arms of the task itself."""

EXHIBIT = on_words(
    name="words",
    title="Word problems: error on held-out problems, by method",
    options=options(LENGTH),
    arms=ARMS,
    panels={PANEL: {}},
    trainer=Trainer(steps=100, seeds=5),
    scales={"laptop": Scale(settings={"trainer.seeds": 3}), "smoke": Scale(settings=SMOKE)},
    charts=tuple(
        LearningCurves(title=title, lines={label: (PANEL, label) for label in ARMS}, quantities=(quantity,))
        for title, quantity in {"held-out problems, greedy": "accuracy", "sampled solutions": "error"}.items()
    ),
    note="A transformer of 110,000 parameters is supervised for 300 updates, and then trained by rewards for right "
    "answers: 16 problems per step, 16 solutions to each, two epochs.",
)
