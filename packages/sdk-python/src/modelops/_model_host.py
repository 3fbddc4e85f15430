"""A loaded model and its targets, which answer ``run`` and ``evaluate``."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ._batch import decode_table
from ._fork_safety import why_not_fork
from ._frames import Bytes, encode_frame, write_frame, write_pieces
from ._load import load_model, load_target
from ._seeding import seed_what_is_used
from . import _task_error
from ._task_error import StderrTail, failed_target
from ._tasks import Batch, Isolate, run_batch
from .errors import ModelError
from .targets.declaration import CalibrationTarget


class ModelHost:
    """Answers ``run`` and ``evaluate`` frames."""

    def __init__(self, root: str, stderr: StderrTail, load: Mapping[str, Any]) -> None:
        """:raises Exception: the error of the import, or ModelError if it is not a model"""
        self.root = root
        self.stderr = stderr
        self.load = load
        program = load.get("program")
        seed_what_is_used()
        _task_error.source_of_model = load.get("source") or "MODEL"
        self.model = load_model(root, program, load["exportName"]) if program else None
        self.targets = {target["name"]: self._loaded_target(target) for target in load.get("targets", ())}
        if self.model is not None:
            self._check_load()
            if os.environ.get("MODELOPS_DEBUGGER") == "1":
                from ._debugger import stop_in_model

                stop_in_model(self.model)
        self.why_not_fork = why_not_fork()
        self.isolation = load.get("isolation") or (self.model.isolation if self.model else "warm")
        self.isolate: Isolate = None if self.isolation == "warm" else "fork" if self.why_not_fork is None else "process"

    def _loaded_target(self, target: Mapping[str, Any]) -> CalibrationTarget | dict[str, Any]:
        """The target, or the error of its import, which fails its own evaluations only."""
        self.stderr.clear()
        try:
            return load_target(self.root, target["program"], target["exportName"])
        except BaseException as error:
            return failed_target(error, self.root, self.stderr.text())

    def _check_load(self) -> None:
        """Reports errors that every task would meet as a failure to load."""
        assert self.model is not None
        described = self.model.describe()
        if self.load["scenario"] not in described["scenarios"]:
            raise ModelError(f"the model has no scenario {self.load['scenario']}")
        for output in self.load["outputs"]:
            if output not in described["outputs"]:
                raise ModelError(f"the model has no output {output}")

    def answer(self, descriptor: int, header: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        if header["type"] == "run":
            self._run(descriptor, header)
        else:
            write_pieces(descriptor, self._evaluated(header, buffers))

    def _run(self, descriptor: int, header: Mapping[str, Any]) -> None:
        if self.model is None:
            raise ModelError("this host has targets only")
        tick = lambda message: write_frame(descriptor, message)  # noqa: E731
        answer, buffers = run_batch(Batch(header), self.model, self.load, self.stderr, self.root, tick, isolate=self.isolate)
        try:
            write_frame(descriptor, answer, buffers)
        except OverflowError as error:
            write_frame(descriptor, {"type": "too_large", "message": f"the outputs have {error}"})

    def _evaluated(self, header: Mapping[str, Any], buffers: Sequence[memoryview]) -> list[Bytes]:
        target = self.targets[header["target"]]
        if isinstance(target, dict):
            return encode_frame({"type": "evaluated", "evaluation": {"error": target}})
        self.stderr.clear()
        try:
            remaining = iter(buffers)
            outputs = {head["output"]: decode_table(head, remaining) for head in header["tables"]}
            evaluation = target.evaluate_rows(outputs)
            if not math.isfinite(evaluation["loss"]):
                raise ModelError(f"the loss is {evaluation['loss']}", "check for a division by zero, a logarithm of zero or an overflow")
            return encode_frame({"type": "evaluated", "evaluation": evaluation})
        except BaseException as error:
            return encode_frame({"type": "evaluated", "evaluation": {"error": failed_target(error, self.root, self.stderr.text())}})
