"""The control loop of a host process: loading, describing, running, and forking a host for each slot."""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
from collections.abc import Mapping
from typing import Any

from ._describe import allowed_sets, describe_program
from ._frames import read_frame, write_frame
from ._model_host import ModelHost
from ._slot import run_slot
from ._task_error import failed_task, task_error, watch_stderr
from ._trial import run_trial


class ControlLoop:
    """Answers frames in order until the other end closes; then ends its slots."""

    def __init__(self, root: str, incoming: int, outgoing: int) -> None:
        self.root = root
        self.incoming = incoming
        self.outgoing = outgoing
        self.stderr = watch_stderr()
        self.host: ModelHost | None = None
        self.slots: dict[int, str] = {}
        self.wake: tuple[int, int] | None = None

    def run(self) -> None:
        while True:
            self._wait_for_frame()
            frame = read_frame(self.incoming)
            if frame is None:
                break
            self._handle(*frame)
        for pid in self.slots:
            _kill_group(pid)

    def _handle(self, header: dict[str, Any], buffers: list[memoryview]) -> None:
        kind = header["type"]
        if kind == "load":
            self._load(header)
        elif kind == "fork":
            self._fork(header)
        elif kind == "describe":
            self._reply(lambda: {"type": "described", "exports": describe_program(self.root, header["program"])})
        elif kind == "allows":
            self._reply(lambda: {"type": "allowed", "allowed": allowed_sets(self.root, header)})
        elif kind == "trial":
            self._reply(lambda: {"type": "tried", **run_trial(self.root, header)})
        else:
            assert self.host is not None, f"{kind} before load"
            self.host.answer(self.outgoing, header, buffers)

    def _load(self, header: Mapping[str, Any]) -> None:
        def load() -> dict[str, Any]:
            self.host = ModelHost(self.root, self.stderr, header)
            reason = self.host.why_not_fork
            answer = {"type": "loaded", "fork": reason is None, "isolation": self.host.isolation, "heap_limit": None}
            return {**answer, "version": list(sys.version_info[:2]), **({"reason": reason} if reason else {})}

        self._reply(load, failed_task)

    def _reply(self, make: Any, failed: Any = task_error) -> None:
        self.stderr.clear()
        try:
            answer = make()
        except BaseException as error:
            answer = {"type": "load_failed", "error": failed(error, self.root, self.stderr.text())}
        write_frame(self.outgoing, answer)

    def _fork(self, header: Mapping[str, Any]) -> None:
        assert self.host is not None, "fork before load"
        if self.wake is None:
            self._watch_children()
            gc.collect()
            gc.freeze()  # keeps the loaded memory shared between the slots
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as error:
            write_frame(self.outgoing, {"type": "fork_failed", "slot": header["slot"], "error": task_error(error, self.root)})
            return
        if pid == 0:
            self._become_slot(header)
        self.slots[pid] = header["slot"]
        write_frame(self.outgoing, {"type": "forked", "slot": header["slot"], "pid": pid})

    def _become_slot(self, header: Mapping[str, Any]) -> None:
        """Never returns."""
        assert self.host is not None and self.wake is not None
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, self.model_handler)
        for descriptor in (self.incoming, self.outgoing, *self.wake):
            os.close(descriptor)
        run_slot(self.host, header["socket"], header["slot"])

    def _watch_children(self) -> None:
        """Wakes the loop whenever a child ends; slots restore the handler that the model set."""
        self.wake = os.pipe()
        for descriptor in self.wake:
            os.set_blocking(descriptor, False)
        self.model_handler = signal.signal(signal.SIGCHLD, lambda *_: None) or signal.SIG_DFL
        signal.set_wakeup_fd(self.wake[1], warn_on_full_buffer=False)

    def _wait_for_frame(self) -> None:
        while self.wake is not None:
            self._report_ended()
            ready, _, _ = select.select([self.incoming, self.wake[0]], [], [])
            if self.wake[0] in ready:
                try:
                    os.read(self.wake[0], 4096)
                except BlockingIOError:
                    pass
            elif self.incoming in ready:
                return

    def _report_ended(self) -> None:
        for pid in list(self.slots):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                ended, status = pid, 0  # the model waited for it
            if ended == 0:
                continue
            _kill_group(pid)  # ends the processes that the model started there
            code = os.waitstatus_to_exitcode(status)
            ending = {"code": None, "signal": signal.Signals(-code).name} if code < 0 else {"code": code, "signal": None}
            write_frame(self.outgoing, {"type": "ended", "slot": self.slots.pop(pid), "pid": pid, **ending})


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # the whole group has ended, or it has not yet left ours
