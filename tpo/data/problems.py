"""Problems for training language models: the registered ones, and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tpo.data.catalogue import DATA_SETS
from tpo.data.folder import data_folder
from tpo.data.parquet import MARK, encode
from tpo.errors import DataError
from tpo.experiments.storage import output
from tpo.folders import locked
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from tpo.plugins.hookspecs import ProblemsInfo

SPLITS = ("train", "test")
"""The names of the splits; each is a file."""


class OnRow(Protocol):
    """A callback for the progress of generating problems."""

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Report `done` of `total` rows of the split `name`; `total` is `None` if it is not known."""


class Problems(Protocol):
    """Problems whose answers a program can check: a frozen dataclass, whose fields are options of `tpo data NAME`."""

    def splits(self, on_row: OnRow) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Generate or load the rows of the splits `train` and `test`.

        A row is `{"data_source": ..., "prompt": [{"role": "user", "content": ...}], "ability": ..., "reward_model":
        {"style": "rule", "ground_truth": ...}, "extra_info": {"index": 0, "split": "train"}}`; all of these are texts,
        but for the index. `extra_info` may have further entries.

        Args:
            on_row: The callback for progress.
        """


@runtime_checkable
class HasVariants(Protocol):
    """Problems whose options choose one of several data sets; each has a folder of its own."""

    @property
    def variant(self) -> str:
        """The name of the subfolder."""


def known_problems() -> Mapping[str, ProblemsInfo]:
    """The registered problems, without those that have the name of a data set of images."""
    host = registry.host()
    host.refuse_problems(DATA_SETS, "the name of a data set of images")
    return host.problems()


def folder_of(name: str) -> Path:
    """The default folder of the problems called `name`."""
    return data_folder() / name


def folder_for(name: str, problems: Problems) -> Path:
    """The default folder of these problems, which are called `name`: a subfolder if they are a variant."""
    return folder_of(name) / problems.variant if isinstance(problems, HasVariants) else folder_of(name)


def has_some(folder: Path) -> bool:
    """Whether `folder`, or one of its subfolders, has the files of all splits."""
    return is_complete(folder) or any(map(is_complete, folder.glob("*/")))


def is_complete(folder: Path) -> bool:
    """Whether `folder` has the files of all splits."""
    return all(_file(folder, split).is_file() for split in SPLITS)


def write(splits: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path) -> None:
    """Write `train.parquet` and `test.parquet` to `folder`; earlier ones are replaced.

    Args:
        splits: The rows of each split, as `Problems.splits` returns them.
        folder: It is created if necessary.

    Raises:
        DataError: A split is missing or empty, or a row has another layout.
        NotInstalledError: pyarrow is missing.
        OutputError: A file in the way is not from `tpo data`, or the folder cannot be written.
    """
    if set(splits) != set(SPLITS):
        message = f"problems must have the splits {' and '.join(SPLITS)}; got {', '.join(splits) or 'none'}."
        raise DataError(f"{message} Fix their plug-in.")
    contents = {_file(folder, split): encode(split, rows) for split, rows in splits.items()}
    with locked(folder, output.OUTPUT):
        for path in contents:
            output.check_ours(path, MARK)
        for path, content in contents.items():
            output.write(path, content)


def _file(folder: Path, split: str) -> Path:
    return folder / f"{split}.parquet"
