"""What a target compares with what, for people and plots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .alignment import AsofJoin
from .frames import columns_of, join_values
from .likelihood import RowsLoglik

#: A longer table in the code is not described.
MAX_DESCRIBED_ROWS = 1_000


def comparison_of(target: Any, files: Sequence[str]) -> dict[str, Any] | None:
    """The compared columns, with the observed values if the target reads no file; None for an evaluator of one's own.

    The file is named if there is one: of several, the function alone knows which.
    """
    columns = _compared(target.evaluator)
    on = getattr(target.alignment, "on", None)
    if columns is None or on is None:
        return None
    observed, simulated, observed_trials, trials = columns
    # The column of a near join is the last.
    join = [*(target.alignment.by or []), target.alignment.on_column] if isinstance(target.alignment, AsofJoin) else list(on)
    counts = {"trials": trials, "observed_trials": observed_trials}
    return {
        "output": target.model_output,
        "join": join,
        "value": simulated,
        "observed_value": observed,
        **{name: column for name, column in counts.items() if column is not None},
        "data": files[0] if len(files) == 1 else None,
        **({} if files else _observed(target.data, [*join, observed, *([observed_trials] if observed_trials else [])])),
    }


def _compared(evaluator: Any) -> tuple[str, str, str | None, str | None] | None:
    """The observed and the simulated column, and their columns of trials."""
    likelihood = getattr(evaluator, "loglik_fn", None)
    if isinstance(likelihood, RowsLoglik):
        return likelihood.x_col, likelihood.y_col, likelihood.x_trials, likelihood.y_trials
    col = getattr(getattr(evaluator, "loss_fn", None), "col", None)
    return (col, col, None, None) if isinstance(col, str) else None


def _observed(data: Any, names: Sequence[str]) -> dict[str, Any]:
    columns = columns_of(data)
    found = {name: [_plain(value) for value in join_values(columns[name])] for name in names if name in columns}
    return {"observed": found} if all(len(values) <= MAX_DESCRIBED_ROWS for values in found.values()) else {}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (int, str)):
        return value
    number = float(value)
    return number if math.isfinite(number) else None
