"""Queries results in a store's folder or in an export."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Union

from .query import COLUMNS, LossQuery, Moment, best, by_loss, matching
from .store import ResultError, Store
from .tables import Library, TableEngine, is_installed, preferred_library, table_engine

__all__ = ["ResultClient", "ResultError"]

MARKER = ".modelops-export.json"


class ResultClient:
    """Reads results as data frames of pandas, polars or pyarrow.

    :param folder: a store (``$MODELOPS_HOME/store``, the default, or ``~/.modelops/store``), a ``MODELOPS_HOME``, or an export of
        ``mops results export --layout parquet`` or ``csv`` (losses: ``parquet``)
    :param library: library of the data frames; default: the first of pandas, polars and pyarrow that is imported, or else installed
    :raises ResultError: if the folder is neither
    :raises ImportError: if neither pyarrow nor polars is installed
    """

    def __init__(self, folder: Union[str, os.PathLike[str], None] = None, library: Union[Library, None] = None) -> None:
        self.folder = _store_folder(folder)
        self.library: Library = library or preferred_library()
        if not is_installed(self.library):
            raise ImportError(f"{self.library} is not installed; pip install {self.library}")
        self.engine = table_engine()
        self._export = _read_marker(self.folder)
        self._store = Store(self.folder, self.engine)

    def jobs(self) -> list[str]:
        """The jobs that have results."""
        return self._store.jobs() if self._export is None else [str(self._export["job"])]

    def get_losses(self, job: str, target: str | None = None, limit: int | None = None) -> Any:
        """The losses of a job, in the order of its parameter sets: a row for each set and target.

        Columns: ``job_id``, ``param_id``, ``param_<name>`` in declared order, ``target``, ``loss`` (missing, with a ``reason``, if there is none),
        ``n_replicates``, ``n_failed``, ``replicate_mean``, ``standard_error``, ``bundle_digest``, ``model_digest``, ``entrypoint``, ``scenario``,
        ``computed_at`` (a timestamp in UTC), ``cache_hit`` (an earlier job computed the loss), ``reason``.

        :raises ResultError: if the job has no losses yet
        """
        return self._answer(job, LossQuery(target=target), lambda columns, rows: rows[:limit])

    def query_losses(
        self,
        job: str | None = None,
        target: str | None = None,
        *,
        bundle_digest: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        min_loss: float | None = None,
        max_loss: float | None = None,
        limit: int | None = None,
    ) -> Any:
        """Losses of one job or of all, lowest first, rows without a loss last. Bounds are inclusive; times are ISO 8601 or datetimes."""
        query = LossQuery(target, bundle_digest, since, until, min_loss, max_loss)
        return self._answer(job, query, lambda columns, rows: by_loss(columns, rows)[:limit])

    def iter_losses(self, job: str | None = None, target: str | None = None, *, batch_size: int = 65_536) -> Iterator[Any]:
        """Losses of one job or of all as data frames of at most ``batch_size`` rows, read one at a time, on demand.

        The rows of each job are in the order of its parameter sets. :raises ResultError: when a job is reached that has none
        """
        _check_batch_size(batch_size)
        query = LossQuery(target=target)
        for one in self.jobs() if job is None else [job]:
            for batch in self.engine.batches(self._losses_file(one), batch_size):
                table = self.engine.with_times(batch)
                rows = matching(_query_columns(self.engine, table), query)
                if rows:
                    yield self._shown(self.engine.take(table, rows))

    def get_best_parameters(
        self, target: str | None = None, n_best: int = 1, *, job: str | None = None, model: str | None = None, scenario: str | None = None
    ) -> Any:
        """The parameter sets with the lowest loss. A set that several jobs share counts once.

        :param target: optional if there is only one; losses of different targets have no common scale
        :param model: entry point without the scenario, such as ``models.seir.SEIR``; optional if there is only one. Versions of a model
            are ranked together, models and scenarios are not
        :raises ResultError: if there are several targets, models or scenarios and none is given
        """

        def choose(columns: dict[str, list[Any]], rows: list[int]) -> list[int]:
            for name, why in (("target", "losses have no common scale"), ("model", "parameters differ"), ("scenario", "best parameters differ")):
                found = sorted({columns[name][row] for row in rows})
                if len(found) > 1:
                    raise ResultError(f"specify one of the {name}s {', '.join(found)}: their {why}")
            return best(columns, rows, n_best)

        return self._answer(job, LossQuery(target=target, model=model, scenario=scenario), choose)

    def outputs(self, job: str, name: str) -> Any:
        """Every row of an output of a job, with ``param_id``, ``seed`` and ``param_<name>`` of its simulation.

        :raises ResultError: for an unknown job or output, and for outputs that were deleted or are damaged
        """
        if self._export is not None:
            return self._exported(job, name)
        return self._shown(self._store.outputs(job, name))

    def iter_outputs(self, job: str, name: str, *, batch_size: int = 65_536) -> Iterator[Any]:
        """The rows of :meth:`outputs` as data frames of at most ``batch_size`` rows, read as they are asked for.

        Memory holds one pack, of 64 MiB before compression, and the ids of the job's tasks. Rows of a simulation follow each other; simulations come in the
        order of the packs, or of the export's file, not of the tasks. A pack without a column of others gives frames without it.

        :raises ResultError: as :meth:`outputs`, when the pack is reached; for an export in the layout csv
        """
        _check_batch_size(batch_size)
        if self._export is not None:
            file = self._exported_file(job, name)
            if file.suffix != ".parquet":
                raise ResultError(f"cannot read {file}: it is not Parquet; export with --layout parquet, or read the CSV file itself")
            tables = self.engine.batches(file, batch_size)
        else:
            tables = (part for table in self._store.iter_outputs(job, name) for part in self.engine.slices(table, batch_size))
        for table in tables:
            yield self._shown(table)

    def _answer(self, job: str | None, query: LossQuery, choose: Any) -> Any:
        jobs = self.jobs() if job is None else [job]
        if not jobs:
            raise ResultError(f"{self.folder} has no results yet")
        table = self.engine.concat([self._losses(one) for one in jobs])
        columns = _query_columns(self.engine, table)
        return self._shown(self.engine.take(table, choose(columns, matching(columns, query))))

    def _losses(self, job: str) -> Any:
        return self.engine.with_times(self.engine.read(self._losses_file(job).read_bytes()))

    def _losses_file(self, job: str) -> Path:
        if self._export is None:
            return self._store.losses_file(job)
        self._check_exported(job)
        name = self._export.get("losses")
        if name is None:
            raise ResultError(f"{self.folder} has no losses")
        if not name.endswith(".parquet"):
            raise ResultError(f"cannot read {self.folder / name}: it is not Parquet; export with --layout parquet, or read the CSV file itself")
        return self.folder / str(name)

    def _check_exported(self, job: str) -> None:
        if self._export is not None and job != self._export["job"]:
            raise ResultError(f"{self.folder} is an export of {self._export['job']}, not of {job}")

    def _exported_file(self, job: str, name: str) -> Path:
        assert self._export is not None
        self._check_exported(job)
        layout = self._export["layout"]
        if layout in ("tree", "arrow"):
            raise ResultError(f"{self.folder} is an export in the layout {layout}; mops results export {job} --layout parquet --output DIR")
        path = self.folder / f"{name}.{layout}"
        if not path.is_file():
            losses = self._export.get("losses")
            known = ", ".join(sorted(one.stem for one in self.folder.glob(f"*.{layout}") if one.name != losses))
            raise ResultError(f"{job} has no output {name}; its outputs are {known}")
        return path

    def _exported(self, job: str, name: str) -> Any:
        path = self._exported_file(job, name)
        if path.suffix == ".parquet":
            return self._shown(self.engine.read(path.read_bytes()))
        return self._from_csv(path)

    def _from_csv(self, path: Path) -> Any:
        if self.library == "pandas":
            import pandas

            return pandas.read_csv(path)
        if self.library == "polars":
            import polars

            return polars.read_csv(path, infer_schema_length=None)
        from pyarrow import csv

        return csv.read_csv(path)

    def _shown(self, table: Any) -> Any:
        return self.engine.as_library(table, self.library)


def _check_batch_size(batch_size: int) -> None:
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; expected at least 1")


def _query_columns(engine: TableEngine, table: Any) -> dict[str, list[Any]]:
    columns = engine.lists(table, COLUMNS)
    columns["model"], columns["scenario"] = ([entry.rsplit("/", 1)[at] for entry in columns["entrypoint"]] for at in (0, -1))
    return columns


def _store_folder(folder: Union[str, os.PathLike[str], None]) -> Path:
    home = os.environ.get("MODELOPS_HOME") or Path.home() / ".modelops"
    path = Path(home if folder is None else folder)
    if (path / "store").is_dir():
        path = path / "store"
    if not path.is_dir():
        raise ResultError(f"{path} not found")
    if not any((path / name).exists() for name in ("jobs", "results", "provenance", MARKER)):
        raise ResultError(f"{path} is neither a store nor an export")
    return path


def _read_marker(folder: Path) -> dict[str, Any] | None:
    path = folder / MARKER
    if not path.is_file():
        return None
    marker: dict[str, Any] = json.loads(path.read_text())
    return marker
