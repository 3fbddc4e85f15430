"""Describes the models and targets of a file, and checks which parameter sets a model allows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ._load import definitions, load_model, load_module
from .targets.declaration import CalibrationTarget


def describe_program(root: str, program: str) -> list[dict[str, Any]]:
    """Every model and target of the file, in order, each with its description.

    :raises Exception: the error of the import; ModelError if a model or target is not valid
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


def allowed_sets(root: str, request: Mapping[str, Any]) -> str:
    """``1`` or ``0`` for each set in the file ``sets``, which has a JSON array on each line, the names on the first.

    :raises Exception: the error of the model's constraint
    """
    model = load_model(root, request["program"], request["exportName"])
    with open(request["sets"], encoding="utf-8") as lines:
        names = json.loads(next(lines))
        return "".join("1" if model.allows(dict(zip(names, json.loads(line)))) else "0" for line in lines)
