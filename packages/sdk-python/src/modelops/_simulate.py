"""Runs one simulation in this process, for notebooks and debuggers: the same numbers as in a job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._load import as_definition
from ._seeding import seeded
from .base_model import BaseModel
from .class_model import ClassModel
from .definition import ModelDefinition, check_seed
from .errors import ModelError


def simulate(
    model: Any,
    params: Mapping[str, Any],
    seed: int,
    scenario: str = "baseline",
    *,
    config: Mapping[str, Any] | None = None,
    outputs: Iterable[str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Runs a model once, in this process.

    :param model: what ``@model`` made, or a subclass of BaseModel
    :param seed: 0 … 2^64 - 1; global random state is seeded from it and restored afterwards
    :return: the columns of each output: numpy arrays if numpy is loaded, else lists; strings and booleans are lists
    :raises ModelError: for values, a scenario or outputs that the model does not declare
    """
    definition = ClassModel(type(model)) if isinstance(model, BaseModel) else as_definition(model)
    if not isinstance(definition, ModelDefinition):
        raise ModelError(f"{model!r} is not a model", "declare it with @model, or as a subclass of BaseModel")
    number = check_seed(seed)
    run = definition.prepare(params, scenario, config, outputs)
    with seeded(number):
        tables = run(number)
    return {output: {name: column.values() for name, column in table.items()} for output, table in tables.items()}
