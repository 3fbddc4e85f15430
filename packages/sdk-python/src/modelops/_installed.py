"""The installed distributions of this interpreter, as a lock.

``python -m modelops._installed`` prints the Python version and platform, and then a sorted line for each distribution: its name, its version, and the
SHA-256 of the names and hashes of its files, so that another build of the same version is another lock.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
import sysconfig
from importlib import metadata

#: Files that differ between installers.
_OF_INSTALLERS = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json")


def lock() -> str:
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()
        if name and name not in found:  # the first on the path is the one that is imported
            found[name] = f"{name}=={distribution.version} sha256:{_digest(distribution)}"
    python = f"python=={sys.version_info[0]}.{sys.version_info[1]} {sysconfig.get_platform()}"
    return "\n".join([python, *(found[name] for name in sorted(found))]) + "\n"


def _digest(distribution: metadata.Distribution) -> str:
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    files = sorted(f"{row[0]} {row[1]}" for row in rows if len(row) > 1 and row[1] and _is_of_the_wheel(row[0]))
    return hashlib.sha256("\n".join(files).encode()).hexdigest()


def _is_of_the_wheel(path: str) -> bool:
    # Scripts contain the path of the interpreter that they were installed for.
    return not path.startswith("..") and not path.endswith(".pyc") and path.rsplit("/", 1)[-1] not in _OF_INSTALLERS


if __name__ == "__main__":
    sys.stdout.write(lock())
