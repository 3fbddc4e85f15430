import datetime
import math
from array import array
from decimal import Decimal

import pytest

from modelops import ModelError
from modelops.columns import as_column
from modelops.tables import as_table, as_tables

numpy = pytest.importorskip("numpy")
pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
pyarrow = pytest.importorskip("pyarrow")
DAY = datetime.date(2020, 3, 1)
NOON = datetime.datetime(2020, 3, 1, 12)
MIDNIGHT = datetime.datetime(2020, 3, 1)


def kept(values):
    column = as_column(values, "column x of output o")
    return column.type, [bool(value) for value in column.data] if column.type == "bool" else list(column.data)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], ("int64", [1, 2])),
        ((1.5, 2), ("float64", [1.5, 2.0])),
        ([], ("float64", [])),
        (range(2, 8, 3), ("int64", [2, 5])),
        (["a", "ü"], ("utf8", ["a", "ü"])),
        ([True, False], ("bool", [True, False])),
        ([1, None], ("float64", [1.0, math.nan])),
        ([Decimal("1.5")], ("float64", [1.5])),
        ([DAY], ("utf8", ["2020-03-01"])),
        ([NOON], ("utf8", ["2020-03-01T12:00:00"])),
        ([MIDNIGHT], ("utf8", ["2020-03-01"])),
        (array("d", [0.5]), ("float64", [0.5])),
        (array("h", [-3]), ("int64", [-3])),
        (memoryview(array("q", [7])), ("int64", [7])),
        (numpy.array([1, 2]), ("int64", [1, 2])),
        (numpy.array([1, 2], "int16"), ("int32", [1, 2])),
        (numpy.array([250], "uint8"), ("int32", [250])),
        (numpy.array([2**32 - 1], "uint32"), ("int64", [2**32 - 1])),
        (numpy.array([2**63 - 1], "uint64"), ("int64", [2**63 - 1])),
        (numpy.array([0.5], "float32"), ("float64", [0.5])),
        (numpy.array([1, 2], ">i4"), ("int32", [1, 2])),
        (numpy.arange(6)[::2], ("int64", [0, 2, 4])),
        (numpy.array([True]), ("bool", [True])),
        (numpy.array(["a"]), ("utf8", ["a"])),
        (numpy.array(["a", "b"], object), ("utf8", ["a", "b"])),
        (numpy.array(["2020-03-01"], "datetime64[ns]"), ("utf8", ["2020-03-01"])),
        (numpy.array(["2020-03-01T12"], "datetime64[ns]"), ("utf8", ["2020-03-01T12:00:00"])),
        (numpy.ma.array([1, 2], mask=[False, True]), ("float64", [1.0, math.nan])),
        ([numpy.int64(3), numpy.int32(4)], ("int64", [3, 4])),
        ([numpy.float32(0.5), 1], ("float64", [0.5, 1.0])),
        ([numpy.bool_(True)], ("bool", [True])),
        ([numpy.str_("a")], ("utf8", ["a"])),
        (pandas.Series([1, 2]), ("int64", [1, 2])),
        (pandas.Series([1, None], dtype="Int64"), ("float64", [1.0, math.nan])),
        (pandas.Series([1, 2], dtype="Int32"), ("int32", [1, 2])),
        (pandas.Series([0.5, None]), ("float64", [0.5, math.nan])),
        (pandas.Series(["a", "b"]), ("utf8", ["a", "b"])),
        (pandas.Series(["a", "b"], dtype="category"), ("utf8", ["a", "b"])),
        (pandas.Series([1, 2], dtype="category"), ("int64", [1, 2])),
        (pandas.Series([True, False], dtype="boolean"), ("bool", [True, False])),
        (pandas.Series([True]), ("bool", [True])),
        (pandas.Series(pandas.to_datetime(["2020-03-01"])), ("utf8", ["2020-03-01"])),
        (pandas.Series(pandas.to_datetime(["2020-03-01T12"])).dt.tz_localize("Asia/Tokyo"), ("utf8", ["2020-03-01T03:00:00"])),
        (pandas.Index([1, 2]), ("int64", [1, 2])),
        (polars.Series([1, 2]), ("int64", [1, 2])),
        (polars.Series([1, None]), ("float64", [1.0, math.nan])),
        (polars.Series([1, 2], dtype=polars.UInt8), ("int32", [1, 2])),
        (polars.Series([0.5, None], dtype=polars.Float32), ("float64", [0.5, math.nan])),
        (polars.Series(["a"]), ("utf8", ["a"])),
        (polars.Series(["a"], dtype=polars.Categorical), ("utf8", ["a"])),
        (polars.Series([True]), ("bool", [True])),
        (polars.Series([DAY]), ("utf8", ["2020-03-01"])),
        (polars.Series([NOON]), ("utf8", ["2020-03-01T12:00:00"])),
        (pyarrow.array([1, 2]), ("int64", [1, 2])),
        (pyarrow.array([1, None]), ("float64", [1.0, math.nan])),
        (pyarrow.chunked_array([[0.5], [1.5]]), ("float64", [0.5, 1.5])),
        (pyarrow.array(["a"]), ("utf8", ["a"])),
        (pyarrow.array([True]), ("bool", [True])),
        (pyarrow.array([DAY]), ("utf8", ["2020-03-01"])),
    ],
    ids=repr,
)
def test_keeps_columns_of_every_library(values, expected):
    kind, found = kept(values)
    assert kind == expected[0]
    assert repr(found) == repr(expected[1]) or found == pytest.approx(expected[1], nan_ok=True)


