"""The generator of the module ``random``, seeded when it is first used: seeding it takes longer than a small task, and few models use it."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from typing import Any

_generator: Any = random._inst
#: All that reads or changes its state; the other functions of the module call these.
_real: dict[str, Callable[..., Any]] = {name: getattr(random, name) for name in ("random", "getrandbits", "seed", "getstate", "setstate")}
_pending: int | None = None
_is_waiting = False
#: Two threads of a model may be the first.
_lock = threading.RLock()


def wait_for_use() -> None:
    """Code that is imported from now on, and takes functions of ``random`` by name, gets those that seed it first."""
    global _is_waiting
    vars(_generator).update(_waiting)
    vars(random).update(_waiting)
    _is_waiting = True


def seed_when_used(seed: int) -> None:
    """As ``random.seed(seed)``, after :func:`wait_for_use`."""
    global _pending
    _pending = seed
    _generator.gauss_next = None
    if not _is_waiting:
        wait_for_use()


def _seed() -> None:
    global _pending, _is_waiting
    with _lock:
        if _pending is None:
            return
        _real["seed"](_pending)
        _pending = None
        for name in _waiting:
            vars(_generator).pop(name, None)
        vars(random).update(_real)
        _is_waiting = False


def _seeding_first(name: str) -> Callable[..., Any]:
    real = _real[name]

    def call(*args: Any, **more: Any) -> Any:
        if _pending is not None:
            _seed()
        return real(*args, **more)

    return call


def _random() -> float:
    """The one that a model may have imported by name and call often."""
    if _pending is not None:
        _seed()
    return _real_random()


_real_random = random.random
_waiting: dict[str, Callable[..., Any]] = {**{name: _seeding_first(name) for name in _real}, "random": _random}


def _forget() -> None:
    """A process that a model forks has its own random state: ``random`` reseeds it."""
    global _pending
    _pending = None


os.register_at_fork(after_in_child=_forget)
