"""Running the fuzzer on mutated files and command lines; the exit code is 1 after any traceback or hang."""

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
from typing import TYPE_CHECKING

from tools.fuzz.calls import Finding, call
from tools.fuzz.commands import command
from tools.fuzz.files import KINDS
from tools.fuzz.stubs import stubbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHOWN = 20
"""The largest number of findings that are printed."""


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000, help="of stored files; default: %(default)s")
    parser.add_argument("--commands", type=int, default=3_000, help="command lines; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of all that is random; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=10.0, help="that a case may take; default: %(default)s")
    parser.add_argument("--most", type=float, default=300.0, help="seconds for all of it; default: %(default)s")
    return parser.parse_args(arguments)


def cases(mutants: int, commands: int, seed: int, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the kind and the command line of each case, after writing the files that it reads."""
    made = random.Random(seed)  # noqa: S311 - nothing secret
    for number in range(commands):
        place = folder / f"c{number}"
        place.mkdir()
        with chdir(place):
            yield "command", command(random.Random(made.getrandbits(64)), place)  # noqa: S311
        shutil.rmtree(place)
    weights = [share for share, _ in KINDS.values()]
    for number in range(mutants):
        rng = random.Random(made.getrandbits(64))  # noqa: S311
        kind = made.choices(list(KINDS), weights)[0]
        place = folder / str(number)
        place.mkdir()
        for line in KINDS[kind][1](rng, place):
            yield kind, line
        shutil.rmtree(place)


def fuzz(mutants: int, commands: int, *, seed: int, seconds: float, most: float) -> tuple[Counter[str], list[Finding]]:
    """Run the cases for at most `most` seconds; return the number of calls of each kind, and the findings."""
    counts: Counter[str] = Counter()
    found: list[Finding] = []
    end = time.monotonic() + most
    with tempfile.TemporaryDirectory(prefix="tpo-fuzz-") as folder, stubbed():
        os.environ["TPO_DATA"] = str(Path(folder) / "data")
        for kind, line in cases(mutants, commands, seed, Path(folder)):
            counts[kind] += 1
            finding = call(line, seconds)
            found += [finding] if finding else []
            if time.monotonic() > end:
                break
    return counts, found


def main(arguments: Sequence[str]) -> int:
    """Print the counts and the first findings; return 1 if there are any."""
    asked, began = options(arguments), time.monotonic()
    counts, found = fuzz(asked.mutants, asked.commands, seed=asked.seed, seconds=asked.seconds, most=asked.most)
    for finding in found[:SHOWN]:
        sys.stdout.write(f"{finding.kind}: tpo {finding.what}\n    {finding.said.strip()}\n")
    kinds = Counter(finding.kind for finding in found)
    calls = ", ".join(f"{number} of {kind}" for kind, number in counts.items())
    if time.monotonic() - began > asked.most:
        sys.stdout.write(f"stopped after {asked.most:g} s: the rest was left out\n")
    sys.stdout.write(f"{asked.mutants} mutants and {asked.commands} command lines, seed {asked.seed}: calls {calls}; ")
    sys.stdout.write(f"{kinds['traceback']} tracebacks, {kinds['hang']} hangs, {time.monotonic() - began:.0f} s\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
