"""Runs the tasks of a batch and collects their tables."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, Union

from ._batch import BatchTables
from ._frames import Bytes
from ._fresh import FailedTask, in_fork, in_process
from ._seeding import seed_globals
from ._task_error import StderrTail, failed_task
from .definition import ModelDefinition, Task
from .tables import Table

#: A batch that takes longer than this reports its current task, so that the worker's time limit applies to each task.
TICK_SECONDS = 0.1

Send = Callable[[dict[str, Any]], None]
Isolate = Union[Literal["fork", "process"], None]


class Batch:
    """A ``run`` message: tasks as (parameter set, seed) pairs."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.values: list[dict[str, Any]] = header["values"]
        self.sets: list[int] = header["set"]
        self.seeds: list[int] = [int(seed) for seed in header["seeds"]]

    def runs(self, model: ModelDefinition, load: Mapping[str, Any]) -> Iterator[Task]:
        """A function that runs each task. A parameter set is checked once for all its replicates."""
        prepared: dict[int, Task] = {}
        for index in self.sets:
            if index not in prepared:
                try:
                    prepared[index] = model.prepare(self.values[index], load["scenario"], load["config"], load["outputs"])
                except Exception as error:
                    prepared[index] = _raising(error)
            yield prepared[index]


def _raising(error: Exception) -> Task:
    def raise_again(seed: int) -> Any:
        raise error

    return raise_again


def _seeded(run: Task, seed: int) -> dict[str, Table]:
    seed_globals(seed)
    return run(seed)


def run_batch(
    batch: Batch, model: ModelDefinition, load: Mapping[str, Any], stderr: StderrTail, root: str, tick: Send, *, isolate: Isolate = None
) -> tuple[dict[str, Any], list[Bytes]]:
    """The ``ran`` frame of a batch. A failed task has no rows and an entry in ``errors``.

    :param isolate: where each task runs: in this process (None), in a fork of it, or in a new process that imports the model
    """
    outputs: list[str] = load["outputs"]
    durations = array("d")
    errors: list[dict[str, Any]] = []
    tables = BatchTables(outputs, len(batch.sets))
    ticked = time.perf_counter()
    for task, (run, seed) in enumerate(zip(batch.runs(model, load), batch.seeds)):
        started = time.perf_counter()
        if started - ticked > TICK_SECONDS:
            tick({"type": "tick", "task": task})
            ticked = started
        stderr.clear()
        try:
            if isolate is None:
                seed_globals(seed)
                tables.add(task, run(seed))
                continue
            if isolate == "fork":
                result = in_fork(partial(_seeded, run, seed), stderr, root)
            else:
                result = in_process(load, batch.values[batch.sets[task]], seed, root)
            if isinstance(result, FailedTask):
                errors.append({"task": task, "error": result.error})
            else:
                tables.add(task, result)
        except BaseException as error:
            errors.append({"task": task, "error": failed_task(error, root, stderr.text())})
        finally:
            durations.append((time.perf_counter() - started) * 1000)
    heads, buffers = tables.buffers()
    return {"type": "ran", "errors": errors, "tables": heads}, [memoryview(durations).cast("B"), *buffers]
