"""Settings of a model that a design does not vary: a time step, an output frequency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .space import check_complete


@dataclass(frozen=True)
class ConfigSpec:
    """One setting and its default, of any type."""

    name: str
    default: Any
    doc: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("ConfigSpec name cannot be empty")


@dataclass(frozen=True)
class ConfigurationSpace:
    """The settings of a model, each name once."""

    specs: Iterable[ConfigSpec] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "specs", tuple(self.specs))
        names = self.names()
        if len(set(names)) < len(names):
            raise ValueError(f"Duplicate configuration names: {sorted({name for name in names if names.count(name) > 1})}")

    def names(self) -> list[str]:
        return [spec.name for spec in self.specs]

    def get_spec(self, name: str) -> ConfigSpec:
        """:raises KeyError: for a name that is not in the space"""
        for spec in self.specs:
            if spec.name == name:
                return spec
        raise KeyError(f"Unknown configuration: {name}. Available: {sorted(self.names())}")

    def defaults(self) -> Mapping[str, Any]:
        return MappingProxyType({spec.name: spec.default for spec in self.specs})

    def to_dict(self) -> dict[str, Any]:
        return {"configurations": [{"name": spec.name, "default": spec.default, "doc": spec.doc} for spec in self.specs]}

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __len__(self) -> int:
        return len(self.names())


@dataclass(frozen=True)
class ConfigurationSet:
    """A value for every setting of a space. Cannot be changed. :raises ValueError: for unknown names, then missing ones"""

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

    def __getitem__(self, name: str) -> Any:
        if name not in self.values:
            raise KeyError(f"Configuration {name} not in set. Available: {sorted(self.values)}")
        return self.values[name]

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def with_updates(self, **updates: Any) -> ConfigurationSet:
        return ConfigurationSet(self.space, {**self.values, **updates})

    def to_dict(self) -> dict[str, Any]:
        return dict(self.values)
