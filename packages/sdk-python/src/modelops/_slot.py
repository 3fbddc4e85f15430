"""A forked host: the loaded model, on its own connections."""

from __future__ import annotations

import os
import signal
import socket
import traceback

from ._frames import read_frames, write_frame
from ._leave import leave
from ._model_host import ModelHost


#: The exit status of a slot that failed outside the model, for example because it could not connect.
FAILED = 70


def run_slot(host: ModelHost, address: str, slot: str) -> None:
    """Starts a process group and answers on ``address`` until the other end closes. Never returns.

    It connects three times; each connection begins with a ``hello`` frame that names its stream. ``stdout`` and ``stderr``
    then carry what the model prints, ``frames`` the messages.
    """
    status = 0
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for stream, descriptor in (("stdout", 1), ("stderr", 2)):
            connection = _connect(address, slot, stream)
            os.dup2(connection, descriptor)
            os.close(connection)
        frames = _connect(address, slot, "frames")
        for header, buffers in read_frames(frames):
            host.answer(frames, header, buffers)
    except BrokenPipeError:
        pass  # the worker has ended
    except BaseException:
        traceback.print_exc()
        status = FAILED
    finally:
        leave(status)


def _connect(address: str, slot: str, stream: str) -> int:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    descriptor = connection.detach()
    write_frame(descriptor, {"type": "hello", "slot": slot, "pid": os.getpid(), "stream": stream})
    return descriptor
