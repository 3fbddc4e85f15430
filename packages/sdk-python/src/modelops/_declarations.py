"""Finds the models and targets that a source file declares, by its syntax."""

from __future__ import annotations

import ast
from typing import Any

from ._closure import Closure

OWN = "modelops"


class Declarations:
    """Top-level names of the closure's own file: decorated functions, and classes that descend from BaseModel, within the project."""

    def __init__(self, closure: Closure) -> None:
        self.closure = closure
        self.models: list[dict[str, Any]] = []
        self.targets: list[dict[str, Any]] = []
        own = closure.files[closure.file]
        extended = {_dotted(base) for node in own.body if isinstance(node, ast.ClassDef) for base in node.bases}
        for node in own.body:
            if isinstance(node, ast.ClassDef) and self._is_model_class(node, closure.file):
                if not node.name.startswith("_") and not (node.name in extended and not _is_complete(node)):
                    self.models.append({"name": node.name, "line": node.lineno, "form": "class"})
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._add(node.name, node.lineno, [self._meaning(one, closure.file) for one in node.decorator_list])
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Call):
                for name in node.targets:
                    if isinstance(name, ast.Name):
                        self._add(name.id, node.lineno, [self._meaning(node.value.func, closure.file)])

    def _add(self, name: str, line: int, meanings: list[str | None]) -> None:
        if name.startswith("_"):
            return
        if f"{OWN}.model" in meanings:
            self.models.append({"name": name, "line": line, "form": "function"})
        elif f"{OWN}.calibration_target" in meanings:
            self.targets.append({"name": name, "line": line})

    def _meaning(self, node: ast.expr, file: str) -> str | None:
        """The full name of a name in a file: ``modelops.model`` for one imported from this package."""
        name = _dotted(node.func if isinstance(node, ast.Call) else node)
        if name is None:
            return None
        first, _, rest = name.partition(".")
        origin = self._imported(file).get(first)
        if origin is None:
            return None
        full = f"{origin}.{rest}" if rest else origin
        return f"{OWN}.{full.rpartition('.')[2]}" if full.partition(".")[0] == OWN else full

    def _imported(self, file: str) -> dict[str, str]:
        """The names that the top-level imports of a file bind, with their origins."""
        bound: dict[str, str] = {}
        for node in self.closure.files[file].body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    bound[alias.asname or alias.name] = f"{'.' * node.level}{node.module or ''}{'.' if node.module else ''}{alias.name}"
        return bound

    def _is_model_class(self, node: ast.ClassDef, file: str, seen: frozenset[str] = frozenset()) -> bool:
        if f"{file}:{node.name}" in seen:
            return False
        for base in node.bases:
            if self._meaning(base, file) == f"{OWN}.BaseModel":
                return True
            found = self._class_of(base, file)
            if found is not None and self._is_model_class(found[0], found[1], seen | {f"{file}:{node.name}"}):
                return True
        return False

    def _class_of(self, base: ast.expr, file: str) -> tuple[ast.ClassDef, str] | None:
        """The project's class that a base names, and its file."""
        name = _dotted(base)
        if name is None:
            return None
        meaning = self._meaning(base, file)
        where: str | None = file
        if meaning is not None:
            level = len(meaning) - len(meaning.lstrip("."))
            module, _, name = meaning.lstrip(".").rpartition(".")
            where = self.closure.resolve(module, level, file)
        if where is None or where not in self.closure.files:
            return None
        for node in self.closure.files[where].body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return node, where
        return None


def _is_complete(node: ast.ClassDef) -> bool:
    methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
    return {"build_sim", "run_sim"} <= methods


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return None if inner is None else f"{inner}.{node.attr}"
    return None
