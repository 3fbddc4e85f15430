"""Write simulation models and calibration targets in Python. Needs only the standard library.

Names are loaded when one is first used, because ``python -m modelops._find``, which commands run, needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._api import *  # noqa: F403

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    exported = {known: value for known, value in vars(import_module("._api", __name__)).items() if not known.startswith("_")}
    globals().update(exported, __all__=sorted(exported))
    if name not in globals():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals()[name]


def __dir__() -> list[str]:
    return [*__getattr__("__all__"), "__version__"]
