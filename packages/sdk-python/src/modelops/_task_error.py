"""Converts errors of a model to data."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from types import TracebackType
from typing import Any

from .errors import ModelError

#: Failures are stored with results: their texts are cut, so that a message that contains a dataset does not fill the store.
MESSAGE_LENGTH = 4096
TRACEBACK_LENGTH = 16_384
STDERR_LENGTH = 4096
#: The source name of the loaded model, for hints.
source_of_model = "MODEL"
#: Frames of these files, above the model's own, are left out of tracebacks.
OWN_FILES = (os.path.dirname(os.path.abspath(__file__)) + os.sep, str(importlib.__file__), "<frozen importlib")


def task_error(error: BaseException, root: str, stderr: str = "", what: str = "model") -> dict[str, Any]:
    """Type, message and the end of the traceback, with the source lines of the model's own files. Never raises.

    :param what: ``model`` or ``target``: what raised the error

    A ModelError adds its ``hint`` and ``problems``; an import error adds the missing ``module``.
    """
    described: dict[str, Any] = {
        "kind": "exception",
        "type": type(error).__name__,
        "message": _cut(relative(_message(error, what), root), MESSAGE_LENGTH),
    }
    text = relative(_traceback(error), root)
    if text:
        described["traceback"] = text if len(text) <= TRACEBACK_LENGTH else f"…{text[-TRACEBACK_LENGTH:]}"
    if isinstance(error, ModelError):
        described["message"] = _cut(error.message, MESSAGE_LENGTH)
        described |= {"hint": error.hint} if error.hint else {}
        described |= {"problems": [{"path": path, "message": problem} for path, problem in error.problems]} if error.problems else {}
    if isinstance(error, ModuleNotFoundError) and error.name:
        described["module"] = error.name
    undeclared = _undeclared_file(error, root)
    if undeclared is not None:
        described["hint"] = _declaring(undeclared, what)
    if stderr:
        described["stderr_tail"] = stderr
    return described


def failed_task(error: BaseException, root: str, stderr: str = "", what: str = "model") -> dict[str, Any]:
    """The same for a task, with the hint at the end of the message."""
    described = task_error(error, root, stderr, what)
    hint = described.pop("hint", None)
    return {**described, "message": f"{described['message']} ({hint})"} if hint else described


def failed_target(error: BaseException, root: str, stderr: str = "") -> dict[str, Any]:
    """The same for an evaluation, or a target that is not loaded."""
    return failed_task(error, root, stderr, "target")


def _declaring(file: str, what: str) -> str:
    if what == "target":
        return f"to declare it as data: @calibration_target(…, data={{'NAME': {file!r}}})"
    return f"a model sees only its declared files; to declare this one: modelops-bundle register-model {source_of_model} --data {file}"


def _undeclared_file(error: BaseException, root: str) -> str | None:
    """The file that was not found, relative to the folder that the model runs in; None for other errors, and for files outside."""
    if not isinstance(error, FileNotFoundError) or not isinstance(error.filename, str):
        return None
    path = os.path.relpath(os.path.join(root, error.filename), root)
    return None if path == os.curdir or path.split(os.sep)[0] == os.pardir else path.replace(os.sep, "/")


def relative(text: str, root: str) -> str:
    """The text with paths relative to the root, because the root is a temporary folder."""
    return text.replace(root.rstrip(os.sep) + os.sep, "")


def _message(error: BaseException, what: str) -> str:
    if isinstance(error, SyntaxError):
        return _syntax_message(error)
    if isinstance(error, SystemExit):
        return f"the {what} called sys.exit({'' if error.code is None else repr(error.code)})"
    try:
        text = str(error)
    except Exception:
        return "the error has no text"
    return f"the key {text} is missing" if isinstance(error, KeyError) else text


def _syntax_message(error: SyntaxError) -> str:
    """``models/seir.py, line 3: invalid syntax``, the line, and a caret below the error."""
    where = f"{error.filename}, line {error.lineno}: {error.msg}"
    if not error.text:
        return where
    line = error.text.rstrip("\n")
    shown = line.lstrip()
    place = max((error.offset or 1) - 1 - (len(line) - len(shown)), 0)
    return f"{where}\n    {shown}\n    {' ' * place}^"


def _traceback(error: BaseException) -> str:
    try:
        shown = _below_own(error.__traceback__)
        if shown is None and not isinstance(error, ModelError):
            shown = error.__traceback__  # a defect of this package
        trace = traceback.TracebackException(type(error), error, shown)
        return "".join(trace.format()).rstrip()
    except Exception:  # an error's __str__ may raise, or a source file may be unreadable
        return ""


def _below_own(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame outside this package; None if there is none."""
    found = trace
    while found is not None and found.tb_frame.f_code.co_filename.startswith(OWN_FILES):
        found = found.tb_next
    return found


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}… ({len(text)} characters)"


class StderrTail:
    """``sys.stderr`` that also keeps the end of the text written since ``clear``."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._tail = ""

    def write(self, text: str) -> int:
        self._tail = (self._tail + text)[-STDERR_LENGTH:]
        return int(self._stream.write(text))

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def clear(self) -> None:
        self._tail = ""

    def text(self) -> str:
        return self._tail


def watch_stderr() -> StderrTail:
    tail = StderrTail(sys.stderr)
    sys.stderr = tail
    return tail
