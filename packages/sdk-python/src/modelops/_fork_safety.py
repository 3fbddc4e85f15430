"""Whether this process can be forked."""

from __future__ import annotations

import os
import sys
import threading


def why_not_fork() -> str | None:
    """Why a fork of this process could hang or crash; None if a fork is safe."""
    if sys.platform != "linux":
        return f"forking is not safe on {sys.platform}"
    python = threading.active_count()
    if python > 1:
        names = ", ".join(sorted(thread.name for thread in threading.enumerate() if thread is not threading.main_thread()))
        return f"the import started {python - 1} threads: {names}"
    native = len(os.listdir("/proc/self/task"))
    return f"the import started {native - 1} native threads" if native > 1 else None
