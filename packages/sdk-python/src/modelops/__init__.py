"""Write simulation models and calibration targets in Python. The standard library is all that it needs."""

from .base_model import SEED_COL, BaseModel, model_output, model_scenario
from .behaviour import BEHAVIOUR_VERSION
from .configuration import ConfigSpec, ConfigurationSet, ConfigurationSpace
from .errors import ModelError
from .function_model import FunctionModel, model
from .parameters import Bool, Choice, Float, Int
from .scenario import ScenarioSpec, compose_scenarios, scenario_hash
from .simulate import simulate
from .simulator import ModelSimulator, SimulatorBuilder
from .space import ParameterSet, ParameterSpace, ParameterSpec, Scalar
from .targets.declaration import CalibrationTarget, calibration_target, get_registered_targets
from .transforms import AffineSqueezedLogit, Identity, LogitTransform, LogTransform
from .view import CoordinateSystem, ParameterView

__version__ = "0.1.0"
