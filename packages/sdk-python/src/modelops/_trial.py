"""Runs one task at registration and records the files that it opens."""

from __future__ import annotations

import math
import os
import sys
import sysconfig
from collections.abc import Mapping
from typing import Any

from ._load import load_model
from ._seeding import seed_globals, seed_what_is_used

IGNORED = ("/proc/", "/dev/", "/sys/")
SOURCES = (".py", ".pyc", ".so", ".pyd")


def run_trial(root: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Runs one task, at ``values`` or else at the middle of every parameter.

    Returns the absolute paths of the files that were opened for reading since the import, without modules, Python's own
    files and installed packages; and the columns of each output. Files that native code opens are not recorded.
    """
    opened = _record_opened()
    seed_what_is_used()
    model = load_model(root, request["program"], request["exportName"])
    described = model.describe()
    values = request.get("values") or {one["name"]: middle(one) for one in described["parameters"]}
    run = model.prepare(values, request.get("scenario") or "baseline", request.get("config"), None)
    seed = int(request.get("seed") or 0)
    seed_globals(seed)
    tables = run(seed)
    return {
        "opened": sorted(path for path in tuple(opened) if _is_of_interest(path)),
        "outputs": {
            output: [{"name": name, "type": column.type, "rows": len(column)} for name, column in table.items()]
            for output, table in tables.items()
        },
    }


def _record_opened() -> set[str]:
    opened: set[str] = set()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open":
            return
        path, _, flags = arguments
        if isinstance(path, (str, bytes)) and not (isinstance(flags, int) and flags & os.O_ACCMODE == os.O_WRONLY):
            opened.add(os.path.abspath(os.fsdecode(path)))

    sys.addaudithook(hook)
    return opened


def _is_of_interest(path: str) -> bool:
    if path.startswith(IGNORED) or path.endswith(SOURCES) or not os.path.isfile(path):
        return False
    own = os.path.dirname(os.path.abspath(__file__))
    python = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return not any(path.startswith(folder + os.sep) for folder in (own, *python) if folder)


def middle(parameter: Mapping[str, Any]) -> Any:
    """The default of a described parameter, or else a value in the middle of its bounds."""
    if "default" in parameter:
        return parameter["default"]
    if parameter["kind"] == "choice":
        return parameter["values"][0]
    low, high = parameter["min"], parameter["max"]
    value = math.sqrt(low * high) if parameter["scale"] == "log" else low + (high - low) / 2
    return int(value) if parameter["kind"] == "int" else value
