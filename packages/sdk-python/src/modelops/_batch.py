"""Tables of a batch's tasks, gathered into whole columns."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ._frames import Bytes
from .columns import ITEM_CODES, Column
from .errors import ModelError
from .tables import Table

#: Types in which both of two types fit.
WIDER = {
    frozenset(("int32", "int64")): "int64",
    frozenset(("int32", "float64")): "float64",
    frozenset(("int64", "float64")): "float64",
}


class ColumnsDiffer(ModelError):
    """A task's columns have other names or types than those of an earlier task of its batch."""


class BatchTables:
    """One growing table for each output. Values are copied: a model may reuse its memory for the next task."""

    def __init__(self, outputs: Iterable[str], count: int) -> None:
        self.outputs = {output: _OutputColumns(count) for output in outputs}

    def add(self, task: int, tables: Mapping[str, Table]) -> None:
        """:raises ColumnsDiffer: if an output does not have the columns or types of earlier tasks; then nothing is added"""
        types = [columns.types_with(output, tables[output]) for output, columns in self.outputs.items()]
        for (output, columns), kinds in zip(self.outputs.items(), types):
            columns.append(task, tables[output], kinds)

    def buffers(self) -> tuple[list[dict[str, Any]], list[Bytes]]:
        """The tables' headers, and for each table the buffers of its row counts and its columns."""
        heads: list[dict[str, Any]] = []
        buffers: list[Bytes] = []
        for output, columns in self.outputs.items():
            heads.append({"output": output, "columns": [{"name": name, "type": kind} for name, kind in columns.types.items()]})
            buffers.append(memoryview(columns.rows).cast("B"))
            buffers += [encode_column(kind, columns.values[name]) for name, kind in columns.types.items()]
        return heads, buffers


def encode_column(kind: str, values: Any) -> Bytes:
    return json.dumps(values).encode() if kind == "utf8" else values


class _OutputColumns:
    def __init__(self, count: int) -> None:
        self.rows = array("i", bytes(4 * count))
        self.types: dict[str, str] = {}
        #: By name: bytes, or strings.
        self.values: dict[str, Any] = {}

    def types_with(self, output: str, table: Table) -> dict[str, str]:
        if not self.types:
            return {name: column.type for name, column in table.items()}
        if table.keys() != self.types.keys():
            raise ColumnsDiffer(f"output {output} has columns {', '.join(table)}; earlier tasks returned {', '.join(self.types)}")
        for name, column in table.items():
            if column.type != self.types[name]:
                break
        else:
            return self.types
        return {name: self._type_with(output, name, table[name]) for name in self.types}

    def _type_with(self, output: str, name: str, column: Column) -> str:
        held, given = self.types[name], column.type
        if held == given or not len(column):
            return held
        if not self.values[name]:
            return given
        wider = WIDER.get(frozenset((held, given)))
        if wider is None:
            what = f"column {name} of output {output} has {given} values"
            raise ColumnsDiffer(f"{what}; earlier tasks returned {held}", "return one type from all tasks")
        return wider

    def append(self, task: int, table: Table, types: Mapping[str, str]) -> None:
        if types is not self.types:
            self._widen(types)
        for name, column in table.items():
            held = self.values[name]
            kind = types[name]
            if kind == "utf8":
                held += column.data
            elif column.type == kind or not len(column):
                held += memoryview(column.data)
            else:
                held += _widened(column.bytes(), column.type, kind)
        self.rows[task] = len(column.data)

    def _widen(self, types: Mapping[str, str]) -> None:
        for name, kind in types.items():
            if name not in self.values:
                self.values[name] = [] if kind == "utf8" else bytearray()
            elif self.types[name] != kind:
                self.values[name] = _widened(self.values[name], self.types[name], kind)
            self.types[name] = kind


def _widened(values: Any, was: str, kind: str) -> Any:
    if not len(values):
        return [] if kind == "utf8" else bytearray()
    numbers: Any = memoryview(values).cast("B").cast(ITEM_CODES[was])
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        return bytearray(numpy.frombuffer(numbers, dtype=was).astype(kind))
    return bytearray(array(ITEM_CODES[kind], numbers))


def decode_tables(heads: Iterable[Mapping[str, Any]], buffers: Iterable[memoryview]) -> dict[str, Table]:
    """The tables of one task, from the headers and buffers of :meth:`BatchTables.buffers`."""
    remaining = iter(buffers)
    return {head["output"]: decode_table(head, remaining)[1] for head in heads}


def decode_table(head: Mapping[str, Any], buffers: Iterator[memoryview]) -> tuple[list[int], Table]:
    """The row count of each task, and the columns. Numbers are views of the frame."""
    rows = next(buffers).cast("i").tolist()
    return rows, {column["name"]: _decode_column(column["type"], next(buffers)) for column in head["columns"]}


def _decode_column(kind: str, buffer: memoryview) -> Column:
    return Column(kind, json.loads(bytes(buffer)) if kind == "utf8" else buffer.cast(ITEM_CODES[kind]))
