import math

import pytest

from modelops import (
    AffineSqueezedLogit,
    LogitTransform,
    LogTransform,
    ParameterSet,
    ParameterSpace,
    ParameterSpec,
    ParameterView,
    ScenarioSpec,
    scenario_hash,
)

SPACE = ParameterSpace([ParameterSpec("beta", 0.0, 1.0), ParameterSpec("n", 0, 10, "int")])


def parameters(**values):
    return ParameterSet(SPACE, {"beta": 0.5, "n": 2, **values})


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (True, TypeError, "Parameter n must be a number, got bool"),
        ("1", TypeError, "Parameter n must be a number, got str"),
        (math.nan, ValueError, "Parameter n must be finite, got nan"),
        (3.5, ValueError, "Parameter n must be a whole number, got 3.5"),
        (11, ValueError, r"Parameter n=11 outside bounds \[0, 10\]"),
    ],
)
def test_values_are_checked(value, error, message):
    with pytest.raises(error, match=message):
        SPACE.get_spec("n").validate_value(value)


def test_parameter_sets_are_complete_and_name_unknown_parameters_first():
    with pytest.raises(ValueError, match=r"^Unknown parameters: \['betta'\]. Available: \['beta', 'n'\]$"):
        ParameterSet(SPACE, {"betta": 1})
    with pytest.raises(ValueError, match=r"^Missing required parameters: \['n'\]$"):
        ParameterSet(SPACE, {"beta": 1})
    with pytest.raises(ValueError, match=r"^Validation failed for n: Parameter n=11 outside bounds \[0, 10\]$"):
        parameters(n=11)
    assert [type(value) for value in parameters(beta=1, n=3.0).values.values()] == [int, int]
    with pytest.raises(ValueError, match="Duplicate parameter names"):
        ParameterSpace([ParameterSpec("a", 0, 1), ParameterSpec("a", 0, 1)])
    with pytest.raises(ValueError, match="is an int and has the bound 0.5"):
        ParameterSpec("n", 0.5, 3, "int")
    with pytest.raises(ValueError, match="lower bound 2 above upper bound 1"):
        ParameterSpec("a", 2, 1)


def test_views_fix_and_bind():
    view = ParameterView(SPACE).fix(n=3)
    assert view.free == ("beta",)
    assert view.bind(beta=0.5).to_dict() == {"beta": 0.5, "n": 3}
    assert view.project(parameters()) == {"beta": 0.5}
    with pytest.raises(ValueError, match=r"bind\(\) error: missing: \['beta'\]; unexpected: \['x'\]"):
        view.bind(x=1)
    with pytest.raises(ValueError, match="different space"):
        view.project(ParameterSet(ParameterSpace(SPACE.specs), {"beta": 1, "n": 1}))


def test_scenario_hashes_of_the_original():
    assert scenario_hash(ScenarioSpec("test", doc="does not count")) == "97936c7c81ad1a31"
    patched = ScenarioSpec("test", param_patches={"beta": 0.5, "gamma": 0.1}, config_patches={"mode": "test"})
    assert scenario_hash(patched) == "4ec5ec94beeda295"


@pytest.mark.parametrize("transform", [LogTransform(), LogitTransform(), AffineSqueezedLogit()])
def test_transforms_are_bijections(transform):
    for value in (0.001, 0.3, 0.999):
        assert transform.backward(transform.forward(value)) == pytest.approx(value, rel=1e-9)
    with pytest.raises(ValueError, match="requires"):
        transform.bounds((-1.0, 0.5))
    with pytest.raises(ValueError, match="requires"):
        transform.forward(-0.5)
