"""Runs the tasks of a batch and gathers their tables."""

from __future__ import annotations

import os
import signal
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ._batch import BatchTables, decode_tables
from ._frames import Bytes, read_frame, write_frame
from ._seeding import seed_globals
from ._task_error import StderrTail, task_error
from .definition import ModelDefinition
from .tables import Table

#: A batch that takes longer than this says which task it is at, so that the worker's time limit is one task's.
TICK_SECONDS = 0.1

Send = Callable[[dict[str, Any]], None]
Outcome = Callable[[], "dict[str, Table]"]


class Batch:
    """A ``run`` message: tasks as (parameter set, seed) pairs."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.values: list[dict[str, Any]] = header["values"]
        self.sets: list[int] = header["set"]
        self.seeds: list[int] = [int(seed) for seed in header["seeds"]]

    def outcomes(self, model: ModelDefinition, load: Mapping[str, Any]) -> Iterator[Outcome]:
        """For each task, what runs it. A parameter set is checked once for all its replicates."""
        prepared: dict[int, Any] = {}
        for index, seed in zip(self.sets, self.seeds):
            if index not in prepared:
                try:
                    prepared[index] = model.prepare(self.values[index], load["scenario"], load["config"], load["outputs"])
                except Exception as error:
                    prepared[index] = _raising(error)
            yield _seeded(prepared[index], seed)


def _raising(error: Exception) -> Callable[[int], Any]:
    def raise_again(seed: int) -> Any:
        raise error

    return raise_again


def _seeded(run: Callable[[int], dict[str, Table]], seed: int) -> Outcome:
    def outcome() -> dict[str, Table]:
        seed_globals(seed)
        return run(seed)

    return outcome


def run_batch(
    batch: Batch, model: ModelDefinition, load: Mapping[str, Any], stderr: StderrTail, root: str, tick: Send, *, forks_tasks: bool
) -> tuple[dict[str, Any], list[Bytes]]:
    """The ``ran`` frame of a batch. A failed task has no rows and an entry in ``errors``."""
    outputs: list[str] = load["outputs"]
    run = _in_fork if forks_tasks else _here
    durations = array("d")
    errors: list[dict[str, Any]] = []
    tables = BatchTables(outputs, len(batch.sets))
    ticked = time.perf_counter()
    for task, outcome in enumerate(batch.outcomes(model, load)):
        started = time.perf_counter()
        if started - ticked > TICK_SECONDS:
            tick({"type": "tick", "task": task})
            ticked = started
        stderr.clear()
        try:
            result = run(outcome, stderr, root)
            if isinstance(result, _Failed):
                errors.append({"task": task, "error": result.error})
            else:
                tables.add(task, result)
        except BaseException as error:
            errors.append({"task": task, "error": task_error(error, root, stderr.text())})
        durations.append((time.perf_counter() - started) * 1000)
    heads, buffers = tables.buffers()
    return {"type": "ran", "errors": errors, "tables": heads}, [memoryview(durations).cast("B"), *buffers]


class _Failed:
    def __init__(self, error: dict[str, Any]) -> None:
        self.error = error


def _here(outcome: Outcome, stderr: StderrTail, root: str) -> dict[str, Table]:
    return outcome()


def _in_fork(outcome: Outcome, stderr: StderrTail, root: str) -> dict[str, Table] | _Failed:
    """Runs one task in a child of its own. A child that dies takes this process with it, in the same way."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _send_outcome(writing, outcome, stderr, root)
    os.close(writing)
    try:
        frame = read_frame(reading)
    finally:
        os.close(reading)
    _, status = os.waitpid(pid, 0)
    if frame is None:
        _end_like(status)
    assert frame is not None
    header, buffers = frame
    if "error" in header:
        return _Failed(header["error"])
    return decode_tables(header["tables"], buffers)


def _send_outcome(descriptor: int, outcome: Outcome, stderr: StderrTail, root: str) -> None:
    try:
        try:
            result = outcome()
            tables = BatchTables(result, 1)
            tables.add(0, result)
            heads, buffers = tables.buffers()
            write_frame(descriptor, {"tables": heads}, buffers)
        except BaseException as error:
            write_frame(descriptor, {"error": task_error(error, root, stderr.text())})
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _end_like(status: int) -> None:
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL) if os.WTERMSIG(status) != signal.SIGKILL else None
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))
