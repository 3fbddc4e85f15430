"""Columns of an output: the values that a model may return, and the types in which results are stored."""

from __future__ import annotations

import datetime
import math
import numbers
import sys
from array import array
from collections.abc import Sequence
from typing import Any

from .errors import ModelError

EXPECTED = "expected a list, range, numpy array, or a pandas, polars or pyarrow column"
INT64 = range(-(2**63), 2**63)
ITEM_CODES: dict[str, Any] = {"float64": "d", "int64": "q", "int32": "i", "bool": "B"}

FLOATS, INTS, NUMBERS, STRINGS, BOOLS = {float}, {int}, {int, float}, {str}, {bool}


class Column:
    """Values of one stored type: ``float64``, ``int64``, ``int32`` and ``bool`` as a flat buffer of their bytes, ``utf8`` as strings.

    The buffer may be the model's own memory.
    """

    __slots__ = ("type", "data")

    def __init__(self, kind: str, data: Any) -> None:
        self.type = kind
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    def bytes(self) -> memoryview:
        """The bytes of a column that is not text."""
        return memoryview(self.data).cast("B")

    def values(self) -> Any:
        """A numpy array if numpy is loaded, else a list; booleans and strings are lists."""
        if self.type == "utf8":
            return list(self.data)
        if self.type == "bool":
            return [value != 0 for value in memoryview(self.data).cast("B")]
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            return numpy.frombuffer(self.bytes(), dtype=self.type).copy()
        return list(self.data)


def as_column(values: Any, where: str) -> Column:
    """A model's column in its stored type, without copying numbers that already have it.

    Integers are stored in 64 bits (32 for numpy's types of up to 32 bits), other numbers as float64; a missing number is NaN. Dates become
    ISO 8601 text. :raises ModelError: starting with ``where`` for anything else
    """
    if isinstance(values, (list, tuple)):
        return _from_sequence(values, where)
    if isinstance(values, range):
        return Column("int64", array("q", values))
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(values, numpy.ndarray):
        return _from_numpy(values, where, numpy)
    library = type(values).__module__.partition(".")[0]
    if library == "pandas":
        return _from_pandas(values, where)
    if library == "polars":
        return _from_polars(values, where)
    if library == "pyarrow":
        return _from_pyarrow(values, where)
    if isinstance(values, (array, memoryview)):
        return _from_buffer(memoryview(values), where)
    if numpy is not None and hasattr(values, "__array__") and not isinstance(values, numpy.generic):
        return _from_numpy(numpy.asarray(values), where, numpy)
    if isinstance(values, Sequence) and not isinstance(values, (str, bytes, bytearray)):
        return _from_sequence(values, where)
    raise ModelError(f"{where} is {a(values)}, not a column", EXPECTED)


