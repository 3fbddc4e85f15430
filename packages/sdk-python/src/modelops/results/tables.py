"""Parquet files as tables of the installed library, pyarrow or else polars, with the same operations for both."""

from __future__ import annotations

import datetime
import importlib
import importlib.util
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union

from .query import moment

Library = Literal["pandas", "polars", "pyarrow"]
LIBRARIES: tuple[Library, ...] = ("pandas", "polars", "pyarrow")
TIME = "computed_at"


class ArrowEngine:
    """The operations that reading results needs, by pyarrow."""

    def __init__(self) -> None:
        self.arrow = importlib.import_module("pyarrow")
        self.parquet = importlib.import_module("pyarrow.parquet")

    def read(self, data: bytes) -> Any:
        return self._as_plain(self.parquet.read_table(io.BytesIO(data)))

    def batches(self, file: Path, size: int) -> Iterator[Any]:
        """A file in tables of at most ``size`` rows, without the whole of it in memory."""
        with self.parquet.ParquetFile(file) as opened:
            for batch in opened.iter_batches(size):
                yield self._as_plain(self.arrow.Table.from_batches([batch]))

    def slices(self, table: Any, size: int) -> Iterator[Any]:
        """A table in tables of at most ``size`` rows, which share its memory."""
        return (table.slice(start, size) for start in range(0, table.num_rows, size))

    def _as_plain(self, table: Any) -> Any:
        """Required and dictionary-encoded columns of some files are the same columns in others."""
        return table.cast(self.arrow.schema([self.arrow.field(one.name, self._plain(one.type)) for one in table.schema]))

    def _plain(self, kind: Any) -> Any:
        return kind.value_type if self.arrow.types.is_dictionary(kind) else kind

    def lists(self, table: Any, names: Sequence[str]) -> dict[str, list[Any]]:
        """Columns as lists; None in every row of a column that the table does not have."""
        return {name: table.column(name).to_pylist() if name in table.column_names else [None] * table.num_rows for name in names}

    def take(self, table: Any, rows: Sequence[int]) -> Any:
        return table.take(self.arrow.array(rows, self.arrow.int64()))

    def concat(self, tables: Sequence[Any]) -> Any:
        """Concatenates tables. A column that a table lacks has missing values there; number types are widened."""
        return self.arrow.concat_tables(tables, promote_options="permissive")

    def with_columns(self, columns: Mapping[str, Sequence[Any]], rows: Sequence[int], table: Any) -> Any:
        """The table with columns before its own: row k gets the value at ``rows[k]``. An existing column is replaced."""
        indices = self.arrow.array(rows, self.arrow.int64())
        added = {name: self.arrow.array(values, self._type(name)).take(indices) for name, values in columns.items()}
        own = {name: table.column(name) for name in table.column_names if name not in added}
        return self.arrow.table({**added, **own})

    def _type(self, name: str) -> Any:
        return self.arrow.uint64() if name == "seed" else None

    def with_times(self, table: Any) -> Any:
        """The table with ``computed_at`` as a timestamp with the time zone UTC; losses of older versions have text, and polars reads no zone."""
        at = table.schema.get_field_index(TIME)
        if at < 0:
            return table
        kind = self.arrow.timestamp("ms", "UTC")
        is_text = self.arrow.types.is_string(table.schema.field(at).type)
        column = self.arrow.array(_times(table.column(at).to_pylist()), kind) if is_text else table.column(at).cast(kind)
        return table.set_column(at, TIME, column)

    def as_library(self, table: Any, library: Library) -> Any:
        if library == "pandas":
            return table.to_pandas()
        return importlib.import_module("polars").from_arrow(table) if library == "polars" else table


class PolarsEngine:
    """The operations of :class:`ArrowEngine`, by polars."""

    def __init__(self) -> None:
        self.polars = importlib.import_module("polars")

    def read(self, data: bytes) -> Any:
        return self.polars.read_parquet(io.BytesIO(data))

    def batches(self, file: Path, size: int) -> Iterator[Any]:
        whole = self.polars.scan_parquet(file)
        start = 0
        while (table := whole.slice(start, size).collect()).height:
            yield table
            start += size

    def slices(self, table: Any, size: int) -> Iterator[Any]:
        return (table.slice(start, size) for start in range(0, table.height, size))

    def lists(self, table: Any, names: Sequence[str]) -> dict[str, list[Any]]:
        return {name: table[name].to_list() if name in table.columns else [None] * table.height for name in names}

    def take(self, table: Any, rows: Sequence[int]) -> Any:
        return table[list(rows)]

    def concat(self, tables: Sequence[Any]) -> Any:
        return self.polars.concat(tables, how="diagonal_relaxed")

    def with_columns(self, columns: Mapping[str, Sequence[Any]], rows: Sequence[int], table: Any) -> Any:
        indices = list(rows)
        kinds = {"seed": self.polars.UInt64}
        added = [self.polars.Series(name, values, dtype=kinds.get(name), strict=False)[indices] for name, values in columns.items()]
        own = [table[name] for name in table.columns if name not in columns]
        return self.polars.DataFrame([*added, *own])

    def with_times(self, table: Any) -> Any:
        if TIME not in table.columns:
            return table
        column = table[TIME]
        if column.dtype == self.polars.Utf8:
            return table.with_columns(self.polars.Series(TIME, _times(column.to_list()), dtype=self.polars.Datetime("ms", "UTC")))
        return table.with_columns(column.dt.replace_time_zone("UTC").dt.cast_time_unit("ms"))

    def as_library(self, table: Any, library: Library) -> Any:
        if library == "polars":
            return table
        columns = {name: table[name].to_list() for name in table.columns}
        return importlib.import_module("pandas").DataFrame(columns)


TableEngine = Union[ArrowEngine, PolarsEngine]


def _times(texts: Sequence[Union[str, None]]) -> list[Union[datetime.datetime, None]]:
    return [None if text is None else moment(text).astimezone(datetime.timezone.utc) for text in texts]


def table_engine() -> TableEngine:
    """:raises ImportError: if neither library is installed, naming the command that installs one"""
    if is_installed("pyarrow"):
        return ArrowEngine()
    if is_installed("polars"):
        return PolarsEngine()
    raise ImportError("reading results needs pyarrow or polars; pip install pyarrow")


def preferred_library() -> Library:
    """The first of pandas, polars and pyarrow that is imported, or else installed."""
    for library in LIBRARIES:
        if library in sys.modules:
            return library
    return next(library for library in LIBRARIES if is_installed(library))


def is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None
