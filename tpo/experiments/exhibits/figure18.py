"""Figure 18: DG with one epoch and with four."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits import table2
from tpo.experiments.exhibits.sequences import SINGLE, token_reversal
from tpo.experiments.spec.chart import FinalValues, LearningCurves
from tpo.experiments.spec.exhibit import FINAL_ERROR, Scale, Trainer

TERMINAL = "terminal, reverse-copy"
DENSE = {
    f"{reward}, {target}": {"task.reward": reward, "task.target": target}
    for reward in table2.REWARDS
    for target in table2.TARGETS
}
ARMS = {
    "DG (1 epoch)": SINGLE["DG"],
    "DG (4 epochs)": replace(SINGLE["DG"], epochs=4),
}


def learning_curves(*panels: str) -> list[LearningCurves]:
    """Create the learning curves of each panel."""
    return [LearningCurves(title=panel, lines={label: (panel, label) for label in ARMS}) for panel in panels]


def final_bars(reward: str) -> FinalValues:
    """Create a bar chart of final errors per target and arm."""
    places = {label: {target: (f"{reward}, {target}", label) for target in table2.TARGETS} for label in ARMS}
    return FinalValues(title=f"{reward}, at the end", along="target", mark="bars", points=places)


EXHIBIT = token_reversal(
    name="figure18",
    title="DG with one and with four epochs: final error",
    source="Figure 18, appendix E",
    options=table2.EXHIBIT.options,
    arms=ARMS,
    panels={
        TERMINAL: {
            "task.reward": "terminal",
            "task.target": "reverse-copy",
            "task.length": 7,
            "trainer.steps": 2000,
            "trainer.seeds": 20,
        },
        **DENSE,
    },
    trainer=Trainer(steps=1000, seeds=10),
    scales={
        "laptop": Scale(
            settings={"trainer.steps": 200, "trainer.seeds": 3, "trainer.seeds_per_cell": 3},
            panels=(TERMINAL, "sequential, flip", "sequential, reverse-copy"),
        ),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}, panels=(TERMINAL,)),
    },
    statistic=FINAL_ERROR,
    charts=(*learning_curves(TERMINAL), *map(final_bars, table2.REWARDS), *learning_curves(*DENSE)),
    note="Length, group size and batch of the terminal panel are not published: it is run with H=7 and B=100.",
)
