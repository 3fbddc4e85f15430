"""Pairs observed rows with the simulated rows that they are compared with."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol, Union

from ..errors import ModelError, names_hint
from .frames import Columns, columns_of, join_values, numbers, range_of, table_like

SUFFIX_OBS = "__obs"
SUFFIX_SIM = "__sim"
#: The replicate's position in the list of replicates.
REPLICATE_COL = "__replicate"
#: The row of the observed table.
ROW_COL = "__row"

JoinMode = Literal["exact", "nearest", "backward", "forward"]
Strategy = Literal["nearest", "backward", "forward"]


@dataclass(frozen=True)
class AlignedData:
    """Observed rows joined with their simulated partners, in one table of the observed data's library.

    Columns that are not join columns end in ``__obs`` and ``__sim``. ``__replicate`` and ``__row`` are the replicate and the
    observed row that a row belongs to.
    """

    data: Any
    on_cols: list[str]
    replicate_col: Union[str, None] = None
    #: Rows of the observed table, where known: matched or not.
    n_observed: Union[int, None] = None

    @cached_property
    def columns(self) -> Columns:
        return columns_of(self.data)

    def obs_colname(self, col: str) -> str:
        return f"{col}{SUFFIX_OBS}"

    def sim_colname(self, col: str) -> str:
        return f"{col}{SUFFIX_SIM}"

    def get_obs_col(self, col: str) -> Any:
        return self.data[self._known(self.obs_colname(col), "observed data", col)]

    def get_sim_col(self, col: str) -> Any:
        return self.data[self._known(self.sim_colname(col), "model output", col)]

    def observed(self, col: str) -> list[Any]:
        return self.columns[self._known(self.obs_colname(col), "observed data", col)]

    def simulated(self, col: str) -> list[Any]:
        return self.columns[self._known(self.sim_colname(col), "model output", col)]

    def observed_numbers(self, col: str) -> Sequence[float | None]:
        """An observed column as numbers. :raises ModelError: naming a value that is not a finite number"""
        return numbers(self.observed(col), lambda at: f"observed {col} at {self.where(at)}")

    def simulated_numbers(self, col: str) -> Sequence[float | None]:
        """A simulated column as numbers. :raises ModelError: naming a value that is not a finite number"""
        return numbers(self.simulated(col), lambda at: f"simulated {col} at {self.where(at)}")

    def row_of(self, at: int) -> Any:
        """Identifies the observation of a row."""
        if ROW_COL in self.columns:
            return self.columns[ROW_COL][at]
        return tuple(self.columns[name][at] for name in self.on_cols)

    def where(self, at: int) -> str:
        """``day 3 in replicate 0``, for a message."""
        keys = ", ".join(f"{name} {self.columns[name][at]}" for name in self.on_cols)
        replicate = [] if self.replicate_col is None else [f"in replicate {self.columns[self.replicate_col][at]}"]
        return " ".join([*([keys] if keys else ["the only row"]), *replicate])

    def _known(self, name: str, table: str, col: str) -> str:
        if name not in self.columns:
            suffix = name[len(col) :]
            known = [one[: -len(suffix)] for one in self.columns if one.endswith(suffix)]
            raise ModelError(f"the {table} has no column {col}", names_hint(col, known, "columns"))
        return name


class AlignmentStrategy(Protocol):
    def align(self, observed: Any, simulated: list[Any]) -> AlignedData:
        """:raises ModelError: if no observation has a partner, naming both ranges"""
        ...


@dataclass
class ExactJoin:
    """Joins rows with equal values in every join column. Observations without a partner in a replicate are ignored there."""

    on_cols: list[str]

    @property
    def on(self) -> list[str]:
        return self.on_cols

    def align(self, observed: Any, simulated: list[Any]) -> AlignedData:
        _check_replicates(simulated)
        data = columns_of(observed)
        rows_of: dict[Any, list[int]] = {}
        for row, key in enumerate(_keys(data, self.on_cols, "observed data")):
            if None not in key:
                rows_of.setdefault(key, []).append(row)
        pairs = []
        replicates = [columns_of(table) for table in simulated]
        for replicate, table in enumerate(replicates):
            _check_comparable(data, table, self.on_cols)
            keys = _keys(table, self.on_cols, "model output")
            found = [(row, replicate, partner) for partner, key in enumerate(keys) for row in rows_of.get(key, ())]
            if not found:
                raise _no_overlap(data, table, self.on_cols, replicate)
            pairs += found
        return _aligned(observed, data, replicates, pairs, self.on_cols)


@dataclass
class NoJoin:
    """Joins the only row of a scalar output with the only row of the data."""

    @property
    def on(self) -> list[str]:
        return []

    def align(self, observed: Any, simulated: list[Any]) -> AlignedData:
        tables = [("observed data", observed), *((f"output of replicate {at}", table) for at, table in enumerate(simulated))]
        for what, table in tables:
            rows = len(_keys(columns_of(table), [], what))
            if rows != 1:
                raise ModelError(f"the {what} has {rows} rows", "without a join it must have one; join by a column")
        return ExactJoin([]).align(observed, simulated)


@dataclass
class AsofJoin:
    """Joins the row nearest in one column, the last before (``backward``) or the first after (``forward``), in groups of ``by``.

    Every observation is kept; without a partner within ``tolerance``, its simulated values are missing. Of two rows
    equally near, the later one is used.
    """

    on_column: str
    by: Union[list[str], None] = None
    strategy: Strategy = "nearest"
    tolerance: Union[float, None] = None

    @property
    def on(self) -> list[str]:
        return [self.on_column, *(self.by or [])]

    def align(self, observed: Any, simulated: list[Any]) -> AlignedData:
        _check_replicates(simulated)
        data = columns_of(observed)
        groups = _keys(data, self.by or [], "observed data")
        times = _column(data, self.on_column, "observed data")
        order = sorted(range(len(times)), key=lambda row: (groups[row], times[row]))
        pairs: list[tuple[int, int, int | None]] = []
        replicates = [columns_of(table) for table in simulated]
        for replicate, table in enumerate(replicates):
            _check_comparable(data, table, self.on)
            partner_of = self._partners(table)
            found = [(row, replicate, partner_of(groups[row], times[row])) for row in order]
            if all(partner is None for _, _, partner in found):
                raise _no_overlap(data, table, self.on, replicate)
            pairs += found
        return _aligned(observed, data, replicates, pairs, self.on, right=self.on_column)

    def _partners(self, table: Columns) -> Any:
        """Finds a group's row for a time."""
        times = _column(table, self.on_column, "model output")
        rows: dict[Any, list[int]] = {}
        for row, group in enumerate(_keys(table, self.by or [], "model output")):
            if times[row] is not None:
                rows.setdefault(group, []).append(row)
        for members in rows.values():
            members.sort(key=lambda row: times[row])
        sorted_times = {group: [times[row] for row in members] for group, members in rows.items()}

        def partner(group: Any, time: Any) -> int | None:
            if time is None or group not in rows:
                return None
            place = _place(sorted_times[group], time, self.strategy)
            if place is None:
                return None
            if self.tolerance is not None and abs(sorted_times[group][place] - time) > self.tolerance:
                return None
            return rows[group][place]

        return partner


