"""Reads observed data from a CSV file, without another library."""

from __future__ import annotations

import csv
import math
import os
import re
from typing import Any, Union

from ..errors import ModelError
from ..tables import MAX_COLUMNS

#: A decimal number without leading zeros; a number with leading zeros is a code (a district, a postcode).
NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?")
MISSING = frozenset(("", "NA", "NaN", "nan"))


def read_csv(path: Union[str, os.PathLike[str]]) -> dict[str, list[Any]]:
    """The columns of a CSV file with a header row.

    A column of numbers has floats, and None for cells that are empty, ``NA`` or ``NaN``; any other column has text. Whole numbers beyond
    2^53 and numbers with leading zeros are text. :raises ModelError: naming the file, and the row if known
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            lines = [row for row in csv.reader(file, strict=True) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not valid CSV: {error}") from None
    if not lines:
        raise ModelError(f"{path} is empty", "its first line names the columns")
    header, rows = [name.strip() for name in lines[0]], lines[1:]
    if len(header) > MAX_COLUMNS:
        raise ModelError(f"{path} has {len(header)} columns; the limit is {MAX_COLUMNS}", "write long data as rows")
    seen: set[str] = set()
    for name in header:
        if not name or name in seen:
            raise ModelError(f"{path} has two columns {name}" if name else f"{path} has a column without a name")
        seen.add(name)
    for index, row in enumerate(rows):
        if len(row) != len(header):
            raise ModelError(f"{path} has {len(row)} cells in data row {index + 1}; its header has {len(header)}")
    return {name: _column([row[at].strip() for row in rows]) for at, name in enumerate(header)}


def _column(cells: list[str]) -> list[Any]:
    is_numeric = any(cell not in MISSING for cell in cells) and all(cell in MISSING or _is_number(cell) for cell in cells)
    return [None if cell in MISSING else float(cell) for cell in cells] if is_numeric else cells


def _is_number(cell: str) -> bool:
    if not NUMBER.fullmatch(cell) or not any(char.isdigit() for char in cell):
        return False
    is_whole = cell.lstrip("+-").isdigit()
    return math.isfinite(float(cell)) and not (is_whole and abs(int(cell)) > 2**53 - 1)
