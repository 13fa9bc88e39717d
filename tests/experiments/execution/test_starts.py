"""Warm starts are computed once, kept, and loaded with the same bits."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from tests.experiments.cells import make_cell
from tpo import OutputError, TPOError
from tpo.experiments.execution.run_cell import Interrupted, run_cell, training_of
from tpo.experiments.storage import npz, warm_starts
from tpo.experiments.storage.warm_starts import digest_of_code, kept, key_of
from tpo.plugins import registry
from tpo.training.arm import Arm

OPTIONS = {"length": 1, "supervised_steps": 2, "evaluate_every": 5}
TPO = Arm(algorithm="tpo", grouping="sequence", epochs=1, batch_size=2, group_size=2, optimizer="adam")
GRPO = replace(TPO, algorithm="grpo", grouping="sequence-tokens")
LIKE = {"point": np.zeros(2, np.float32)}


def words(**changes):
    """A cell of two seeds and two steps on word problems."""
    return make_cell(**({"task": "rlvr-words", "options": OPTIONS, "arm": TPO, "steps": 2} | changes))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TPO_WARM_STARTS", str(tmp_path / "warm-starts"))
    return tmp_path / "warm-starts"


def stages_of(cell):
    """The stages that a cell tells before its first step, and its parameters there."""
    stages = []
    return stages, training_of(cell, stages.append).snapshot()


def test_it_is_computed_once_for_all_arms_and_loaded_with_the_same_bits(folder):
    stages, first = stages_of(words())
    assert stages == [f"warm-up of seed {seed}, step {step} of 2" for seed in (0, 1) for step in (1, 2)]
    stages, again = stages_of(words(arm=GRPO, steps=7))
    assert stages == []
    assert len(list(folder.glob("*/parameters.npz"))) == 2
    for path in (path for path in first if path.startswith("/0/")):
        np.testing.assert_array_equal(first[path], again[path], err_msg=path)
    assert any((values[0] != values[1]).any() for path, values in first.items() if path.startswith("/0/"))


def key(cell, seed=0):
    return key_of(cell, cell.validate(), registry.backend(cell.backend), seed)


def test_everything_that_determines_it_is_in_its_key(monkeypatch):
    usual = key(words())
    assert key(words(arm=GRPO, steps=9, seeds=(0, 1, 2))) == usual
    assert key(words(options={**OPTIONS, "changes": 1})) == usual
    others = [
        key(words(), seed=1),
        key(words(dtype="float64")),
        key(words(backend="jax")),
        key(words(device="cpu")),
        *(key(words(options={**OPTIONS, name: 3})) for name in ("length", "changes", "supervised_steps")),
    ]
    monkeypatch.setattr(warm_starts, "digest_of_code", lambda *_: "other")
    assert len({usual, *others, key(words())}) == 9


def test_the_code_is_known_by_the_content_of_its_files(tmp_path, monkeypatch):
    digests = []
    for content in ("a = 1", "a = 2", "a = 1"):
        (tmp_path / "made_up_package").mkdir(exist_ok=True)
        (tmp_path / "made_up_package" / "__init__.py").write_text(content)
        module = type("Module", (), {"__file__": str(tmp_path / "made_up_package" / "__init__.py")})
        monkeypatch.setitem(warm_starts.sys.modules, "made_up_package", module)
        digest_of_code.cache_clear()
        digests.append(digest_of_code("made_up_package"))
    assert digests[0] == digests[2] != digests[1]


@pytest.mark.parametrize("damage", [lambda content: content[:200], lambda _: b"", lambda content: content[::-1]])
def test_a_broken_file_is_computed_again(folder, damage):
    _, first = stages_of(words(seeds=(0,)))
    (path,) = folder.glob("*/parameters.npz")
    path.write_bytes(damage(path.read_bytes()))
    stages, again = stages_of(words(seeds=(0,)))
    assert len(stages) == 2
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    assert stages_of(words(seeds=(0,)))[0] == []


def test_a_file_with_other_arrays_is_computed_again(folder):
    wrong = {"point": np.ones(3, np.float32)}
    npz.write(folder / "key" / "parameters.npz", {}, wrong)
    right = {"point": np.ones(2, np.float32)}
    assert kept("key", LIKE, lambda: right, lambda: None) is right
    assert kept("key", LIKE, lambda: wrong, lambda: None)["point"].tolist() == [1, 1]


def test_of_two_that_want_it_at_once_one_computes_it():
    computed, entered, waited = [], threading.Event(), threading.Event()

    def slowly():
        computed.append(True)
        entered.set()
        assert waited.wait(30)
        return {"point": np.asarray([1, 2], np.float32)}

    first = threading.Thread(target=kept, args=("key", LIKE, slowly, lambda: None))
    first.start()
    assert entered.wait(30)
    found = kept("key", LIKE, slowly, waited.set)
    first.join()
    assert found["point"].tolist() == [1, 2]
    assert computed == [True]


HOLDER = """
import sys, time
from tpo.experiments.storage.warm_starts import kept

def never():
    print("computing", flush=True)
    time.sleep(600)

kept("key", {}, never, lambda: None)
"""


def test_a_killed_process_keeps_nobody_waiting():
    waited = []
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "computing\n"

        def on_wait():
            waited.append(True)
            holder.kill()

        assert kept("key", LIKE, lambda: LIKE, on_wait) is LIKE
    assert len(waited) >= 1


def test_what_a_killed_process_left_is_removed(folder):
    (folder / "key").mkdir(parents=True)
    left = folder / "key" / ".1-abc.part"
    left.write_bytes(b"half")
    kept("key", LIKE, lambda: LIKE, lambda: None)
    assert not left.exists()


def test_a_stop_ends_a_warm_up_and_nothing_of_it_is_kept(tmp_path, folder):
    result, told = tmp_path / "a.npz", []
    with pytest.raises(Interrupted):
        run_cell(words(), result, lambda *_: None, stop=lambda: len(told) >= 1, on_stage=told.append)
    assert told == ["warm-up of seed 0, step 1 of 2"]
    assert list(folder.glob("*/parameters.npz")) == []
    run_cell(words(), result, lambda *_: None)
    _, arrays = npz.read(result)
    assert arrays["error"].shape == (2, 2)
    assert arrays["test_error"].shape == (2, 1)


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_computed(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TPO_WARM_STARTS", str(tmp_path / "file"))
    with pytest.raises(OutputError) as caught:
        kept("key", LIKE, pytest.fail, lambda: None)
    assert isinstance(caught.value, TPOError)
    assert "the warm-start folder must be writable" in str(caught.value)
    assert str(caught.value).endswith("the environment variable TPO_WARM_STARTS.")