def a(value: object) -> str:
    """The type of a value in a message: ``None``, ``a dict``, ``an int``."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _from_sequence(values: Sequence[Any], where: str) -> Column:
    kinds = set(map(type, values))
    if kinds <= FLOATS or kinds == NUMBERS:
        return Column("float64", array("d", values))
    if kinds == INTS:
        return Column("int64", _int64(values, where))
    if kinds == STRINGS:
        return Column("utf8", values)
    if kinds == BOOLS:
        return Column("bool", bytes(values))
    return _from_mixed(values, where)


def _from_mixed(values: Sequence[Any], where: str) -> Column:
    """Converts subclasses, numpy scalars, dates and missing values."""
    kinds = {_kind(value, row, where) for row, value in enumerate(values)}
    present = kinds - {"missing"}
    if present <= {"int", "float"} and present:
        if kinds == {"int"}:
            return Column("int64", _int64([int(value) for value in values], where))
        return Column("float64", array("d", (math.nan if value is None else float(value) for value in values)))
    if "missing" in kinds:
        row = next(row for row, value in enumerate(values) if value is None)
        among = f" among {'/'.join(sorted(present))} values" if present else ""
        raise ModelError(f"{where} is None in row {row}{among}", "leave the row out, or use NaN for a missing number")
    if len(present) > 1:
        raise ModelError(f"{where} mixes {' and '.join(sorted(present))} values", "all values of a column have one type")
    if present == {"bool"}:
        return Column("bool", bytes(bool(value) for value in values))
    if present == {"date"}:
        return Column("utf8", _iso_dates(values))
    return Column("utf8", [str(value) for value in values])


def _iso_dates(values: Sequence[datetime.date]) -> list[str]:
    """ISO dates, without the time of day if all values are midnight, because pandas has no date type."""
    midnight = datetime.time()
    times = [value for value in values if isinstance(value, datetime.datetime)]
    if all(value.timetz() == midnight for value in times):
        return [(value.date() if isinstance(value, datetime.datetime) else value).isoformat() for value in values]
    return [value.isoformat() for value in values]


def _kind(value: object, row: int, where: str) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return "bool"
    if isinstance(value, numbers.Integral):
        return "int"
    if isinstance(value, numbers.Real) or type(value).__name__ == "Decimal":
        return "float"
    if isinstance(value, str):
        return "str"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return "date"
    raise ModelError(f"{where} is {a(value)} in row {row}", "a column holds numbers, strings, booleans or dates")


def _int64(values: Sequence[int], where: str) -> array[int]:
    try:
        return array("q", values)
    except OverflowError:
        value = next(value for value in values if value not in INT64)
        raise ModelError(f"{where} is {value}, outside the range of signed 64-bit integers", "return it as strings") from None


def _from_buffer(view: memoryview, where: str) -> Column:
    if view.ndim != 1:
        raise ModelError(f"{where} has {view.ndim} dimensions", "a column has one")
    code = {"l": "q" if view.itemsize == 8 else "i"}.get(view.format, view.format)
    kept = {"d": "float64", "q": "int64", "i": "int32", "?": "bool"}.get(code)
    if kept is not None and view.contiguous:
        return Column(kept, view)
    return _from_sequence(view.tolist(), where)


def _from_numpy(values: Any, where: str, numpy: Any) -> Column:
    if values.ndim != 1:
        shape = "×".join(map(str, values.shape)) or "a single value"
        raise ModelError(f"{where} is a numpy array of {values.ndim} dimensions ({shape})", "a column has one dimension")
    if isinstance(values, numpy.ma.MaskedArray):
        values = values.astype("float64").filled(math.nan) if values.dtype.kind in "fiu" else values.filled()
    kind, size = values.dtype.kind, values.dtype.itemsize
    if kind == "f":
        return _numbers("float64", values, numpy)
    if kind == "i":
        return _numbers("int64" if size == 8 else "int32", values, numpy)
    if kind == "u":
        if size == 8 and values.size and int(values.max()) not in INT64:
            raise ModelError(f"{where} is {values.max()}, outside the range of signed 64-bit integers", "return it as strings")
        return _numbers("int64" if size >= 4 else "int32", values, numpy)
    if kind == "b":
        return Column("bool", numpy.ascontiguousarray(values))
    if kind in "UT":
        return Column("utf8", values.tolist())
    if kind == "M":
        if numpy.isnat(values).any():
            row = int(numpy.isnat(values).argmax())
            raise ModelError(f"{where} has no date in row {row}", "leave the row out")
        return Column("utf8", numpy.datetime_as_string(values, unit=_date_unit(values, numpy)).tolist())
    if kind == "O":
        return _from_sequence(values.tolist(), where)
    raise ModelError(f"{where} is a numpy array of {values.dtype}", "a column holds numbers, strings, booleans or dates")


def _numbers(kept: str, values: Any, numpy: Any) -> Column:
    return Column(kept, numpy.ascontiguousarray(values, dtype=kept))


def _date_unit(values: Any, numpy: Any) -> str:
    """Days if no value has a time of day, else seconds or microseconds."""
    for unit in ("D", "s"):
        if (values.astype(f"datetime64[{unit}]") == values).all():
            return unit
    return "us"


def _from_pandas(values: Any, where: str) -> Column:
    import pandas

    if not isinstance(values, (pandas.Series, pandas.Index, pandas.api.extensions.ExtensionArray)):
        raise ModelError(f"{where} is a pandas {type(values).__name__}, not a column", EXPECTED)
    values = pandas.Series(values)
    dtype = values.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        values = values.astype(dtype.categories.dtype) if not values.isna().any() else values.astype(object)
        dtype = values.dtype
    if pandas.api.types.is_bool_dtype(dtype) or not pandas.api.types.is_numeric_dtype(dtype):
        if pandas.api.types.is_datetime64_any_dtype(dtype):
            if getattr(dtype, "tz", None) is not None:
                values = values.dt.tz_convert("UTC").dt.tz_localize(None)
            return as_column(values.to_numpy("datetime64[us]"), where)
        return _from_sequence([None if is_missing(value) else value for value in values.tolist()], where)
    if values.hasnans:
        return as_column(values.to_numpy(dtype="float64", na_value=math.nan), where)
    return as_column(values.to_numpy(), where)


def is_missing(value: object) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))


def _from_polars(values: Any, where: str) -> Column:
    import polars

    if not isinstance(values, polars.Series):
        raise ModelError(f"{where} is a polars {type(values).__name__}, not a column", EXPECTED)
    if values.dtype.is_numeric() and not values.dtype.is_decimal():
        if values.null_count():
            values = values.cast(polars.Float64).fill_null(math.nan)
        if _has_numpy():
            return as_column(values.to_numpy(), where)
    if isinstance(values.dtype, (polars.Categorical, polars.Enum)):
        values = values.cast(polars.String)
    return _from_sequence(values.to_list(), where)


def _from_pyarrow(values: Any, where: str) -> Column:
    import pyarrow

    if not isinstance(values, (pyarrow.Array, pyarrow.ChunkedArray)):
        raise ModelError(f"{where} is a pyarrow {type(values).__name__}, not a column", EXPECTED)
    is_number = pyarrow.types.is_integer(values.type) or pyarrow.types.is_floating(values.type)
    if is_number and _has_numpy():
        if values.null_count:
            values = values.cast(pyarrow.float64())
        zero_copy = {} if isinstance(values, pyarrow.ChunkedArray) else {"zero_copy_only": False}
        return as_column(values.to_numpy(**zero_copy), where)
    return _from_sequence(values.to_pylist(), where)


def _has_numpy() -> bool:
    try:
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True
