"""Scenarios of the class form: patches of parameters and configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from .configuration import ConfigurationSet
from .space import ParameterSet, Scalar


@dataclass(frozen=True)
class ScenarioSpec:
    """A variant of a model: the parameters and settings that it fixes. Pure data.

    ``conflict_policy="strict"`` refuses to fix a parameter that an earlier scenario of a composition has fixed, unless
    ``allow_overlap`` names it.
    """

    name: str
    doc: str = ""
    param_patches: Mapping[str, Scalar] = field(default_factory=dict)
    config_patches: Mapping[str, Any] = field(default_factory=dict)
    conflict_policy: Literal["lww", "strict"] = "lww"
    allow_overlap: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.conflict_policy not in ("lww", "strict"):
            raise ValueError(f"Scenario '{self.name}' has conflict_policy {self.conflict_policy!r}; expected 'lww' or 'strict'")
        object.__setattr__(self, "param_patches", MappingProxyType(dict(self.param_patches)))
        object.__setattr__(self, "config_patches", MappingProxyType(dict(self.config_patches)))
        if self.allow_overlap is not None:
            object.__setattr__(self, "allow_overlap", tuple(self.allow_overlap))

    def apply(self, params: ParameterSet, config: ConfigurationSet) -> tuple[ParameterSet, ConfigurationSet]:
        """Applies the patches to both. :raises ValueError: for an unknown name or an invalid value"""
        space = params.space
        for name, value in self.param_patches.items():
            if name not in space:
                raise ValueError(f"Scenario '{self.name}' references unknown parameter: {name}. Available: {sorted(space.names())}")
            try:
                space.get_spec(name).validate_value(value)
            except (TypeError, ValueError) as error:
                raise ValueError(f"Scenario '{self.name}' invalid value for {name}: {error}") from error
        try:
            patched = config.with_updates(**self.config_patches)
        except ValueError as error:
            raise ValueError(f"Scenario '{self.name}' invalid config patch: {error}") from error
        return params.with_updates(**self.param_patches), patched


def compose_scenarios(
    scenarios: Iterable[ScenarioSpec], params: ParameterSet, config: ConfigurationSet
) -> tuple[ParameterSet, ConfigurationSet, dict[str, str]]:
    """Applies scenarios in order; later ones replace values of earlier ones. Also returns which scenario fixed each parameter.

    :raises ValueError: if a strict scenario fixes a parameter again; configuration never conflicts
    """
    sources: dict[str, str] = {}
    for scenario in scenarios:
        for name in scenario.param_patches:
            is_allowed = scenario.conflict_policy != "strict" or name in (scenario.allow_overlap or ())
            if name in sources and not is_allowed:
                raise ValueError(
                    f"Parameter '{name}' set by multiple scenarios: {sources[name]} and {scenario.name}. "
                    "Use conflict_policy='lww' or add to allow_overlap."
                )
            sources[name] = scenario.name
        params, config = scenario.apply(params, config)
    return params, config, sources


def scenario_hash(scenario: ScenarioSpec) -> str:
    """16 hex digits of the BLAKE2b-256 of the scenario's canonical JSON, without its ``doc``."""
    content = {
        "name": scenario.name,
        "param_patches": dict(scenario.param_patches),
        "config_patches": _as_text(dict(scenario.config_patches)),
        "conflict_policy": scenario.conflict_policy,
        "allow_overlap": sorted(scenario.allow_overlap) if scenario.allow_overlap else None,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()[:16]


def _as_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_text(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_text(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
