"""The Python model host: loads a model once and answers frames.

``python -m modelops._host`` with the project's folder as working directory. Frames come on descriptor 3 and go out on 4,
or on two others that are given as arguments; whatever the model prints goes to descriptors 1 and 2, the log. The end of
descriptor 3 ends the host.

===========  ============================================================  ==============================================
in           fields                                                        out
===========  ============================================================  ==============================================
load         program, exportName, scenario, config, outputs, targets,      loaded: fork, reason, version; or load_failed: error
             isolation
run          values, set, seeds                                            tick: task; ran: errors, tables, buffers; or too_large
evaluate     target, tables and their buffers                              evaluated: evaluation
fork         slot, socket                                                  forked: slot, pid; later ended: code, signal
describe     program                                                       described: exports; or load_failed
trial        program, exportName, values, seed, scenario, config           tried: opened, outputs; or load_failed
===========  ============================================================  ==============================================

A slot connects to ``socket`` for each of its streams and answers ``run`` and ``evaluate`` there (``_slot``).
"""

from __future__ import annotations

import faulthandler
import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any

IN, OUT = 3, 4


def main() -> None:
    root = os.getcwd()
    # `python -m` puts the working directory first; the project's folders are added when one of its files is loaded.
    sys.path[:] = [folder for folder in sys.path if folder not in ("", root)]
    # Set for this process only: programs that the model starts search modules as usual.
    os.environ.pop("PYTHONSAFEPATH", None)
    incoming, outgoing = map(int, sys.argv[1:3] or (IN, OUT))
    for descriptor in (incoming, outgoing):
        os.set_inheritable(descriptor, False)
    faulthandler.enable(all_threads=True)
    _flush_each_line()
    warnings.showwarning = _once(warnings.showwarning)
    from ._control import ControlLoop
    from ._leave import leave

    ControlLoop(root, incoming, outgoing).run()
    leave(0)


def _flush_each_line() -> None:
    """Keeps every line of a killed host, and lets no print fail because of its encoding."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]


def _once(show: Any) -> Any:
    """Shows each warning once per host, even if a model resets the filters."""
    seen: set[tuple[str, str, int]] = set()

    def show_once(message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: Any, **more: Any) -> None:
        key = (str(message)[:200], filename, lineno)
        if key not in seen and len(seen) < 1000:
            seen.add(key)
            show(message, category, filename, lineno, *rest, **more)

    return show_once


if __name__ == "__main__":
    main()
