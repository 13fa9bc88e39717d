"""Fuzzing of the scorers of completions: `python -m tools.fuzz_scorers --count 1000000`.

No completion may raise an error, score less than 0 or more than 1, or take long. The exit code is 1 if one does.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import random
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tools.fuzz.calls import HangError, within
from tools.fuzz.completions import Completion, completion
from tpo.errors import TPOError
from tpo_tasks.rlvr import countdown, exact_match, graph_coloring, gsm8k, knights_knaves, library, word_problems
from tpo_tasks.rlvr.reasoning import ReasoningGym
from tpo_tasks.rlvr.reward import score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tpo_tasks.rlvr.generated import Generated
    from tpo_tasks.rlvr.rows import Problem

HANG_SECONDS = 20.0
"""Seconds after which a call is ended."""

SHOWN = 300
"""Characters of a completion that are shown."""

PROBLEMS_EACH = 3


class Subject(NamedTuple):
    """A scorer with the problems that it is tried on.

    Attributes:
        source: The data source.
        problems: Pairs of a ground truth and a right answer.
    """

    source: str
    problems: Sequence[tuple[str, str]]


class Outcome(NamedTuple):
    """The outcome of fuzzing a scorer.

    Attributes:
        source: The data source.
        count: The number of completions.
        faults: What was wrong: errors, and scores out of range.
        seconds: The most CPU time that a completion took.
        slowest: That completion.
    """

    source: str
    count: int
    faults: Sequence[str]
    seconds: float
    slowest: Completion


def own_subjects() -> list[Subject]:
    """The scorers of this package, but for reasoning-gym."""
    numbers, texts = (("18", "18"), ("1/2", "0.5"), ("-1234", "-1,234")), (("Paris", "Paris"), ("50%", "50%"))
    return [
        Subject(gsm8k.SOURCE, numbers),
        Subject(word_problems.SOURCE, numbers),
        Subject(exact_match.SOURCE, (*numbers, *texts)),
        _generated(countdown.Countdown(), "solution"),
        _generated(graph_coloring.GraphColoring(), "answer"),
        _generated(knights_knaves.KnightsKnaves(), "answer"),
    ]


def library_subjects() -> list[Subject]:
    """The data sets of reasoning-gym that can be written."""
    found = []
    for name in library.known():
        try:
            found.append(_generated(ReasoningGym(dataset=name), "answer"))
        except TPOError:
            continue
    return found


def _generated(problems: Generated, answer: str) -> Subject:
    """Take the first problems, whose ground truth has the right answer under the key `answer`."""
    drawn: Iterable[Problem] = itertools.islice(problems.problems(), PROBLEMS_EACH)
    truths = [problem.ground_truth for problem in drawn]
    return Subject(problems.source, [(truth, json.loads(truth)[answer] or "") for truth in truths])


def fuzz(
    subject: Subject, count: int, rng: random.Random, scorer: Callable[[str, object, str], float] = score
) -> Outcome:
    """Score `count` random completions.

    Args:
        subject: The scorer and its problems.
        count: The number of completions.
        rng: The source of randomness.
        scorer: Called with the data source, a completion and the ground truth.
    """
    faults, seconds, slowest = [], 0.0, Completion("", "nothing")
    # What is done once per process is not part of a score.
    score(subject.source, subject.problems[0][1], subject.problems[0][0])
    for _ in range(count):
        truth, right = rng.choice(subject.problems)
        tried = completion(rng, right)
        begun = time.process_time()
        fault = _fault(lambda text=tried.text, truth=truth: scorer(subject.source, text, truth))  # type: ignore[misc]
        spent = time.process_time() - begun
        if fault:
            faults.append(f"{fault}: {_shown(tried)}")
        if spent > seconds:
            seconds, slowest = spent, tried
    return Outcome(subject.source, count, faults, seconds, slowest)


def _fault(call: Callable[[], float]) -> str:
    """Call a scorer, and say what was wrong; an empty text if nothing was."""
    try:
        with within(HANG_SECONDS):
            found = call()
    except HangError:
        return f"took longer than {HANG_SECONDS:g} s"
    except BaseException as error:  # noqa: BLE001 - whatever comes is a fault
        return f"raised {type(error).__name__}"
    return "" if type(found) is float and 0 <= found <= 1 else f"scored {found!r}"


def _shown(tried: Completion) -> str:
    text = ascii(tried.text[:SHOWN])
    return f"{tried.what}, {len(tried.text)} characters: {text}"


def counts(total: int, groups: Sequence[Sequence[Subject]]) -> Mapping[str, int]:
    """Divide a total among groups of scorers, and in each among its scorers, as evenly as can be."""
    found = {}
    for number, group in enumerate(groups):
        share = total * (number + 1) // len(groups) - total * number // len(groups)
        for place, subject in enumerate(group):
            found[subject.source] = share * (place + 1) // len(group) - share * place // len(group)
    return found


def main(arguments: Sequence[str]) -> int:
    """Print a line per scorer and the sums; return 1 if a fault was found, or a completion took too long."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz_scorers", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000, help="completions in all; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of all that is random; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU time of a score at most; default: %(default)s")
    asked = parser.parse_args(arguments)
    groups, outcomes = (own_subjects(), library_subjects()), []
    shares = counts(asked.count, groups)
    # Else the times are those of garbage collections, for which everything that is loaded is searched.
    gc.collect()
    gc.freeze()
    for subject in itertools.chain(*groups):
        rng = random.Random(f"{asked.seed} {subject.source}")  # noqa: S311 - nothing secret
        one = fuzz(subject, shares[subject.source], rng)
        outcomes.append(one)
        sys.stdout.write(f"{one.source:44} {one.count:8} {len(one.faults):4} faults  ")
        sys.stdout.write(f"worst {1000 * one.seconds:8.2f} ms {_shown(one.slowest)[:100]}\n")
        sys.stdout.writelines(f"    {fault}\n" for fault in one.faults[:3])
        sys.stdout.flush()
    worst, faults = max(outcomes, key=lambda one: one.seconds), sum(len(one.faults) for one in outcomes)
    sys.stdout.write(f"{sum(one.count for one in outcomes)} completions, {len(outcomes)} scorers, seed {asked.seed}: ")
    sys.stdout.write(f"{faults} faults, worst {1000 * worst.seconds:.1f} ms by {worst.source}\n")
    return int(faults > 0 or worst.seconds > asked.seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