def _place(times: Sequence[Any], time: Any, strategy: Strategy) -> int | None:
    before = bisect_right(times, time) - 1
    after = bisect_left(times, time)
    if strategy == "backward":
        return before if before >= 0 else None
    if strategy == "forward":
        return after if after < len(times) else None
    if before < 0 or after >= len(times):
        return after if before < 0 else before
    if times[before] == time:
        return before
    return before if time - times[before] < times[after] - time else after


@dataclass
class JoinAlignment:
    """An exact join, or an as-of join by one column."""

    on_cols: Union[str, list[str]]
    mode: JoinMode = "exact"

    @property
    def on(self) -> list[str]:
        return [self.on_cols] if isinstance(self.on_cols, str) else self.on_cols

    def to_strategy(self) -> Union[ExactJoin, AsofJoin]:
        """:raises ValueError: for an unknown mode, or an as-of join by more than one column"""
        if self.mode == "exact":
            return ExactJoin(self.on)
        if self.mode not in ("nearest", "backward", "forward"):
            raise ValueError(f"Unknown alignment mode: {self.mode}")
        if len(self.on) != 1:
            raise ValueError(f"Asof joins require exactly one 'on' column, got: {self.on}")
        return AsofJoin(self.on[0], strategy=self.mode)

    def align(self, observed: Any, simulated: list[Any]) -> AlignedData:
        return self.to_strategy().align(observed, simulated)


def _aligned(
    observed: Any, data: Columns, replicates: list[Columns], pairs: Sequence[tuple[int, int, int | None]], on: list[str], right: str | None = None
) -> AlignedData:
    columns: Columns = {name: [data[name][row] for row, _, _ in pairs] for name in on}
    for name in data:
        if name not in on:
            columns[f"{name}{SUFFIX_OBS}"] = [data[name][row] for row, _, _ in pairs]
    for name in {name: None for table in replicates for name in table}:
        suffixed = f"{name}_right" if name == right else f"{name}{SUFFIX_SIM}"
        if name not in on or name == right:
            sources = [table.get(name) for table in replicates]
            columns[suffixed] = [_value(sources[replicate], partner) for _, replicate, partner in pairs]
    columns[REPLICATE_COL] = [replicate for _, replicate, _ in pairs]
    columns[ROW_COL] = [row for row, _, _ in pairs]
    return AlignedData(table_like(observed, columns), on, REPLICATE_COL, len(next(iter(data.values()), ())))


def _value(column: list[Any] | None, partner: int | None) -> Any:
    return None if partner is None or column is None else column[partner]


def _column(table: Columns, name: str, where: str) -> list[Any]:
    if name not in table:
        raise ModelError(f"the {where} has no column {name}", names_hint(name, table, "columns"))
    return join_values(table[name])


def _keys(table: Columns, names: list[str], where: str) -> list[tuple[Any, ...]]:
    rows = len(next(iter(table.values()), ()))
    return list(zip(*(_column(table, name, where) for name in names))) if names else [()] * rows


def _check_replicates(simulated: list[Any]) -> None:
    if not simulated:
        raise ModelError("no replicate to compare with the data")


def _check_comparable(observed: Columns, simulated: Columns, names: list[str]) -> None:
    """Reports a join of text with numbers, which can never match, as an error."""
    for name in names:
        kinds = [_is_text(_column(table, name, where)) for table, where in ((observed, "observed data"), (simulated, "model output"))]
        if kinds in ([True, False], [False, True]):
            text, numeric = ("observed data", "model output") if kinds[0] else ("model output", "observed data")
            raise ModelError(f"join column {name} is text in the {text} and numeric in the {numeric}")


def _is_text(values: list[Any]) -> bool | None:
    present = next((value for value in values if value is not None), None)
    return None if present is None else isinstance(present, str)


def _no_overlap(observed: Columns, simulated: Columns, names: list[str], replicate: int) -> ModelError:
    ranges = [
        f"{name} is {range_of(_column(observed, name, 'observed data'))} in the data and {range_of(_column(simulated, name, 'model output'))} in the output"
        for name in names
    ]
    return ModelError(f"no observation has a simulated row in replicate {replicate}: {'; '.join(ranges)}")
