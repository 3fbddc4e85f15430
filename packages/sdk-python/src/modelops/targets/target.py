"""Targets, and sets of targets that are evaluated together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ..errors import ModelError, names_hint
from .alignment import AlignedData, AlignmentStrategy
from .kept import KeptTable
from .likelihood import LikelihoodEvaluator, TargetLikelihoodResult, log_mean_exp
from .loss import LossEvaluator, TargetLossResult, replicate_spread

#: The outputs of one replicate: tables by name.
SimOutput = Mapping[str, Any]
Evaluation = dict[str, Any]


def _align(model_output: str, data: Any, alignment: AlignmentStrategy, replicates: Sequence[SimOutput]) -> AlignedData:
    for outputs in replicates:
        if model_output not in outputs:
            raise ModelError(f"the model has no output {model_output}", names_hint(model_output, outputs, "outputs"))
    return alignment.align(data, [outputs[model_output] for outputs in replicates])


@dataclass
class LossTarget:
    """Observed data, how it is aligned with an output, and a loss."""

    model_output: str
    data: Any
    alignment: AlignmentStrategy
    evaluator: LossEvaluator
    name: str = ""
    keep: Union[KeptTable, None] = None

    def evaluate(self, replicates: Sequence[SimOutput]) -> TargetLossResult:
        """:raises ModelError: naming the column, row or value that has no loss"""
        return self.evaluator.evaluate(_align(self.model_output, self.data, self.alignment, replicates))

    def evaluation(self, replicates: Sequence[SimOutput]) -> Evaluation:
        """The record of a job: the weighted loss, diagnostics and the number of replicates."""
        return LossTargetSet([self]).evaluation(replicates)


@dataclass
class LikelihoodTarget:
    """Observed data, how it is aligned with an output, and a log-likelihood."""

    model_output: str
    data: Any
    alignment: AlignmentStrategy
    evaluator: LikelihoodEvaluator
    name: str = ""
    keep: Union[KeptTable, None] = None

    def evaluate(self, replicates: Sequence[SimOutput]) -> TargetLikelihoodResult:
        """One log-likelihood per replicate. :raises ModelError: as :meth:`LossTarget.evaluate`"""
        return self.evaluator.evaluate(_align(self.model_output, self.data, self.alignment, replicates))

    def evaluation(self, replicates: Sequence[SimOutput]) -> Evaluation:
        """The record of a job; the loss is minus the log of the mean likelihood over replicates."""
        return LikelihoodTargetSet([self]).evaluation(replicates)


@dataclass(frozen=True)
class LossEvaluationResult:
    """The weighted sum of a set, and each target's own result by the target's name."""

    total_loss: float
    target_results: list[TargetLossResult]
    names: list[str]
    seeds: list[int]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def per_target_loss(self) -> dict[str, float]:
        return {name: result.loss for name, result in zip(self.names, self.target_results)}

    def per_target_weighted_loss(self) -> dict[str, float]:
        return {name: result.weighted_loss for name, result in zip(self.names, self.target_results)}

    def as_dict(self) -> dict[str, Any]:
        per_target = {"per_target": self.per_target_loss(), "per_target_weighted": self.per_target_weighted_loss()}
        return {"loss": self.total_loss, **per_target, "seeds": self.seeds, **self.metadata}


@dataclass
class LossTargetSet:
    """Targets whose weighted losses are added. An empty set has the loss 0."""

    targets: Sequence[LossTarget]

    def evaluate(
        self, replicates: Sequence[SimOutput], seeds: Iterable[int] = (), metadata: Union[Mapping[str, Any], None] = None
    ) -> LossEvaluationResult:
        results = [target.evaluate(replicates) for target in self.targets]
        names = unique_names(target.name or result.name for target, result in zip(self.targets, results))
        return LossEvaluationResult(math.fsum(result.weighted_loss for result in results), results, names, list(seeds), dict(metadata or {}))

    def evaluation(self, replicates: Sequence[SimOutput]) -> Evaluation:
        result = self.evaluate(replicates)
        targets = {
            name: {"evaluator": one.name, "loss": one.loss, "weight": one.weight, **one.diagnostics}
            for name, one in zip(result.names, result.target_results)
        }
        kept = _kept(self.targets, result.target_results)
        return {"loss": result.total_loss, "diagnostics": _weighted(_diagnostics(targets)), "n_replicates": len(replicates), **kept}


@dataclass(frozen=True)
class LikelihoodEvaluationResult:
    """The joint log-likelihood of a set: ``loglik_joint[r]`` adds the targets of replicate r; ``log_marginal`` is the log of their mean."""

    log_marginal: float
    loglik_joint: list[float]
    per_target: dict[str, TargetLikelihoodResult]
    seeds: list[int]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def loss(self) -> float:
        return -self.log_marginal


@dataclass
class LikelihoodTargetSet:
    """Targets whose likelihoods are multiplied replicate by replicate before the mean over replicates: log((1/R) Σ_r Π_t L_tr).

    Source: the marginal likelihood by Monte Carlo over replicates, Kass and Raftery 1995, §4.3, doi:10.1080/01621459.1995.10476572.
    """

    targets: Sequence[LikelihoodTarget]

    def evaluate(
        self, replicates: Sequence[SimOutput], seeds: Iterable[int] = (), metadata: Union[Mapping[str, Any], None] = None
    ) -> LikelihoodEvaluationResult:
        """:raises ValueError: for an empty set"""
        if not self.targets:
            raise ValueError("No likelihood targets provided")
        results = [target.evaluate(replicates) for target in self.targets]
        names = unique_names(target.name or result.name for target, result in zip(self.targets, results))
        joint = [float(sum(of_replicate)) for of_replicate in zip(*(result.loglik_per_rep for result in results))]
        return LikelihoodEvaluationResult(log_mean_exp(joint), joint, dict(zip(names, results)), list(seeds), dict(metadata or {}))

    def evaluation(self, replicates: Sequence[SimOutput]) -> Evaluation:
        result = self.evaluate(replicates)
        if math.isinf(result.log_marginal):
            raise ModelError("the likelihood is 0 in every replicate", "an observation is impossible under the model")
        targets = {}
        for name, one in result.per_target.items():
            logs = [float(value) for value in one.loglik_per_rep]
            targets[name] = {"evaluator": one.name, **one.diagnostics, **_range(logs), "log_marginal": _finite(log_mean_exp(logs))}
        is_joint = len(targets) > 1
        joint = {"evaluator": "joint", **_range(result.loglik_joint)} if is_joint else {}
        kept = _kept(self.targets, list(result.per_target.values()))
        return {"loss": result.loss, "diagnostics": {**joint, **_diagnostics(targets)}, "n_replicates": len(replicates), **kept}


def _kept(targets: Sequence[Any], results: Sequence[Any]) -> dict[str, Any]:
    """The tables that targets keep, by the target's name or else its column; empty if they keep none."""
    keeping = [(target, one) for target, one in zip(targets, results) if target.keep is not None]
    names = unique_names(target.name or target.keep.col for target, _ in keeping)
    return {"outputs": {name: target.keep.of(one.aligned_data) for name, (target, one) in zip(names, keeping)}} if keeping else {}


def unique_names(names: Iterable[str]) -> list[str]:
    """The names, with a number added to repeated ones, so that no result replaces another."""
    counts: dict[str, int] = {}
    unique = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        unique.append(name if counts[name] == 1 else f"{name}#{counts[name]}")
    return unique


def _diagnostics(targets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return next(iter(targets.values())) if len(targets) == 1 else {"targets": targets}


def _weighted(diagnostics: dict[str, Any]) -> dict[str, Any]:
    """The mean and error of the replicates on the scale of the weighted loss; those of several targets have no common one."""
    spread = {name: diagnostics[name] for name in ("replicate_mean", "standard_error") if diagnostics.get(name) is not None}
    return {**diagnostics, **{name: value * diagnostics["weight"] for name, value in spread.items()}}


def _range(logs: Sequence[float]) -> dict[str, Any]:
    """The lowest and highest log-likelihood of the replicates that are possible, and how many are not; the spread of the losses −log."""
    possible = [value for value in logs if value != -math.inf]
    lowest, highest = (min(possible), max(possible)) if possible else (None, None)
    return {"log_likelihood": {"min": lowest, "max": highest}, "n_impossible": len(logs) - len(possible), **replicate_spread([-value for value in logs])}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
