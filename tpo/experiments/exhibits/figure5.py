"""Figure 5a: MNIST as a contextual bandit."""

from __future__ import annotations

from tpo.experiments.exhibits.images import ARMS, PANEL
from tpo.experiments.spec.exhibit import FINAL_ERROR, Exhibit, Scale, Trainer

EXHIBIT = Exhibit(
    name="figure5",
    title="MNIST bandit: error on the test set",
    source="Figure 5a, section 3.3",
    task="mnist",
    options={"dataset": "mnist", "evaluate_every": 200},
    arms=ARMS,
    panels={PANEL: {}},
    trainer=Trainer(steps=10_000, seeds=20, seeds_per_cell=10),
    scales={
        "laptop": Scale(settings={"trainer.steps": 3000, "trainer.seeds": 3}),
        "smoke": Scale(
            settings={
                "trainer.steps": 3,
                "trainer.seeds": 2,
                "task.dataset": "made-up",
                "task.evaluate_every": 2,
            }
        ),
    },
    statistic=FINAL_ERROR,
    error="test_error",
    curves=("test_error", "error"),
    backend="torch",
    note="The error of the guesses in training is drawn beside it. CE, which sees the labels, is not in the paper's "
    "figure. The images are fetched once: tpo data mnist.",
)
