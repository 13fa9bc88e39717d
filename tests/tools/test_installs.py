"""The checks of an install command, and their failures."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tools import installs
from tools.install_lines import Line
from tools.install_place import FailedError, Place, Source, run

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = '[project]\nname = "{}"\n[project.entry-points.tpo]\n{}\n'
LISTED = "name  trains  installed  summary\ntorch  yes  yes  PyTorch\nname  summary\nspo  a parabola\n"


@dataclass
class FakePlace:
    """A sandbox whose commands only print given texts."""

    root: Path
    prints: dict[str, list[str]] = field(default_factory=dict)
    typed: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self):
        self.clone, self.empty, self.environment = self.root / "clone", self.root / "empty", self.root / "environment"
        (self.clone / "examples" / "tpo-spo").mkdir(parents=True)
        (self.clone / "pyproject.toml").write_text(PROJECT.format("tpo", 'jax = "tpo_jax"'))
        (self.clone / "examples" / "tpo-spo" / "pyproject.toml").write_text(
            PROJECT.format("tpo-spo", 'spo = "tpo_spo"')
        )

    def shell(self, command, folder, *_):
        self.typed.append((command, folder.relative_to(self.root).as_posix()))
        known = next((answers for start, answers in self.prints.items() if command.startswith(start)), [""])
        return known.pop(0)


def line(command, page="README.md"):
    return Line(page, 1, command)


def test_a_line_is_typed_in_its_folder_and_its_extra_is_imported_listed_and_run(tmp_path):
    place = FakePlace(tmp_path, {"tpo list": [LISTED], "tpo run": ["figure: a.png\n"]})
    installs.try_line(line('pip install ".[torch]"'), place)
    experiment = "tpo run token-reversal --algorithms tpo --steps 3 --seeds 1 --output run --overwrite --backend torch"
    assert place.typed == [
        ('pip install ".[torch]"', "clone"),
        ('python -c "import tpo, torch, matplotlib, jinja2"', "empty"),
        ("tpo list", "empty"),
        (experiment, "empty"),
    ]


def test_an_example_is_installed_from_its_own_folder_and_must_be_listed(tmp_path):
    place = FakePlace(tmp_path, {"tpo list": [LISTED]})
    installs.try_line(line("pip install -e ../.. -e .", "examples/tpo-spo/README.md"), place)
    assert place.typed[0] == ("pip install -e ../.. -e .", "clone/examples/tpo-spo")
    assert place.typed[1] == ('python -c "import tpo, tpo_spo"', "empty")


def test_what_names_no_file_is_typed_where_nothing_lies(tmp_path):
    place = FakePlace(tmp_path)
    installs.try_line(line('pip install "tpo[ray]"'), place)
    assert [folder for _, folder in place.typed] == ["empty", "empty"]


@pytest.mark.parametrize(
    ("listed", "drawn", "text"),
    [
        (LISTED.replace("yes  yes", "yes  no"), "figure: a.png", "tpo list\ndoes not show as installed: torch"),
        (LISTED, "no figure: none", "tpo run\nended without a figure:\nno figure: none"),
    ],
)
def test_a_promise_that_is_not_kept_is_told(tmp_path, listed, drawn, text):
    place = FakePlace(tmp_path, {"tpo list": [listed], "tpo run": [drawn]})
    with pytest.raises(FailedError) as caught:
        installs.try_line(line('pip install "tpo[torch]"'), place)
    assert str(caught.value) == text


def test_a_remedy_is_typed_as_it_is_shown_and_must_bring_a_figure(tmp_path):
    shown = "no figure: matplotlib must be installed; got none. Install it: pip install 'x[report]'.\nresults: here\n"
    place = FakePlace(tmp_path, {"tpo run": [shown, "figure: a.png"]})
    installs.try_remedy(line("pip install ."), place)
    assert [command for command, _ in place.typed] == [
        "pip install .",
        installs.BARE,
        "pip install 'x[report]'",
        installs.BARE,
    ]
    silent = FakePlace(tmp_path / "silent", {"tpo run": ["results: here"]})
    with pytest.raises(FailedError, match="names no command that brings a figure:\nresults: here"):
        installs.try_remedy(line("pip install ."), silent)


def test_each_line_is_tried_with_both_pips_unless_it_makes_an_environment():
    own = line("python3 -m venv .venv && .venv/bin/pip install nox")
    tried = [(attempt.title, attempt.newest_pip) for attempt in installs.attempts([line("pip install tpo"), own])]
    assert tried[:3] == [
        ("README.md:1: pip install tpo", False),
        ("README.md:1: pip install tpo", True),
        (str(own), False),
    ]
    assert len(tried[3:]) == 2 * len(installs.REMEDIES)


def test_pip_is_told_of_the_wheel_and_of_pytorch_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", "/other")
    place = Place(tmp_path, Source(tmp_path / "clone", tmp_path / "wheels"))
    printed = place.shell('echo "$PIP_FIND_LINKS $PIP_CONSTRAINT"; echo "${PATH%%:*}"', place.empty)
    assert printed.split() == [
        "/other",
        *(str(tmp_path / name) for name in ("wheels", "wheels/constraints.txt", "environment/bin")),
    ]


def test_a_command_that_fails_is_told_with_what_it_printed(tmp_path):
    with pytest.raises(FailedError) as caught:
        run([sys.executable, "-c", "import sys; sys.exit('no')"], tmp_path)
    assert str(caught.value) == "import sys; sys.exit('no')\nno\n"
