"""Generating mutants of every kind of stored file, with the commands that read them."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.fuzz import stubs
from tools.fuzz.mutations import as_json, mutated_bytes, mutated_tree, same_kinds
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
RECORDS = ("figure1a-laptop-torch", "figure4-laptop-numpy", "table5-laptop-torch")
"""Small published records, including one with a profile."""

EXHIBIT = "figure3"
SPEC = ROOT / "examples" / "experiments" / "temperature.toml"

WORDS = (
    "-1",
    "0",
    "1e999",
    "nan",
    "inf",
    "''",
    "'[/]'",
    "[]",
    "{}",
    "1979-05-27",
    "true",
    "99999999999999999999",
    "[1,",
)
"""Replacement values for TOML."""


Case = list[list[str]]
"""Commands that read a mutant, which has been written."""


def record(rng: random.Random, folder: Path) -> Case:
    """Write a mutated record of an exhibit."""
    content = (ROOT / "results" / rng.choice(RECORDS) / "exhibit.json").read_bytes()
    how = rng.choice((mutated_bytes, _mutated, _mutated, _of_same_kinds, _of_same_kinds))
    return _record(folder, how(rng, content))


def _mutated(rng: random.Random, content: bytes) -> bytes:
    return as_json(mutated_tree(rng, json.loads(content)))


def _of_same_kinds(rng: random.Random, content: bytes) -> bytes:
    return as_json(same_kinds(rng, json.loads(content)))


def _record(folder: Path, mutant: bytes) -> Case:
    place = folder / "record"
    place.mkdir(exist_ok=True)
    (place / "exhibit.json").write_bytes(mutant)
    return [["show", str(place)], ["show", str(place), "--json"], ["compare", str(place), str(place)]]


def page(rng: random.Random, folder: Path) -> Case:
    """Write a record with mutated values of the right types, to be drawn on a page."""
    content = (ROOT / "results" / rng.choice(RECORDS) / "exhibit.json").read_bytes()
    _record(folder, _of_same_kinds(rng, content))
    return [["report", str(folder / "record")]]


def _run(folder: Path) -> list[str]:
    return ["run", EXHIBIT, "--scale", "smoke", "--output", str(folder / "runs")]


def header(rng: random.Random, folder: Path) -> Case:
    """Write a mutated file of a cell: its header, the headers of its arrays, or any of its bytes."""
    library = CellStore(folder / "runs" / "cells")
    cell = plan(catalogue()[EXHIBIT], "smoke", {}).all_cells()[0]
    values, arrays = stubs.header(cell), stubs.arrays(cell)
    path = rng.choice((library.path(cell), library.checkpoint(cell)))
    how = rng.randrange(3)
    if how == 0:
        tree = mutated_tree(rng, {"format": npz.FORMAT, "arrays": sorted(arrays), **values})
        content = io.BytesIO()
        np.savez(content, **{npz.HEADER: np.frombuffer(as_json(tree), np.uint8)}, **arrays)  # type: ignore[arg-type]
        mutant = content.getvalue()
    elif how == 1:
        name = rng.choice(sorted(arrays))
        arrays[name] = rng.choice([_reshaped, _retyped, _emptied])(arrays[name])
        npz.write(path, values, arrays)
        mutant = path.read_bytes()
    else:
        npz.write(path, values, arrays)
        mutant = mutated_bytes(rng, path.read_bytes())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mutant)
    return [_run(folder)]


def _reshaped(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array.reshape(-1)


def _retyped(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array.astype("U5")


def _emptied(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array[:0]


def events(rng: random.Random, folder: Path) -> Case:
    """Write a mutated event log of a run."""
    log = folder / "runs" / f"{EXHIBIT}-smoke-numpy" / "events.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    cell = plan(catalogue()[EXHIBIT], "smoke", {}).all_cells()[0]
    about = {"run": "a", "digest": cell.digest}
    step: dict[str, Any] = {"event": "step", **about, "step": 0, "metrics": {"error": 0.5}}
    lines = [{"event": "start", **about, "config": cell.to_json()}, step, step | {"step": 1}, {"event": "end", **about}]
    if rng.random() < 0.5:  # noqa: PLR2004 - as often as not
        place = rng.randrange(len(lines))
        lines[place] = mutated_tree(rng, lines[place])
        mutant = _lines(lines)
    else:
        mutant = mutated_bytes(rng, _lines(lines))
    log.write_bytes(mutant)
    return [_run(folder)]


def spec(rng: random.Random, folder: Path) -> Case:
    """Write a mutated spec in TOML: its values, or any of its bytes."""
    path, content = folder / "my.toml", SPEC.read_bytes()
    lines = content.decode().splitlines()
    if rng.random() < 0.6:  # noqa: PLR2004 - mostly values
        places = [number for number, line in enumerate(lines) if "=" in line and not line.startswith("#")]
        for number in rng.sample(places, 2):
            name = lines[number].partition("=")[0]
            lines[number] = f"{name}= {rng.choice(WORDS)}"
        mutant = "\n".join(lines).encode()
    else:
        mutant = mutated_bytes(rng, content)
    path.write_bytes(mutant)
    return [["run", "--spec", str(path), "--list", "--output", str(folder / "runs")]]


def rollouts(rng: random.Random, folder: Path) -> Case:
    """Write mutated rollouts of a trainer of language models: a row, or any of the bytes."""
    path = folder / "rollouts.jsonl"
    rows: list[dict[str, Any]] = [
        {
            "step": 1,
            "group_id": number // 4,
            "prompt": [{"role": "user", "content": f"p{number // 4}"}],
            "completion": f"c{number}",
            "reward": number % 2,
            "advantage": 2.0 * (number % 2) - 1,
            "old_log_probs": [-0.5, -0.1 * number],
            "new_log_probs": [-0.5, -0.2 * number],
            "rollout_log_probs": [-0.5, -0.1 * number],
            "completion_length": 2,
            "finish_reason": "stop",
        }
        for number in range(8)
    ]
    how = rng.randrange(3)
    if how == 0:
        mutant = mutated_bytes(rng, _lines(rows))
    else:
        place = rng.randrange(len(rows))
        rows[place] = (mutated_tree if how == 1 else same_kinds)(rng, rows[place])
        mutant = _lines(rows)
    path.write_bytes(mutant)
    return [["doctor", str(path)], ["doctor", str(path), "--json"]]


def _lines(rows: list[Any]) -> bytes:
    return b"".join(as_json(row) + b"\n" for row in rows)


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
"""How the members of a zip archive are compressed."""


def archive(rng: random.Random, folder: Path) -> Case:
    """Write a mutated package or file of images."""
    files, content = stubs.idx_files(), io.BytesIO()
    how = rng.randrange(4)
    if how == 0:
        with tarfile.open(fileobj=content, mode=rng.choice(("w", "w:gz"))) as tar:  # type: ignore[call-overload]
            for name, one in files.items():
                info = tarfile.TarInfo(f"package/{name}")
                info.size = len(one)
                tar.addfile(info, io.BytesIO(one))
    elif how == 1:
        with zipfile.ZipFile(content, "w", rng.choice(METHODS)) as packed:
            for name, one in files.items():
                packed.writestr(f"images/{name}.gz", gzip.compress(one, mtime=0))
    else:
        pixels, labels = np.zeros((2, 784), np.float32), np.zeros(2, np.int64)
        content.write(pickle.dumps(((pixels, labels),) * 3, protocol=rng.choice((2, 4))))
    raw = content.getvalue()
    if how == 3:  # noqa: PLR2004 - inside and outside
        mutant = gzip.compress(mutated_bytes(rng, raw), mtime=0)
    else:
        mutant = mutated_bytes(rng, gzip.compress(raw, mtime=0) if how == 2 else raw)  # noqa: PLR2004
    path = folder / "mnist.pkl.gz"
    path.write_bytes(mutant)
    return [["data", stubs.SMALL, "--from", str(path)]]


KINDS: dict[str, tuple[float, Callable[[random.Random, Path], Case]]] = {
    "record": (0.25, record),
    "header": (0.2, header),
    "spec": (0.15, spec),
    "events": (0.15, events),
    "rollouts": (0.1, rollouts),
    "archive": (0.13, archive),
    "page": (0.02, page),
}
"""Kinds of mutants with their shares; pages have a small one, because drawing takes long."""
