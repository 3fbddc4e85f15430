"""Settings of a model that a design does not vary: a time step, an output frequency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .space import Specs, Values, check_complete


@dataclass(frozen=True)
class ConfigSpec:
    """One setting and its default, of any type."""

    name: str
    default: Any
    doc: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("ConfigSpec name cannot be empty")


class ConfigurationSpace(Specs[ConfigSpec]):
    """The settings of a model, each name once."""

    _what = "configuration"

    def defaults(self) -> Mapping[str, Any]:
        return MappingProxyType({spec.name: spec.default for spec in self.specs})

    def to_dict(self) -> dict[str, Any]:
        return {"configurations": [{"name": spec.name, "default": spec.default, "doc": spec.doc} for spec in self.specs]}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConfigurationSpace) and self.specs == other.specs

    def __hash__(self) -> int:
        return hash(self.specs)

    def __repr__(self) -> str:
        return f"ConfigurationSpace(specs={self.specs!r})"


@dataclass(frozen=True)
class ConfigurationSet(Values[Any]):
    """A value for every setting of a space. Cannot be changed. :raises ValueError: for unknown names, then missing ones"""

    _what = "Configuration"
    space: ConfigurationSpace
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_complete(self.space.names(), self.values, "configurations")
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    @classmethod
    def from_defaults(cls, space: ConfigurationSpace, **overrides: Any) -> ConfigurationSet:
        return cls(space, {**space.defaults(), **overrides})

    @classmethod
    def new(cls, space: ConfigurationSpace, **values: Any) -> ConfigurationSet:
        return cls(space, values)

    def with_updates(self, **updates: Any) -> ConfigurationSet:
        return ConfigurationSet(self.space, {**self.values, **updates})
