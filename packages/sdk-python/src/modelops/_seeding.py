"""Seeds global random state from a task's seed, so that a model that ignores its seed is still reproducible."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_current: int | None = None
_seed_random: Callable[[int], None] = random.seed


def seed_globals(seed: int) -> None:
    """Seeds ``random``, and ``numpy.random`` and ``torch`` if they are loaded."""
    global _current
    _current = seed
    _seed_random(seed)
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        _seed_numpy(numpy_random, seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seeds global random state, and restores it afterwards."""
    numpy = sys.modules.get("numpy")
    held = random.getstate(), numpy.random.get_state() if numpy else None
    seed_globals(seed)
    try:
        yield
    finally:
        random.setstate(held[0])
        if numpy:
            numpy.random.set_state(held[1])


def seed_what_is_used() -> None:
    """Seeds ``random`` when a model first uses it, and ``numpy.random`` also if it is imported later. Call it before importing the model."""
    global _seed_random
    from ._lazy_random import seed_when_used, wait_for_use

    wait_for_use()
    _seed_random = seed_when_used
    if "numpy.random" not in sys.modules:
        sys.meta_path.insert(0, _SeedOnImport())


def _seed_numpy(numpy_random: Any, seed: int) -> None:
    numpy_random.seed(seed if seed < 2**32 else [seed & 0xFFFFFFFF, seed >> 32])


class _SeedOnImport(MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != "numpy.random":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _SeedingLoader(spec.loader)
        return spec


class _SeedingLoader(Loader):
    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        if _current is not None:
            _seed_numpy(module, _current)
