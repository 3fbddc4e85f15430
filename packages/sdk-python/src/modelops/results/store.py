"""Reads a store's folder: losses of jobs, and outputs of their simulations from packs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .tables import TableEngine

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class ResultError(Exception):
    """Results that do not exist or cannot be read."""


class Store:
    """Reads ``jobs/``, ``results/`` and ``provenance/``. Writes nothing."""

    def __init__(self, folder: Path, engine: TableEngine) -> None:
        self.folder = folder
        self.engine = engine

    def jobs(self) -> list[str]:
        """Jobs with losses, oldest name first."""
        return sorted(path.parent.name for path in (self.folder / "results").glob("*/losses.parquet"))

    def losses_file(self, job: str) -> Path:
        """:raises ResultError: if the job has no losses yet, or their file was changed"""
        folder = self.folder / "results" / self.checked(job)
        path = folder / "losses.parquet"
        if not path.is_file():
            raise ResultError(f"{job} has no results yet; mops jobs status {job}")
        manifest = self._json(folder / "manifest.json")
        written = manifest.get("files", {}).get("losses.parquet", {}).get("digest")
        if written is not None and written != f"sha256:{_sha256(path)}":
            raise ResultError(f"{path} was changed after it was written; mops results reindex {job}")
        return path

    def outputs(self, job: str, output: str) -> Any:
        """The rows of every result of the job, in the order of its tasks, with ``param_id``, ``seed`` and the parameters.

        :raises ResultError: for an unknown output, or outputs that were deleted or are damaged
        """
        packs = list(self._packs_of(job, output))
        whole = self.engine.concat([table for table, _ in packs])
        places: list[tuple[int, int, int]] = []
        start = 0
        for table, tasks in packs:
            for place, rows in tasks:
                places.append((place, start, rows))
                start += rows
        in_order = [row for _, first, rows in sorted(places) for row in range(first, first + rows)]
        return self.engine.take(whole, in_order)

    def iter_outputs(self, job: str, output: str) -> Iterator[Any]:
        """The rows of :meth:`outputs` in a table for each pack, in the order of the packs."""
        for table, _ in self._packs_of(job, output):
            yield table

    def _packs_of(self, job: str, output: str) -> Iterator[tuple[Any, list[tuple[int, int]]]]:
        """For each pack with some of the job's tasks, their rows, and the place and row count of each task. The lowest pack name wins."""
        spec = self._json(self.folder / "jobs" / self.checked(job) / "spec.json")
        if not spec:
            raise ResultError(f"job {job} not found in {self.folder}")
        binding = spec["binding"]
        if output not in binding["outputs"]:
            raise ResultError(f"{job} has no output {output}; its outputs are {', '.join(binding['outputs'])}")
        order = {task: place for place, task in enumerate(self._tasks(job))}
        root = self.folder / "provenance" / binding["schema"] / "v1" / "sims" / binding["code"].removeprefix("sha256:")[:12]
        remaining = set(order)
        for index in sorted(root.glob("*/*/_index.parquet"), key=lambda path: path.parent.name):
            part = self._part(index, output, order, remaining) if remaining else None
            if part is not None:
                yield part
        if len(remaining) == len(order):
            raise ResultError(f"{job} has no results yet; mops jobs status {job}")

    def _tasks(self, job: str) -> Iterator[str]:
        """Ids of the job's tasks that have a result, in order, each once."""
        seen: set[str] = set()
        for path in sorted((self.folder / "jobs" / job / "attribution").glob("*/*.parquet"), key=lambda path: path.name):
            for task in self.engine.lists(self.engine.read(path.read_bytes()), ["task_id"])["task_id"]:
                if task not in seen:
                    seen.add(task)
                    yield task

    def _part(self, index: Path, output: str, order: dict[str, int], remaining: set[str]) -> tuple[Any, list[tuple[int, int]]] | None:
        names = ["task_id", "status", "param_id", "params", "seed", f"rows_{output}", f"sha256_{output}"]
        columns = self.engine.lists(self.engine.read(index.read_bytes()), names)
        wanted: list[int] = []
        rows: list[int] = []
        start = 0
        for at, (task, status, count) in enumerate(zip(columns["task_id"], columns["status"], columns[f"rows_{output}"])):
            if status == "ok" and count is not None and task in remaining:
                remaining.discard(task)
                wanted.append(at)
                rows += range(start, start + count)
            start += count or 0
        if not wanted:
            return None
        table = self.engine.take(self._output(index.parent, output, columns[f"sha256_{output}"][wanted[0]]), rows)
        params = [json.loads(columns["params"][at]) for at in wanted]
        added: dict[str, Sequence[Any]] = {"param_id": [columns["param_id"][at] for at in wanted], "seed": [columns["seed"][at] for at in wanted]}
        for name in {name: None for one in params for name in one}:
            added[f"param_{name}"] = [one.get(name) for one in params]
        counts = [columns[f"rows_{output}"][at] for at in wanted]
        repeated = [place for place, count in enumerate(counts) for _ in range(count)]
        return self.engine.with_columns(added, repeated, table), [(order[columns["task_id"][at]], columns[f"rows_{output}"][at]) for at in wanted]

    def _output(self, pack: Path, output: str, written: str) -> Any:
        path = pack / f"{output}.parquet"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            was_deleted = (pack / "_evicted.json").exists()
            reason = "was deleted by an eviction; run the job again to compute it" if was_deleted else "is missing; mops jobs validate --force"
            raise ResultError(f"output {output} of pack {pack.name} {reason}") from None
        if hashlib.sha256(data).hexdigest() != written:
            raise ResultError(f"{path} is damaged: its SHA-256 is not the one in the pack's index; mops jobs validate --force")
        return self.engine.read(data)

    def checked(self, job: str) -> str:
        """:raises ResultError: for an invalid job id, which could name another folder"""
        if not ID.fullmatch(job):
            raise ResultError(f"invalid job id {job!r}")
        return job

    def _json(self, path: Path) -> dict[str, Any]:
        try:
            value: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise ResultError(f"{path} is not valid JSON: {error}") from None
        return value


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(2**20):
            digest.update(piece)
    return digest.hexdigest()
