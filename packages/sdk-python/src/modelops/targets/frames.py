"""Converts tables of any library to plain columns, and back."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..columns import is_missing
from ..errors import ModelError

Columns = dict[str, list[Any]]
PLAIN = {int, float}
COMPARABLE = {int, float, str, bool, type(None)}


def columns_of(table: Any) -> Columns:
    """A dict of columns, or a pandas, polars or pyarrow table, as lists. Missing values are None; a pandas NaN is missing."""
    library = type(table).__module__.partition(".")[0]
    if library == "polars":
        return {name: table[name].to_list() for name in table.columns}
    if library == "pandas":
        return {str(name): [None if is_missing(value) else value for value in table[name].tolist()] for name in table.columns}
    if library == "pyarrow":
        return {name: column.to_pylist() for name, column in zip(table.column_names, table.columns)}
    if isinstance(table, Mapping):
        return {name: values.tolist() if hasattr(values, "tolist") else list(values) for name, values in table.items()}
    raise ModelError(f"a table is {type(table).__name__}", "expected a dict of columns, or a pandas, polars or pyarrow table")


def table_like(table: Any, columns: Columns) -> Any:
    """The columns as a table of the same library."""
    library = type(table).__module__.partition(".")[0]
    if library == "polars":
        import polars

        return polars.DataFrame(columns, strict=False)
    if library == "pandas":
        import pandas

        return pandas.DataFrame(columns)
    if library == "pyarrow":
        import pyarrow

        return pyarrow.table(columns)
    return columns


def join_values(values: list[Any]) -> list[Any]:
    """Values for comparing keys: dates as ISO text, as in results."""
    return values if set(map(type, values)) <= COMPARABLE else [_join_value(value) for value in values]


def _join_value(value: Any) -> Any:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value


def numbers(values: Sequence[Any], where: Callable[[int], str]) -> Sequence[float | None]:
    """The values as numbers, None for missing ones. :raises ModelError: naming ``where(row)`` for anything else"""
    if set(map(type, values)) <= PLAIN and all(map(math.isfinite, values)):
        return values
    return [_number(value, row, where) for row, value in enumerate(values)]


def _number(value: Any, row: int, where: Callable[[int], str]) -> float | None:
    if value is None:
        return None
    if isinstance(value, str) or not hasattr(value, "__float__") or not math.isfinite(value):
        raise ModelError(f"{where(row)} is {value!r}, not a finite number")
    return float(value)


def range_of(values: Sequence[Any]) -> str:
    """``0 to 59``, for a message."""
    present = [value for value in values if value is not None]
    if not present:
        return "no values"
    try:
        return f"{min(present)} to {max(present)}"
    except TypeError:
        return f"{present[0]}, …"