def test_does_not_copy_numbers_that_are_already_as_kept():
    numbers = numpy.arange(3.0)
    assert numpy.shares_memory(as_column(numbers, "x").data, numbers)
    assert as_column(memoryview(numbers), "x").data.obj is numbers
    column = polars.Series(numbers)
    assert numpy.shares_memory(as_column(column, "x").data, column.to_numpy())
    assert numpy.shares_memory(as_column(pyarrow.array(numbers), "x").data, numbers)
    series = pandas.Series(numbers, copy=False)
    assert numpy.shares_memory(as_column(series, "x").data, numbers)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (None, "column x of output o is None, not a column; expected a list, range, numpy array"),
        (5, "is an int, not a column"),
        ("abc", "is a str, not a column"),
        (b"abc", "is a bytes, not a column"),
        ({"a": 1}, "is a dict, not a column"),
        ((value for value in [1]), "is a generator, not a column"),
        ([1, "a"], "mixes int and str values"),
        (["a", None], "is None in row 1 among str values"),
        ([True, 1], "mixes bool and int values"),
        ([[1], [2]], "is a list in row 0"),
        ([1, 1j], "is a complex in row 1"),
        ([2**63], "is 9223372036854775808, outside the range of signed 64-bit integers"),
        (numpy.array([2**63], "uint64"), "is 9223372036854775808, outside the range of signed 64-bit integers"),
        (numpy.zeros((3, 4)), "is a numpy array of 2 dimensions (3×4); a column has one dimension"),
        (numpy.array(1.0), "is a numpy array of 0 dimensions (a single value)"),
        (numpy.zeros(2, complex), "is a numpy array of complex128"),
        (numpy.array(["NaT"], "datetime64[D]"), "has no date in row 0"),
        (pandas.Series(["a", None]), "is None in row 1 among str values"),
        (pandas.DataFrame({"a": [1]}), "is a pandas DataFrame, not a column"),
        (polars.DataFrame({"a": [1]}), "is a polars DataFrame, not a column"),
        (polars.Series([[1, 2]]), "is a list in row 0"),
    ],
    ids=repr,
)
def test_refuses_what_is_not_a_column_naming_it(values, message):
    with pytest.raises(ModelError) as caught:
        as_column(values, "column x of output o")
    assert message in str(caught.value)


TABLE = {"day": [1, 2], "name": ["a", "b"]}


@pytest.mark.parametrize("make", [dict, pandas.DataFrame, polars.DataFrame, pyarrow.table, lambda table: pyarrow.table(table).to_batches()[0]])
def test_takes_tables_of_every_library(make):
    assert {name: (column.type, list(column.data)) for name, column in as_table("o", make(TABLE)).items()} == {
        "day": ("int64", [1, 2]),
        "name": ("utf8", ["a", "b"]),
    }


def test_a_named_index_is_a_column_and_a_plain_one_is_not():
    frame = pandas.DataFrame({"day": [1, 1, 2], "x": [1, 2, 3]})
    assert list(as_table("o", frame[frame.x > 1])) == ["day", "x"]
    assert list(as_table("o", frame.groupby("day").sum())) == ["day", "x"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (None, "output o is None; return columns by name, or a data frame"),
        ([1, 2], "output o is a list"),
        ({}, "output o has no columns"),
        ({"a": [1, 2], "b": [1]}, "output o has columns of different lengths; a: 2, b: 1"),
        ({"seed": [1]}, "output o has a column seed: this name is reserved"),
        ({0: [1]}, "output o has a column named 0"),
        ({"x" * 1001: [1]}, "expected text of 1 to 1000 characters"),
        ({f"c{k}": [1] for k in range(10_001)}, "output o has 10001 columns; the limit is 10000; return long data as rows"),
        (pandas.DataFrame([[1, 2]]), "output o has a column named 0"),
        (polars.LazyFrame({"a": [1]}), "polars LazyFrame; call .collect()"),
        (pandas.Series([1]), "output o is a Series"),
    ],
)
def test_refuses_what_is_not_a_table_naming_it(table, message):
    with pytest.raises(ModelError) as caught:
        as_table("o", table)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "model m returned None; return {'a': …, 'b': …}"),
        ({"a": TABLE}, "model m did not return the output b; it returned a"),
        ({"a": TABLE, "bb": TABLE}, "did not return the output b; it returned a, bb"),
        ({"a": TABLE, "b": TABLE, "c": TABLE}, "an output c that the model does not declare"),
    ],
)
def test_refuses_outputs_that_are_not_the_declared_ones(returned, message):
    with pytest.raises(ModelError) as caught:
        as_tables(returned, ["a", "b"], ["a", "b"], "model m")
    assert message in str(caught.value)


def test_a_model_of_one_output_may_return_a_data_frame():
    assert list(as_tables(polars.DataFrame(TABLE), ["a"], ["a"], "model m")) == ["a"]
