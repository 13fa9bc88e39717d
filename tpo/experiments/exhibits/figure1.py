"""Figure 1b: terminal reward, where GRPO and DG stall and TPO learns."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits import table3

PANEL = "H=10, equal prompts"

EXHIBIT = replace(
    table3.EXHIBIT,
    name="figure1",
    title="Terminal reward, H=10: exact-match error",
    source="Figure 1b",
    arms={label: table3.EXHIBIT.arms[label] for label in ("TPO", "GRPO", "DG")},
    panels={PANEL: table3.EXHIBIT.panels[PANEL]},
    scales={name: replace(scale, panels=()) for name, scale in table3.EXHIBIT.scales.items()},
    note="Which settings were used is not published: those of Table 3 are taken, whose cells it shares.",
)
