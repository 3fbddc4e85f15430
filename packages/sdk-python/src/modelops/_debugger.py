"""Stops in pdb at the first line of a model's own functions, for ``mops repro --debugger``.

A host with ``MODELOPS_DEBUGGER=1`` in its environment loads this module.
"""

from __future__ import annotations

import functools
import pdb
from collections.abc import Callable
from typing import Any

from .class_model import ClassModel
from .function_model import FunctionModel


def stop_in_model(model: Any) -> None:
    """Makes the model's first function, and those called after it, run under pdb."""
    if isinstance(model, FunctionModel):
        model.function = _under_pdb(model.function)
    elif isinstance(model, ClassModel):
        model.instance.build_sim = _under_pdb(model.instance.build_sim)  # type: ignore[method-assign]
        model.instance.run_sim = _under_pdb(model.instance.run_sim)  # type: ignore[method-assign]


def _under_pdb(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def debugged(*args: Any, **kwargs: Any) -> Any:
        return pdb.Pdb(nosigint=True).runcall(function, *args, **kwargs)

    return debugged
