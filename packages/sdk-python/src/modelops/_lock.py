"""Converts a lock file to pip requirements with hashes, for this interpreter or for another Python version and platform.

``python -m modelops._lock FILE [PYTHON PLATFORM]`` reads uv.lock, pylock.toml or requirements.txt and prints one JSON object: ``requirements``,
lines of ``name==version --hash=sha256:…``, or ``error`` with exit status 2. With ``3.12 linux-x86_64`` there is also ``tags``, the platform tags
of the wheels that install there, best first.
"""

from __future__ import annotations

import json
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

#: The newest glibc, 2.x, that wheels for another platform may need: that of RHEL 9; Debian 12 and Ubuntu 22.04 have later ones.
GLIBC = 34
#: The oldest glibc, 2.x, that wheels are made for, by processor.
OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}


class LockError(Exception):
    """A lock that cannot be installed, and how to fix it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Target:
    """The Python that packages are installed on."""

    #: ``Python 3.12 on linux-x86_64``
    name: str
    #: Of CPython; the patch level of another machine's is taken to be a late one.
    full_version: str
    #: Tags of the wheels that install on it; empty for this interpreter, whose tags are read when a lock lists wheels.
    tags: frozenset[Any] = frozenset()
    #: Values of environment markers; those that are not here are this interpreter's.
    markers: Mapping[str, str] = field(default_factory=dict)
    #: Its platform tags, best first, if it is not this interpreter.
    platforms: tuple[str, ...] = ()

    @staticmethod
    def here() -> Target:
        version = sys.version_info
        name = f"Python {version[0]}.{version[1]} on {sysconfig.get_platform()}"
        return Target(name, ".".join(str(part) for part in version[:3]))

    @staticmethod
    def elsewhere(python: str, platform: str) -> Target:
        """:param python: ``3.12`` :param platform: ``linux-x86_64`` or ``linux-aarch64``"""
        machine = platform.removeprefix("linux-")
        minor = int(python.removeprefix("3."))
        legacy = [(17, "manylinux2014"), (12, "manylinux2010"), (5, "manylinux1")]
        platforms = []
        for glibc in range(GLIBC, OLDEST_GLIBC[machine] - 1, -1):
            platforms.append(f"manylinux_2_{glibc}_{machine}")
            platforms += [f"{name}_{machine}" for version, name in legacy if version == glibc]
        platforms.append(f"linux_{machine}")
        tags = _packaging("tags")
        offered = [
            *tags.cpython_tags((3, minor), abis=[f"cp3{minor}"], platforms=platforms),
            *tags.compatible_tags((3, minor), f"cp3{minor}", platforms),
        ]
        full_version = f"{python}.99"
        markers = {
            "implementation_name": "cpython",
            "implementation_version": full_version,
            "os_name": "posix",
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": full_version,
            "python_version": python,
            "sys_platform": "linux",
        }
        return Target(f"Python {python} on {platform}", full_version, frozenset(offered), markers, tuple(platforms))

    def applies(self, marker: str | None, extras: frozenset[str] = frozenset()) -> bool:
        """Whether an environment marker holds, for one of the extras of the package that it belongs to."""
        if not marker:
            return True
        parsed = _packaging("markers").Marker(marker)
        return any(bool(parsed.evaluate({**self.markers, "extra": extra})) for extra in (extras or {""}))

    def fits(self, wheel: str) -> bool:
        try:
            offered = _packaging("utils").parse_wheel_filename(wheel)[3]
        except Exception:
            return True  # leave unknown names to the installer
        return not (self.tags or _own_tags()).isdisjoint(offered)


def requirements(file: str, target: Target) -> list[str]:
    """:raises LockError: for packages without hashes, or without a wheel for the target; it names all of them"""
    name = os.path.basename(file)
    if name.endswith(".txt"):
        with open(file, encoding="utf-8") as stream:
            return from_requirements(stream.read(), target, name)
    lock = _read_toml(file)
    _check_python(lock, name, target)
    return _lines(_packages_of_uv(lock, target) if name == "uv.lock" else _packages_of_pylock(lock, target), name, target)


def _check_python(lock: Mapping[str, Any], file: str, target: Target) -> None:
    needed = lock.get("requires-python")
    if not needed or _packaging("specifiers").SpecifierSet(needed).contains(target.full_version, prereleases=True):
        return
    if target.platforms:
        raise LockError(f"{file} needs Python {needed}, but wheels are requested for {target.name}", "choose one with --python-version")
    raise LockError(
        f"{file} needs Python {needed}, but {sys.executable} is Python {target.full_version}", "set MODELOPS_PYTHON to the path of such an interpreter"
    )


def from_requirements(text: str, target: Target, file: str) -> list[str]:
    lines = [line.strip() for line in re.sub(r"\\\r?\n", " ", text).splitlines()]
    kept = [re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*$", "", line)).strip() for line in lines]
    kept = [line for line in kept if line]
    without = [line for line in kept if not line.startswith("-") and "--hash=" not in line]
    if without:
        raise LockError(
            f"{file} has no hashes for {', '.join(without[:5])}{' and others' if len(without) > 5 else ''}",
            "uv pip compile --generate-hashes requirements.in --output-file requirements.txt",
        )
    return [_unmarked(line) for line in kept if _selects(line, target)] if target.platforms else kept


def _selects(line: str, target: Target) -> bool:
    """Whether a line is for the target: pip evaluates its marker for the interpreter that runs pip."""
    return line.startswith("-") or target.applies(line.partition(" --")[0].partition(";")[2].strip())


def _unmarked(line: str) -> str:
    requirement, dashes, options = line.partition(" --")
    return requirement.partition(";")[0].strip() + dashes + options


def _packages_of_uv(lock: Mapping[str, Any], target: Target) -> list[Mapping[str, Any]]:
    packages = lock.get("package", [])
    roots = [package for package in packages if set(package.get("source", {})) & {"virtual", "editable"} and _is_here(package)]
    if not roots:
        raise LockError("uv.lock has no project for this folder", "run uv lock in the project's folder")
    chosen: dict[tuple[str, str], Mapping[str, Any]] = {}
    waiting = [(dependency, frozenset[str]()) for root in roots for dependency in root.get("dependencies", [])]
    seen: set[tuple[str, str, frozenset[str]]] = set()
    while waiting:
        dependency, extras_of_parent = waiting.pop()
        if not target.applies(dependency.get("marker"), extras_of_parent):
            continue
        package = _find(packages, dependency, target)
        extras = frozenset(dependency.get("extra", []))
        identity = (package["name"], package["version"], extras)
        if identity in seen:
            continue
        seen.add(identity)
        chosen[identity[:2]] = package
        waiting += [(next_one, extras) for next_one in package.get("dependencies", [])]
        for extra in extras:
            waiting += [(next_one, extras) for next_one in package.get("optional-dependencies", {}).get(extra, [])]
    return [package for _, package in sorted(chosen.items(), key=lambda item: item[0])]


def _packages_of_pylock(lock: Mapping[str, Any], target: Target) -> list[Mapping[str, Any]]:
    packages = sorted(lock.get("packages", []), key=lambda package: str(package["name"]))
    return [package for package in packages if target.applies(package.get("marker"))]


def _is_here(package: Mapping[str, Any]) -> bool:
    source = package["source"]
    return bool(source.get("virtual", source.get("editable")) == ".")


def _find(packages: Iterable[Mapping[str, Any]], dependency: Mapping[str, Any], target: Target) -> Mapping[str, Any]:
    for package in packages:
        if package["name"] == dependency["name"] and dependency.get("version", package.get("version")) == package.get("version"):
            if "resolution-markers" not in package or any(target.applies(one) for one in package["resolution-markers"]):
                return package
    raise LockError(f"uv.lock has no package {dependency['name']}", "run uv lock again")


def _lines(packages: Iterable[Mapping[str, Any]], file: str, target: Target) -> list[str]:
    lines: list[str] = []
    problems: list[LockError] = []
    for package in packages:
        try:
            lines.append(_line(package, file, target))
        except LockError as problem:
            problems.append(problem)
    if not problems:
        return lines
    raise LockError("\n".join(str(problem) for problem in problems), "; ".join(dict.fromkeys(problem.hint for problem in problems)))


def _line(package: Mapping[str, Any], file: str, target: Target) -> str:
    name, version, found = package["name"], package.get("version", ""), list(package.get("wheels", []))
    if not found:
        raise LockError(
            f"{file} has no wheel of {name} {version}, only a source distribution, whose builds are not reproducible",
            f"use a version of {name} that has wheels for {target.name}",
        )
    names = [os.path.basename(str(wheel.get("filename") or wheel.get("url") or wheel.get("path") or wheel.get("name"))) for wheel in found]
    if not any(target.fits(wheel) for wheel in names):
        raise LockError(f"{file} has no wheel of {name} {version} for {target.name}", f"use another Python version, or a version of {name} that has one")
    hashes = [str(wheel.get("hash") or "sha256:" + wheel.get("hashes", {}).get("sha256", "")).removeprefix("sha256:") for wheel in found]
    if not all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes):
        raise LockError(f"{file} has no SHA-256 for each wheel of {name} {version}", "lock again with hashes")
    return " ".join([f"{name}=={version}", *(f"--hash=sha256:{one}" for one in sorted(hashes))])


@lru_cache(maxsize=1)
def _own_tags() -> frozenset[Any]:
    return frozenset(_packaging("tags").sys_tags())


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


def main(arguments: list[str]) -> int:
    file, *elsewhere = arguments
    try:
        target = Target.elsewhere(*elsewhere) if elsewhere else Target.here()
        answer: dict[str, Any] = {"requirements": requirements(file, target), **({"tags": target.platforms} if elsewhere else {})}
    except LockError as error:
        answer = {"error": {"message": str(error), "hint": error.hint}}
    json.dump(answer, sys.stdout)
    return 2 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
