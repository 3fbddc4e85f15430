"""Runs one task in a separate process, for a model that keeps state between simulations."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ._batch import BatchTables, decode_tables
from ._frames import read_frame, write_frame
from ._leave import leave
from ._task_error import StderrTail, failed_task
from .tables import Table


class FailedTask:
    """The failure that a task's own process reported."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.error = error


def in_fork(outcome: Callable[[], dict[str, Table]], stderr: StderrTail, root: str) -> dict[str, Table] | FailedTask:
    """Runs one task in a forked child. If the child dies, this process ends in the same way."""
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
        _end_like(os.waitstatus_to_exitcode(status))
    header, buffers = frame
    if "error" in header:
        return FailedTask(header["error"])
    return decode_tables(header["tables"], buffers)


def _send_outcome(descriptor: int, outcome: Callable[[], dict[str, Table]], stderr: StderrTail, root: str) -> None:
    try:
        try:
            result = outcome()
            tables = BatchTables(result, 1)
            tables.add(0, result)
            heads, buffers = tables.buffers()
            write_frame(descriptor, {"tables": heads}, buffers)
        except BaseException as error:
            write_frame(descriptor, {"error": failed_task(error, root, stderr.text())})
    finally:
        leave(0)


def _end_like(code: int) -> NoReturn:
    """Ends this process with the exit status, or if it is negative by that signal."""
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def in_process(load: Mapping[str, Any], values: Mapping[str, Any], seed: int, root: str) -> dict[str, Table] | FailedTask:
    """Runs one task in a new host that imports the model, for models that cannot be forked. If the host dies, this process ends in the same way."""
    (incoming, sending), (receiving, outgoing) = os.pipe(), os.pipe()
    command = [sys.executable, "-m", "modelops._host", str(incoming), str(outgoing)]
    child = subprocess.Popen(command, cwd=root, pass_fds=(incoming, outgoing), stdin=subprocess.DEVNULL)
    os.close(incoming)
    os.close(outgoing)
    try:
        write_frame(sending, {**load, "type": "load", "isolation": "warm", "targets": []})
        write_frame(sending, {"type": "run", "values": [values], "set": [0], "seeds": [str(seed)]})
        found = _answer(receiving)
    except BrokenPipeError:
        found = None
    finally:
        os.close(sending)
        os.close(receiving)
    code = child.wait()
    return _end_like(code) if found is None else found


def _answer(descriptor: int) -> dict[str, Table] | FailedTask | None:
    """The answer to ``load`` if it failed, else to ``run``; None if the host died first."""
    while (frame := read_frame(descriptor)) is not None:
        header, buffers = frame
        if header["type"] == "load_failed":
            return FailedTask(header["error"])
        if header["type"] == "too_large":
            return FailedTask({"kind": "exception", "type": "OutputTooLarge", "message": header["message"]})
        if header["type"] == "ran":
            return FailedTask(header["errors"][0]["error"]) if header["errors"] else decode_tables(header["tables"], buffers[1:])
    return None
