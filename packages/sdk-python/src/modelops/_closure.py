"""The files of a project that a file needs: its import graph, with the ``__init__.py`` of each package."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator

from ._source import parse_source

#: Modules of every environment: Python's own and this package.
BUILT_IN = frozenset((*sys.stdlib_module_names, "modelops"))


class Closure:
    """Parses a file and everything that it imports from the project, also inside functions. :raises SourceError: as ``parse_source``"""

    def __init__(self, root: str, file: str) -> None:
        self.root = root
        self.file = file
        #: What each path was that the search for modules asked about: ``file``, ``folder`` or ``absent``.
        self.probed: dict[str, str] = {}
        own = os.path.dirname(file)
        self.folders = list(dict.fromkeys(["", *(["src"] if self._is("folder", "src") else []), own]))
        self.files: dict[str, ast.Module] = {}
        self.packages: set[str] = set()
        self.unresolved: list[dict[str, object]] = []
        waiting = [file, *self._packages_of(file)]
        while waiting:
            current = waiting.pop()
            if current in self.files:
                continue
            self.files[current] = parse_source(root, current)
            for name, level in self._imports(current):
                waiting += self._files_of(name, level, current)

    def resolve(self, name: str, level: int, importer: str) -> str | None:
        """The project's file of a module, or None if the module is not in the project."""
        parts = name.split(".") if name else []
        for folder in [self._parent(importer, level)] if level else self.folders:
            found = self._module_file(os.path.join(folder, *parts))
            if found is not None:
                return found
        return None

    def _parent(self, importer: str, level: int) -> str:
        folder = os.path.dirname(importer)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        return folder

    def _module_file(self, path: str) -> str | None:
        for candidate in (os.path.join(path, "__init__.py"), f"{path}.py"):
            if path and self._is("file", os.path.normpath(candidate)):
                return os.path.normpath(candidate)
        return None

    def _is(self, kind: str, path: str) -> bool:
        if path not in self.probed:
            absolute = os.path.join(self.root, path)
            self.probed[path] = "file" if os.path.isfile(absolute) else "folder" if os.path.isdir(absolute) else "absent"
        return self.probed[path] == kind

    def _files_of(self, name: str, level: int, importer: str) -> list[str]:
        """The module's file and the ``__init__.py`` of every package above it."""
        found = self.resolve(name, level, importer)
        if found is None:
            if not level and name and not self._is_folder(name):
                top = name.partition(".")[0]
                if top not in BUILT_IN and self.resolve(top, 0, importer) is None:
                    self.packages.add(top)
            return []
        return [found, *self._packages_of(found)]

    def _is_folder(self, name: str) -> bool:
        """Whether the name is a package without ``__init__.py``."""
        return any(self._is("folder", os.path.join(folder, *name.split("."))) for folder in self.folders)

    def _packages_of(self, file: str) -> list[str]:
        found = []
        folder = os.path.dirname(file)
        while folder:
            init = os.path.join(folder, "__init__.py")
            if self._is("file", init):
                found.append(init)
            folder = os.path.dirname(folder)
        return found

    def _imports(self, file: str) -> Iterator[tuple[str, int]]:
        """Every (module, level) that the file imports; ``from a import b`` may mean the module a.b."""
        for node in ast.walk(self.files[file]):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from _with_parents(alias.name)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or "", node.level
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}" if node.module else alias.name
                    if alias.name == "*" or self.resolve(inner, node.level, file) is not None:
                        yield (inner if alias.name != "*" else node.module or ""), node.level
            elif isinstance(node, ast.Call) and _is_import_call(node):
                yield from self._called(node, file)

    def _called(self, node: ast.Call, file: str) -> Iterator[tuple[str, int]]:
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            name = first.value.lstrip(".")
            yield name, len(first.value) - len(name)
        else:
            self.unresolved.append({"file": file, "line": node.lineno, "text": ast.unparse(node)})


def _with_parents(name: str) -> Iterator[tuple[str, int]]:
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length]), 0


def _is_import_call(node: ast.Call) -> bool:
    """``importlib.import_module(…)``, ``import_module(…)`` or ``__import__(…)``."""
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in ("import_module", "__import__")
