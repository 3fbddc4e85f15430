"""Finds the definitions and imports of a file, without importing it.

``python -m modelops._find FILE [--root DIR]`` prints one JSON object on stdout: ``models``, ``targets``, ``closure`` (files of the
project, relative to its root), ``probed`` (whether other paths of the project, on which the closure depends, are files, folders or absent),
``packages`` (top-level names of other packages) and ``unresolved`` (imports by a name that is not a literal). For a file that does not parse it prints ``error`` and exits with status 2.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from ._closure import Closure
from ._declarations import Declarations
from ._source import SourceError


def find(root: str, file: str) -> dict[str, Any]:
    """:raises SourceError: for a file of the closure that does not parse or cannot be read"""
    root = os.path.realpath(root)
    closure = Closure(root, os.path.relpath(os.path.realpath(os.path.join(root, file)), root))
    declared = Declarations(closure)
    return {
        "version": list(sys.version_info[:2]),
        "models": declared.models,
        "targets": declared.targets,
        "closure": sorted(closure.files),
        "probed": {path: kind for path, kind in sorted(closure.probed.items()) if path not in closure.files},
        "packages": sorted(closure.packages),
        "unresolved": closure.unresolved,
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m modelops._find")
    parser.add_argument("file")
    parser.add_argument("--root", default=".")
    options = parser.parse_args(arguments)
    try:
        found: dict[str, Any] = find(options.root, options.file)
    except SourceError as error:
        found = {"error": error.described}
    json.dump(found, sys.stdout)
    return 2 if "error" in found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
