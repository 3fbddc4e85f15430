"""Selects and sorts rows of losses. Pure: from lists to row numbers."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Union

Moment = Union[str, datetime.datetime]


@dataclass(frozen=True)
class LossQuery:
    """Conditions on losses. Bounds are inclusive."""

    target: Union[str, None] = None
    bundle_digest: Union[str, None] = None
    since: Union[Moment, None] = None
    until: Union[Moment, None] = None
    min_loss: Union[float, None] = None
    max_loss: Union[float, None] = None
    model: Union[str, None] = None
    scenario: Union[str, None] = None


COLUMNS = ("target", "bundle_digest", "computed_at", "loss", "param_id", "job_id", "model_digest", "entrypoint")
Columns = dict[str, list[Any]]


def matching(columns: Columns, query: LossQuery) -> list[int]:
    """The matching rows, in their order."""
    since, until = (None if bound is None else moment(bound) for bound in (query.since, query.until))
    return [row for row in range(len(columns["loss"])) if _matches(columns, row, query, since, until)]


def _matches(columns: Columns, row: int, query: LossQuery, since: datetime.datetime | None, until: datetime.datetime | None) -> bool:
    loss = columns["loss"][row]
    for name, wanted in (("target", query.target), ("model", query.model), ("scenario", query.scenario)):
        if wanted is not None and columns[name][row] != wanted:
            return False
    if query.bundle_digest is not None and columns["bundle_digest"][row] != query.bundle_digest:
        return False
    if query.min_loss is not None and not (loss is not None and loss >= query.min_loss):
        return False
    if query.max_loss is not None and not (loss is not None and loss <= query.max_loss):
        return False
    if since is None and until is None:
        return True
    at = columns["computed_at"][row]
    if at is None:
        return False
    computed = moment(at)
    return (since is None or computed >= since) and (until is None or computed <= until)


def by_loss(columns: Columns, rows: Sequence[int]) -> list[int]:
    """The rows sorted by loss, rows without a loss last; equal losses by parameter set, then job."""

    def key(row: int) -> tuple[Any, ...]:
        loss = columns["loss"][row]
        return (loss is None, math.inf if loss is None else loss, columns["param_id"][row], columns["job_id"][row])

    return sorted(rows, key=key)


def best(columns: Columns, rows: Sequence[int], n_best: int) -> list[int]:
    """The rows with the lowest losses; a parameter set that several jobs share counts once."""
    seen: set[tuple[Any, ...]] = set()
    found: list[int] = []
    for row in by_loss(columns, [row for row in rows if columns["loss"][row] is not None]):
        same = tuple(columns[name][row] for name in ("param_id", "target", "model_digest", "entrypoint"))
        if same not in seen:
            seen.add(same)
            found.append(row)
        if len(found) == n_best:
            break
    return found


def moment(value: Moment) -> datetime.datetime:
    """Parses ISO 8601 text or a datetime; without a zone it is UTC."""
    parsed = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=datetime.timezone.utc)
