"""What a file of a project defines."""

from __future__ import annotations

from typing import Any

from ._load import definitions, load_module
from .targets.declaration import CalibrationTarget


def describe_program(root: str, program: str) -> list[dict[str, Any]]:
    """Every model and target of the file, in order, each with its description.

    :raises Exception: whatever the file raises where it is imported; ModelError where one of them is not valid
    """
    module = load_module(root, program)
    return [
        {
            "name": name,
            "kind": f"modelops.{'target' if isinstance(definition, CalibrationTarget) else 'model'}",
            "description": definition.describe(),
        }
        for name, definition in definitions(module).items()
    ]
