"""Converts the outputs that a model returned to tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .columns import Column, a, as_column
from .errors import ModelError, nearest_name

Table = dict[str, Column]

#: Columns that results add to each output.
ADDED = ("param_id", "seed")
MAX_COLUMNS = 10_000
MAX_NAME = 1000


def as_tables(returned: object, declared: Sequence[str], wanted: Iterable[str], source: str) -> dict[str, Table]:
    """The wanted outputs of one simulation.

    :param source: the name of the model, for messages: ``model sir``
    :raises ModelError: if ``returned`` does not have exactly the declared outputs, each with columns of equal length
    """
    if type(returned) is not dict and not isinstance(returned, Mapping):
        if len(declared) == 1 and _frame_columns(returned) is not None:
            returned = {declared[0]: returned}
        else:
            raise ModelError(f"{source} returned {a(returned)}", f"return {{{', '.join(f'{name!r}: …' for name in declared)}}}")
    for name in declared:
        if name not in returned:
            raise _missing(name, returned, source)
    if len(returned) > len(declared):
        name = next(name for name in returned if name not in declared)
        hint = f"add it to outputs, or remove it; declared are {', '.join(declared)}"
        raise ModelError(f"{source} returned an output {name} that the model does not declare", hint)
    return {name: as_table(name, returned[name]) for name in wanted}


def as_table(output: str, value: object) -> Table:
    """The columns of one output. :raises ModelError: naming the output, the column and the expected values"""
    if value is None:
        raise ModelError(f"output {output} is None", "return columns by name, or a data frame")
    columns = value if type(value) is dict else dict(value) if isinstance(value, Mapping) else _frame_columns(value)
    if columns is None:
        raise ModelError(f"output {output} is {a(value)}", "return columns by name, or a data frame")
    if not columns:
        raise ModelError(f"output {output} has no columns")
    if len(columns) > MAX_COLUMNS:
        raise ModelError(f"output {output} has {len(columns)} columns; the limit is {MAX_COLUMNS}", "return long data as rows")
    table: Table = {}
    rows, is_ragged = 0, False
    for name, values in columns.items():
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
            raise ModelError(f"output {output} has a column named {name!r:.80}", f"expected text of 1 to {MAX_NAME} characters")
        if name in ADDED:
            raise ModelError(f"output {output} has a column {name}: this name is reserved", "rename it, or omit it")
        table[name] = column = as_column(values, f"column {name} of output {output}")
        if len(table) == 1:
            rows = len(column.data)
        elif len(column.data) != rows:
            is_ragged = True
    if is_ragged:
        raise ModelError(f"output {output} has columns of different lengths", ", ".join(f"{name}: {len(column)}" for name, column in table.items()))
    return table


def _frame_columns(value: object) -> dict[Any, Any] | None:
    """The columns of a pandas, polars or pyarrow table or a numpy structured array; None for anything else."""
    library, kind = type(value).__module__.partition(".")[0], type(value).__name__
    frame: Any = value
    if library == "pandas" and kind == "DataFrame":
        if any(name is not None for name in frame.index.names):
            frame = frame.reset_index()
        if not frame.columns.is_unique:
            twice = frame.columns[frame.columns.duplicated()][0]
            raise ModelError(f"the data frame has two columns named {twice}")
        return {name: frame[name] for name in frame.columns}
    if library == "polars" and kind == "DataFrame":
        return {name: frame[name] for name in frame.columns}
    if library == "polars" and kind == "LazyFrame":
        raise ModelError("the model returned a polars LazyFrame", "call .collect()")
    if library == "pyarrow" and kind in ("Table", "RecordBatch"):
        return dict(zip(frame.schema.names, frame.columns))
    names = getattr(getattr(value, "dtype", None), "names", None)
    if library == "numpy" and names:
        return {name: frame[name] for name in names}
    return None


def _missing(name: str, returned: Mapping[Any, object], source: str) -> ModelError:
    given = [str(key) for key in returned]
    near = nearest_name(name, given)
    hint = f"rename {near} to {name}?" if near is not None else f"it returned {', '.join(given) or 'no outputs'}"
    return ModelError(f"{source} did not return the output {name}", hint)

