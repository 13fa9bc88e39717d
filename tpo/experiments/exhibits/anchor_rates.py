"""The anchor study, preparation: the learning rate of each arm, tuned alike on the shortest solutions."""

from __future__ import annotations

from tpo.experiments.exhibits.anchor_words import RATE, SMOKE, arms, charts, on_words, options
from tpo.experiments.spec.exhibit import Scale, Trainer

LENGTH = 20
ARMS = arms(LENGTH)

RATES = {rate: f"rate {rate:g}" for rate in (3e-5, 1e-4, 3e-4)}
"""Labels of panels, by learning rate."""

EXHIBIT = on_words(
    name="anchor-rates",
    title="Word problems: error on held-out problems, by learning rate",
    options=options(LENGTH),
    arms=ARMS,
    panels={label: {"arm.learning_rate": rate} for rate, label in RATES.items()},
    trainer=Trainer(steps=40, seeds=3),
    scales={
        "laptop": Scale(settings={"trainer.seeds": 2}),
        "smoke": Scale(settings=SMOKE, panels=(RATES[RATE],)),
    },
    charts=charts(RATES, ARMS, "learning rate"),
    note="All arms of the anchor study get 1e-4: for none is another rate better by more than the standard error of "
    "two seeds.",
)
