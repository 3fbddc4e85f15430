"""Loads the models and targets that a source file of a project defines."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

from .base_model import BaseModel
from .class_model import ClassModel
from .definition import ModelDefinition
from .errors import ModelError, names_hint
from .targets.declaration import CalibrationTarget


def search_path(root: str, file: str) -> list[str]:
    """The folders where a project's file finds modules of its project: the root, its ``src``, and the file's own folder."""
    own = os.path.dirname(os.path.join(root, file))
    source = os.path.join(root, "src")
    return list(dict.fromkeys([root, *([source] if os.path.isdir(source) else []), own]))


def module_name(root: str, file: str) -> str | None:
    """The name under which the project's other modules import this file; None if its path is not a module name."""
    path = os.path.join(root, file)
    inside = os.path.join(root, "src")
    base = inside if path.startswith(inside + os.sep) else root
    parts = os.path.relpath(path, base).removesuffix(".py").split(os.sep)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def load_module(root: str, file: str) -> ModuleType:
    """Imports a file of the project under its module name, so that its definitions can be pickled."""
    path = os.path.join(root, file)
    if not os.path.isfile(path):
        raise ModelError(f"{file} not found")
    for folder in reversed(search_path(root, file)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    name = module_name(root, file)
    if name is not None:
        module = importlib.import_module(name)
        if os.path.realpath(module.__file__ or "") == os.path.realpath(path):
            return module
    return _load_by_location(path)


def _load_by_location(path: str) -> ModuleType:
    """Loads a file whose path is not a module name, or whose name is that of an installed package."""
    stem = os.path.basename(path).removesuffix(".py")
    name = "_modelops_" + "".join(char if char.isalnum() else "_" for char in stem)
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def as_definition(value: object) -> ModelDefinition | CalibrationTarget | None:
    """The value as a model or target, or None."""
    if isinstance(value, (ModelDefinition, CalibrationTarget)):
        return value
    if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel:
        return ClassModel(value)
    return None


def definitions(module: ModuleType) -> dict[str, ModelDefinition | CalibrationTarget]:
    """The models and targets that the module itself defines, in order, without incomplete base classes."""
    extended = {base for value in vars(module).values() if isinstance(value, type) for base in value.__mro__[1:]}
    found: dict[str, ModelDefinition | CalibrationTarget] = {}
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if isinstance(value, type) and value in extended and getattr(value, "__abstractmethods__", None):
            continue
        definition = as_definition(value)
        if definition is not None:
            found[name] = definition
    return found


def load_model(root: str, file: str, name: str) -> ModelDefinition:
    definition = _load_named(root, file, name, "model")
    if isinstance(definition, CalibrationTarget):
        raise ModelError(f"{file}:{name} is a target, not a model")
    model: ModelDefinition = definition
    return model


def load_target(root: str, file: str, name: str) -> CalibrationTarget:
    definition = _load_named(root, file, name, "target")
    if not isinstance(definition, CalibrationTarget):
        raise ModelError(f"{file}:{name} is a model, not a target")
    return definition


def _load_named(root: str, file: str, name: str, kind: str) -> Any:
    module = load_module(root, file)
    if not hasattr(module, name):
        known = [one for one, found in definitions(module).items() if isinstance(found, CalibrationTarget) == (kind == "target")]
        raise ModelError(f"{file} has no {kind} {name}", names_hint(name, known, f"{kind}s"))
    definition = as_definition(getattr(module, name))
    if definition is None:
        how = "@model, or a subclass of BaseModel" if kind == "model" else "@calibration_target"
        raise ModelError(f"{file}:{name} is {type(getattr(module, name)).__name__}, not a {kind}", f"declare it with {how}")
    return definition
