"""Converts a lock file to pip requirements with hashes for this interpreter.

``python -m modelops._lock FILE`` reads uv.lock, pylock.toml or requirements.txt and prints one JSON object: ``requirements``, lines of
``name==version --hash=sha256:…``, or ``error`` with exit status 2.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any


class LockError(Exception):
    """A lock that cannot be installed, and how to fix it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def requirements(file: str) -> list[str]:
    """:raises LockError: for packages without hashes, or without a wheel for this interpreter"""
    name = os.path.basename(file)
    if name.endswith(".txt"):
        with open(file, encoding="utf-8") as stream:
            return from_requirements(stream.read())
    lock = _read_toml(file)
    _check_python(lock, name)
    return from_uv(lock) if name == "uv.lock" else from_pylock(lock)


def _check_python(lock: Mapping[str, Any], file: str) -> None:
    needed = lock.get("requires-python")
    have = ".".join(str(part) for part in sys.version_info[:3])
    if needed and not _packaging("specifiers").SpecifierSet(needed).contains(have, prereleases=True):
        raise LockError(f"{file} needs Python {needed}, but {sys.executable} is Python {have}", "set MODELOPS_PYTHON to the path of such an interpreter")


def from_requirements(text: str) -> list[str]:
    lines = [line.strip() for line in re.sub(r"\\\r?\n", " ", text).splitlines()]
    kept = [re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*$", "", line)).strip() for line in lines]
    kept = [line for line in kept if line]
    without = [line for line in kept if not line.startswith("-") and "--hash=" not in line]
    if without:
        raise LockError(
            f"requirements.txt has no hashes for {', '.join(without[:5])}{' and others' if len(without) > 5 else ''}",
            "uv pip compile --generate-hashes requirements.in --output-file requirements.txt",
        )
    return kept


def from_uv(lock: Mapping[str, Any]) -> list[str]:
    packages = lock.get("package", [])
    roots = [package for package in packages if set(package.get("source", {})) & {"virtual", "editable"} and _is_here(package)]
    if not roots:
        raise LockError("uv.lock has no project for this folder", "run uv lock in the project's folder")
    chosen: dict[tuple[str, str], Mapping[str, Any]] = {}
    waiting = [(dependency, frozenset[str]()) for root in roots for dependency in root.get("dependencies", [])]
    seen: set[tuple[str, str, frozenset[str]]] = set()
    while waiting:
        dependency, extras_of_parent = waiting.pop()
        if not _applies(dependency.get("marker"), extras_of_parent):
            continue
        package = _find(packages, dependency)
        extras = frozenset(dependency.get("extra", []))
        identity = (package["name"], package["version"], extras)
        if identity in seen:
            continue
        seen.add(identity)
        chosen[identity[:2]] = package
        waiting += [(next_one, extras) for next_one in package.get("dependencies", [])]
        for extra in extras:
            waiting += [(next_one, extras) for next_one in package.get("optional-dependencies", {}).get(extra, [])]
    return [_line(package["name"], package["version"], package.get("wheels", []), "uv.lock") for _, package in sorted(chosen.items())]


def from_pylock(lock: Mapping[str, Any]) -> list[str]:
    return [
        _line(package["name"], package.get("version", ""), package.get("wheels", []), "pylock.toml")
        for package in sorted(lock.get("packages", []), key=lambda package: str(package["name"]))
        if _applies(package.get("marker"), frozenset())
    ]


def _is_here(package: Mapping[str, Any]) -> bool:
    source = package["source"]
    return bool(source.get("virtual", source.get("editable")) == ".")


def _find(packages: Iterable[Mapping[str, Any]], dependency: Mapping[str, Any]) -> Mapping[str, Any]:
    for package in packages:
        if package["name"] == dependency["name"] and dependency.get("version", package.get("version")) == package.get("version"):
            if "resolution-markers" not in package or any(_applies(one, frozenset()) for one in package["resolution-markers"]):
                return package
    raise LockError(f"uv.lock has no package {dependency['name']}", "run uv lock again")


def _line(name: str, version: str, wheels: Iterable[Mapping[str, Any]], file: str) -> str:
    found = list(wheels)
    where = f"Python {sys.version_info[0]}.{sys.version_info[1]} on {_platform()}"
    if not found:
        raise LockError(
            f"{file} has no wheel of {name} {version}, only a source distribution, whose builds are not reproducible",
            f"use a version of {name} that has wheels for {where}",
        )
    names = [os.path.basename(str(wheel.get("filename") or wheel.get("url") or wheel.get("path") or wheel.get("name"))) for wheel in found]
    if not any(_fits(wheel) for wheel in names):
        raise LockError(f"{file} has no wheel of {name} {version} for {where}", f"use another Python version, or a version of {name} that has one")
    hashes = [str(wheel.get("hash") or "sha256:" + wheel.get("hashes", {}).get("sha256", "")).removeprefix("sha256:") for wheel in found]
    if not all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes):
        raise LockError(f"{file} has no SHA-256 for each wheel of {name} {version}", "lock again with hashes")
    return " ".join([f"{name}=={version}", *(f"--hash=sha256:{one}" for one in sorted(hashes))])


def _fits(wheel: str) -> bool:
    tags = _packaging("tags")
    try:
        offered = _packaging("utils").parse_wheel_filename(wheel)[3]
    except Exception:
        return True  # leave unknown names to the installer
    return any(tag in offered for tag in tags.sys_tags())


def _applies(marker: str | None, extras: frozenset[str]) -> bool:
    if not marker:
        return True
    parsed = _packaging("markers").Marker(marker)
    return any(bool(parsed.evaluate({"extra": extra})) for extra in (extras or {""}))


def _packaging(name: str) -> Any:
    import importlib

    for package in ("packaging", "pip._vendor.packaging"):
        try:
            return importlib.import_module(f"{package}.{name}")
        except ImportError:
            continue
    raise LockError("cannot read the lock: neither pip nor packaging is installed", "python -m ensurepip")


def _read_toml(file: str) -> dict[str, Any]:
    try:
        import tomllib as toml
    except ImportError:  # Python 3.10
        from pip._vendor import tomli as toml  # type: ignore[no-redef]
    with open(file, "rb") as stream:
        try:
            return dict(toml.load(stream))
        except toml.TOMLDecodeError as error:
            raise LockError(f"{os.path.basename(file)} is not valid TOML: {error}", "lock again") from None


def _platform() -> str:
    import sysconfig

    return sysconfig.get_platform()


def main(arguments: list[str]) -> int:
    try:
        answer: dict[str, Any] = {"requirements": requirements(arguments[0])}
    except LockError as error:
        answer = {"error": {"message": str(error), "hint": error.hint}}
    json.dump(answer, sys.stdout)
    return 2 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
