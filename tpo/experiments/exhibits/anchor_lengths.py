"""The anchor study, first part: anchors and baselines on solutions of three lengths, at four epochs per rollout."""

from __future__ import annotations

from tpo.experiments.exhibits.anchor_words import PROMPTS, arms, on_words, options
from tpo.experiments.spec.exhibit import Scale, Trainer

SHORTEST = min(PROMPTS)

EXHIBIT = on_words(
    name="anchor-lengths",
    title="Word problems: error on held-out problems, by anchor and length",
    options=options(SHORTEST),
    arms=arms(SHORTEST),
    panels={
        f"{length} characters": {
            **{f"task.{name}": value for name, value in options(length).items()},
            "arm.batch_size": prompts,
        }
        for length, prompts in PROMPTS.items()
    },
    trainer=Trainer(steps=60, seeds=5),
    scales={
        "laptop": Scale(settings={"trainer.steps": 40, "trainer.seeds": 3}),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}, panels=(f"{SHORTEST} characters",)),
    },
    note="A transformer of 110,000 parameters is supervised until it solves some problems, and then trained by rewards "
    "for right answers, 16 solutions to each problem. The error is that of the likeliest solutions.",
)
