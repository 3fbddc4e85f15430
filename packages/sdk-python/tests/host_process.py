"""Starts a real model host and speaks real frames with it, as the worker does."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelops._batch import BatchTables, decode_table
from modelops._frames import read_frame, write_frame
from modelops.tables import as_table

SOURCE = str(Path(__file__).resolve().parents[1] / "src")


class Channel:
    """Frames both ways."""

    def __init__(self, reading: int, writing: int) -> None:
        self.reading = reading
        self.writing = writing
        self.ticks: list[int] = []

    def send(self, message: Mapping[str, Any], buffers: Any = ()) -> None:
        write_frame(self.writing, dict(message), buffers)

    def receive(self) -> tuple[dict[str, Any], list[memoryview]]:
        """The next answer; ticks are kept apart. :raises EOFError: when the host has ended"""
        while (frame := read_frame(self.reading)) is not None:
            if frame[0]["type"] != "tick":
                return frame
            self.ticks.append(frame[0]["task"])
        raise EOFError

    def ask(self, message: Mapping[str, Any], buffers: Any = ()) -> dict[str, Any]:
        self.send(message, buffers)
        return self.receive()[0]

    def run(self, values: list[dict[str, Any]], tasks: list[tuple[int, int]]) -> Ran:
        seeds = [seed if seed < 2**53 else str(seed) for _, seed in tasks]
        self.send({"type": "run", "values": values, "set": [index for index, _ in tasks], "seeds": seeds})
        return Ran(*self.receive())

    def evaluate(self, target: str, replicates: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
        """Each replicate has its outputs by name."""
        tables = BatchTables(list(replicates[0]), len(replicates))
        for task, replicate in enumerate(replicates):
            tables.add(task, {output: as_table(output, columns) for output, columns in replicate.items()})
        heads, buffers = tables.buffers()
        return self.ask({"type": "evaluate", "target": target, "tables": heads}, buffers)["evaluation"]


class Ran:
    """A decoded ``ran`` frame."""

    def __init__(self, header: Mapping[str, Any], buffers: list[memoryview]) -> None:
        assert header["type"] == "ran", header
        self.durations = buffers[0].cast("d").tolist()
        self.errors = {entry["task"]: entry["error"] for entry in header["errors"]}
        remaining = iter(buffers[1:])
        self.rows: dict[str, list[int]] = {}
        self.columns: dict[str, dict[str, Any]] = {}
        self.types: dict[str, dict[str, str]] = {}
        for head in header["tables"]:
            rows, table = decode_table(head, remaining)
            self.rows[head["output"]] = rows
            self.columns[head["output"]] = {name: list(column.data) for name, column in table.items()}
            self.types[head["output"]] = {name: column.type for name, column in table.items()}


class Host(Channel):
    """``python -m modelops._host`` in a folder."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        incoming, outgoing = os.pipe(), os.pipe()
        self.log = tempfile.TemporaryFile()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20) for fd in (incoming[0], outgoing[1], self.log.fileno())]
        actions = [(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
        actions += [(os.POSIX_SPAWN_DUP2, high[2], 1), (os.POSIX_SPAWN_DUP2, high[2], 2)]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": SOURCE, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        here = os.getcwd()
        os.chdir(folder)
        try:
            self.pid = os.posix_spawn(python, [python, "-m", "modelops._host"], environment, file_actions=actions)
        finally:
            os.chdir(here)
        for descriptor in (*high, incoming[0], outgoing[1]):
            os.close(descriptor)
        super().__init__(outgoing[0], incoming[1])
        self._listener: socket.socket | None = None
        self._folder = tempfile.mkdtemp()
        self._status: int | None = None

    def load(self, program: str, export: str, outputs: list[str], *, scenario: str = "baseline", **more: Any) -> dict[str, Any]:
        message = {"program": program, "exportName": export, "scenario": scenario, "config": None, "outputs": outputs, "targets": []}
        return self.ask({"type": "load", **message, **more})

    def fork(self, slot: str) -> Slot:
        if self._listener is None:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(os.path.join(self._folder, "slots"))
            self._listener.listen()
        forked = self.ask({"type": "fork", "slot": slot, "socket": self._listener.getsockname()})
        assert forked["type"] == "forked", forked
        streams = {}
        for _ in range(3):
            descriptor = self._listener.accept()[0].detach()
            frame = read_frame(descriptor)
            assert frame is not None and (frame[0]["slot"], frame[0]["pid"]) == (slot, forked["pid"])
            streams[frame[0]["stream"]] = descriptor
        return Slot(forked["pid"], streams)

    def output(self) -> str:
        self.log.seek(0)
        return self.log.read().decode()

    def close(self) -> int:
        """Closes its input and waits for its end: the exit status, or minus the signal."""
        if self._status is None:
            os.close(self.writing)
            self._status = self.wait()
            os.close(self.reading)
        return self._status

    def dispose(self) -> None:
        self.close()
        self.log.close()
        if self._listener is not None:
            self._listener.close()

    def wait(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        self._status = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return self._status


class Slot(Channel):
    """A forked host. What it prints is gathered in the background."""

    def __init__(self, pid: int, streams: Mapping[str, int]) -> None:
        super().__init__(streams["frames"], streams["frames"])
        self.pid = pid
        self.printed = {name: b"" for name in ("stdout", "stderr")}
        self._readers = [threading.Thread(target=self._gather, args=(name, streams[name]), daemon=True) for name in self.printed]
        for reader in self._readers:
            reader.start()

    def _gather(self, name: str, descriptor: int) -> None:
        while data := os.read(descriptor, 65536):
            self.printed[name] += data
        os.close(descriptor)

    def close(self) -> None:
        socket.socket(fileno=self.reading).close()

    def all_printed(self, name: str) -> str:
        """Everything that it printed, once it has ended."""
        for reader in self._readers:
            reader.join(10)
        return self.printed[name].decode()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
