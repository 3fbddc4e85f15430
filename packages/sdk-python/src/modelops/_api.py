"""The names that ``modelops`` exports."""

from ._simulate import simulate as simulate
from .base_model import SEED_COL as SEED_COL, BaseModel as BaseModel, model_output as model_output, model_scenario as model_scenario
from .behaviour import BEHAVIOUR_VERSION as BEHAVIOUR_VERSION
from .configuration import ConfigSpec as ConfigSpec, ConfigurationSet as ConfigurationSet, ConfigurationSpace as ConfigurationSpace
from .errors import ModelError as ModelError
from .function_model import FunctionModel as FunctionModel, model as model
from .parameters import Bool as Bool, Choice as Choice, Float as Float, Int as Int
from .scenario import ScenarioSpec as ScenarioSpec, compose_scenarios as compose_scenarios, scenario_hash as scenario_hash
from .simulator import ModelSimulator as ModelSimulator, SimulatorBuilder as SimulatorBuilder
from .space import ParameterSet as ParameterSet, ParameterSpace as ParameterSpace, ParameterSpec as ParameterSpec, Scalar as Scalar
from .targets.declaration import (
    CalibrationTarget as CalibrationTarget,
    calibration_target as calibration_target,
    get_registered_targets as get_registered_targets,
)
from .targets.alignment import (
    AlignedData as AlignedData,
    AsofJoin as AsofJoin,
    ExactJoin as ExactJoin,
    JoinAlignment as JoinAlignment,
    NoJoin as NoJoin,
)
from .targets.csv_file import read_csv as read_csv
from .targets.kept import KeptTable as KeptTable
from .targets.likelihood import (
    LikelihoodEvaluator as LikelihoodEvaluator,
    TargetLikelihoodResult as TargetLikelihoodResult,
    beta_binomial_loglik as beta_binomial_loglik,
    beta_binomial_loglik_factory as beta_binomial_loglik_factory,
    beta_binomial_loglik_per_rep as beta_binomial_loglik_per_rep,
    binomial_loglik as binomial_loglik,
    binomial_loglik_per_rep as binomial_loglik_per_rep,
    gaussian_loglik as gaussian_loglik,
    gaussian_loglik_per_rep as gaussian_loglik_per_rep,
    log_mean_exp as log_mean_exp,
    negative_binomial_loglik as negative_binomial_loglik,
    negative_binomial_loglik_per_rep as negative_binomial_loglik_per_rep,
    poisson_loglik as poisson_loglik,
    poisson_loglik_per_rep as poisson_loglik_per_rep,
)
from .targets.loss import (
    AbsoluteErrorLoss as AbsoluteErrorLoss,
    IdentityAggregator as IdentityAggregator,
    LossEvaluator as LossEvaluator,
    MeanAcrossReplicates as MeanAcrossReplicates,
    MeanGroupedByReplicate as MeanGroupedByReplicate,
    MeanReducer as MeanReducer,
    RootMeanReducer as RootMeanReducer,
    SquaredErrorLoss as SquaredErrorLoss,
    TargetLossResult as TargetLossResult,
    annealed_mse as annealed_mse,
    mae as mae,
    mean_of_per_replicate_mse as mean_of_per_replicate_mse,
    mean_signal_mse as mean_signal_mse,
    replicate_mean_mse as replicate_mean_mse,
    rmse as rmse,
)
from .targets.target import (
    LikelihoodEvaluationResult as LikelihoodEvaluationResult,
    LikelihoodTarget as LikelihoodTarget,
    LikelihoodTargetSet as LikelihoodTargetSet,
    LossEvaluationResult as LossEvaluationResult,
    LossTarget as LossTarget,
    LossTargetSet as LossTargetSet,
)
from .transforms import (
    AffineSqueezedLogit as AffineSqueezedLogit,
    Identity as Identity,
    LogitTransform as LogitTransform,
    LogTransform as LogTransform,
)
from .view import CoordinateSystem as CoordinateSystem, ParameterView as ParameterView
