"""Running the fuzzer on mutated files and command lines.

The exit code is 1 after any traceback or hang, and 3 if the time ended before all was tried, unless that is allowed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from tools.fuzz.calls import Finding, call
from tools.fuzz.commands import command
from tools.fuzz.files import KINDS
from tools.fuzz.stubs import stubbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHOWN = 20
"""The largest number of findings that are printed."""

FOUND = 1
CUT_SHORT = 3
"""Exit codes: there are findings; the time ended before all was tried."""


class Outcome(NamedTuple):
    """The outcome of a session.

    Attributes:
        calls: The number of calls, by their kind.
        tried: The number of mutants and of command lines, by `mutant` and `command`.
        found: The findings.
    """

    calls: Counter[str]
    tried: Counter[str]
    found: list[Finding]


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--mutants", type=int, default=10_000, help="of stored files; default: %(default)s")
    parser.add_argument("--commands", type=int, default=3_000, help="command lines; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of all that is random; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=10.0, help="that a case may take; default: %(default)s")
    parser.add_argument("--most", type=float, default=300.0, help="seconds for all of it; default: %(default)s")
    parser.add_argument(
        "--cut-short", action="store_true", help="exit with 0 even if the time ends before all is tried"
    )
    return parser.parse_args(arguments)


def cases(mutants: int, commands: int, seed: int, folder: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the kind and the command lines of each case, after writing the files that they read."""
    made = random.Random(seed)  # noqa: S311 - nothing secret
    turns = ["command"] * commands + ["mutant"] * mutants
    # So that a session whose time ends early has tried some of each.
    made.shuffle(turns)
    weights = [share for share, _ in KINDS.values()]
    for number, turn in enumerate(turns):
        rng = random.Random(made.getrandbits(64))  # noqa: S311
        place = folder / str(number)
        place.mkdir()
        if turn == "command":
            # A command line may come with a width of the terminal.
            with chdir(place), mock.patch.dict(os.environ):
                yield turn, [command(rng, place)]
        else:
            kind = made.choices(list(KINDS), weights)[0]
            yield kind, KINDS[kind][1](rng, place)
        shutil.rmtree(place)


def fuzz(mutants: int, commands: int, *, seed: int, seconds: float, most: float) -> Outcome:
    """Run the cases until all are tried, or `most` seconds have passed."""
    outcome = Outcome(Counter(), Counter(), [])
    end = time.monotonic() + most
    with (
        tempfile.TemporaryDirectory(prefix="tpo-fuzz-") as folder,
        stubbed(),
        mock.patch.dict(os.environ, {"TPO_DATA": str(Path(folder) / "data")}),
    ):
        for kind, lines in cases(mutants, commands, seed, Path(folder)):
            for line in lines:
                outcome.calls[kind] += 1
                if finding := call(line, seconds):
                    outcome.found.append(finding)
            outcome.tried["command" if kind == "command" else "mutant"] += 1
            if time.monotonic() > end:
                break
    return outcome


def main(arguments: Sequence[str]) -> int:
    """Print the counts and the first findings; return `FOUND` if there are any, `CUT_SHORT` if not all was tried."""
    asked, began = options(arguments), time.monotonic()
    calls, tried, found = fuzz(asked.mutants, asked.commands, seed=asked.seed, seconds=asked.seconds, most=asked.most)
    for finding in found[:SHOWN]:
        sys.stdout.write(f"{finding.kind}: tpo {finding.what}\n    {finding.said.strip()}\n")
    kinds = Counter(finding.kind for finding in found)
    said = ", ".join(f"{number} of {kind}" for kind, number in calls.items())
    sys.stdout.write(f"tried {tried['mutant']} of {asked.mutants} mutants and {tried['command']} of {asked.commands} ")
    sys.stdout.write(f"command lines, seed {asked.seed}: calls {said}; ")
    sys.stdout.write(f"{kinds['traceback']} tracebacks, {kinds['hang']} hangs, {time.monotonic() - began:.0f} s\n")
    complete = (tried["mutant"], tried["command"]) == (asked.mutants, asked.commands)
    if not complete:
        sys.stdout.write(f"the time, {asked.most:g} s, ended before all was tried; give it more: --most SECONDS\n")
    return FOUND if found else 0 if complete or asked.cut_short else CUT_SHORT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
