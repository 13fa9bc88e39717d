"""Rows of a Parquet batch; each value is converted to Python when it is asked for.

So a column that nobody asks for may hold what Python cannot, such as dates after the year 9999 or unknown time zones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILURES = (ArithmeticError, LookupError, NotImplementedError, TypeError, ValueError)
"""What pyarrow raises for a value that it cannot convert: of overflow, time zones, encodings and types."""


class BatchRow(Mapping[str, Any]):
    """A row of a batch."""

    def __init__(self, columns: Mapping[str, Any], row: int) -> None:
        """Look at a row; `columns` are pyarrow's arrays by name."""
        self._columns, self._row = columns, row

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self._columns)

    def __iter__(self) -> Iterator[str]:
        """The names of the columns."""
        return iter(self._columns)

    def __getitem__(self, name: str) -> Any:
        """Convert the value of a column.

        Raises:
            KeyError: There is no such column.
            ValueError: The value cannot be converted; the message names the column.
        """
        value = self._columns[name][self._row]
        try:
            return value.as_py()
        except FAILURES as error:
            reason = f"{type(error).__name__}: {error}"
            raise ValueError(f"a value that Python cannot hold ({reason}), in the column {name!r}") from error


def rows_of(batch: Any) -> Iterator[BatchRow]:
    """Yield the rows of a `pyarrow.RecordBatch`."""
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    yield from (BatchRow(columns, row) for row in range(batch.num_rows))
