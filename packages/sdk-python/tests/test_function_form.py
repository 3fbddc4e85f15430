import pickle
import random

import pytest

from modelops import Bool, Choice, Float, Int, ModelError, ScenarioSpec, model, simulate


@model(
    parameters={"beta": Float(0.1, 2), "n": Int(1, 10, default=3), "mode": Choice("a", "b"), "open": Bool()},
    scenarios={"lockdown": {"beta": 0.25}, "both": {"params": {"n": 9}, "config": {"step": 2}}},
    config={"step": 1, "other": "x"},
    outputs=["seen"],
)
def echo(beta, n, mode, open, *, seed, config, scenario):
    values = [beta, n, mode, open, seed, config, scenario]
    return {"seen": {"text": [repr(value) for value in values], "draw": [random.random()] * len(values)}}


VALUES = {"beta": 1, "n": 2.0, "mode": "a", "open": True}


def seen(values=VALUES, seed=5, *more, **named):
    return simulate(echo, values, seed, *more, **named)["seen"]["text"]


def test_a_model_gets_values_in_their_declared_types_with_seed_config_and_scenario():
    assert seen() == ["1.0", "2", "'a'", "True", "5", "{'step': 1, 'other': 'x'}", "'baseline'"]
    assert seen({**VALUES, "beta": -0.0})[0] == "0.0"
    assert seen(VALUES, 2**64 - 1)[4] == str(2**64 - 1)


def test_scenarios_and_config_replace_values():
    assert seen(VALUES, 5, "lockdown")[0] == "0.25"
    assert seen(VALUES, 5, "both", config={"step": 7, "new": 1})[1:6:4] == ["9", "{'step': 2, 'other': 'x', 'new': 1}"]


def test_global_random_state_is_seeded_and_given_back():
    random.seed(1)
    expected = random.random()
    random.seed(1)
    assert simulate(echo, VALUES, 5)["seen"]["draw"][0] == random.Random(5).random()
    assert random.random() == expected


def test_numpy_random_state_is_seeded_and_given_back():
    numpy = pytest.importorskip("numpy")

    @model(parameters={"k": Int(0, 1)}, outputs=["x"])
    def careless(k):
        return {"x": {"y": numpy.random.random(2)}}

    numpy.random.seed(3)
    state = numpy.random.get_state()[1].tolist()
    first = simulate(careless, {"k": 0}, 2**40)["x"]["y"]
    assert first.tolist() == simulate(careless, {"k": 0}, 2**40)["x"]["y"].tolist() != simulate(careless, {"k": 0}, 1)["x"]["y"].tolist()
    assert numpy.random.get_state()[1].tolist() == state


def test_describes_itself():
    assert echo.describe() == {
        "parameters": [
            {"name": "beta", "kind": "float", "min": 0.1, "max": 2, "scale": "linear"},
            {"name": "n", "kind": "int", "min": 1, "max": 10, "scale": "linear", "default": 3},
            {"name": "mode", "kind": "choice", "values": ["a", "b"]},
            {"name": "open", "kind": "choice", "values": [False, True]},
        ],
        "scenarios": ["baseline", "lockdown", "both"],
        "outputs": ["seen"],
        "behaviour": 1,
        "fixed": {"lockdown": {"beta": 0.25}, "both": {"n": 9}},
    }


def test_calling_a_model_calls_its_function_and_it_can_be_pickled():
    assert echo(1, 2, "a", True, seed=1, config={}, scenario="s")["seen"]["text"][0] == "1"
    assert pickle.loads(pickle.dumps(echo)) is echo


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"beta": 1, "n": 2, "mode": "a"}, "parameter open has no value; provide all of beta, n, mode, open"),
        ({**VALUES, "extra": 1}, "the model has no parameter extra; its parameters are beta, n, mode, open"),
        ({"betta": 1, "n": 2, "mode": "a", "open": True}, "parameter beta has no value, and betta is not a parameter; rename betta to beta?"),
        ({**VALUES, "beta": float("nan")}, "parameter beta is nan, not a finite number"),
        ({**VALUES, "beta": "1"}, 'parameter beta is "1", not a finite number'),
        ({**VALUES, "beta": True}, "parameter beta is True, not a finite number"),
        ({**VALUES, "n": 1.5}, "parameter n is 1.5, not a whole number"),
        ({**VALUES, "mode": "c"}, 'parameter mode is "c", not one of "a", "b"'),
        ({**VALUES, "open": 1}, "parameter open is 1, not one of False, True"),
    ],
)
def test_refuses_values_that_are_not_exactly_its_parameters(values, message):
    with pytest.raises(ModelError) as caught:
        simulate(echo, values, 1)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((VALUES, 1, "lockdwon"), "the model has no scenario lockdwon; did you mean lockdown?"),
        ((VALUES, -1), "invalid seed -1: expected a whole number from 0 to 2^64 - 1"),
        ((VALUES, 2**64), "invalid seed 18446744073709551616"),
        ((VALUES, 1.5), "invalid seed 1.5"),
    ],
)
def test_refuses_scenarios_and_seeds_that_are_not_there(arguments, message):
    with pytest.raises(ModelError) as caught:
        simulate(echo, *arguments)
    assert message in str(caught.value)
    with pytest.raises(ModelError, match="the model has no output sen; did you mean seen"):
        simulate(echo, VALUES, 1, outputs=["sen"])
    with pytest.raises(ModelError, match="is not a model"):
        simulate(print, VALUES, 1)


def f(beta):
    return {"x": {"y": [beta]}}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"parameters": {"beta": Float(2, 1)}}, "parameters.beta: min 2 is above max 1"),
        ({"parameters": {"beta": Float(float("nan"), 1)}}, "min is nan, not a finite number"),
        ({"parameters": {"beta": Float(0, 1, scale="log")}}, "min 0 must be above 0 for a log scale"),
        ({"parameters": {"beta": Float(0, 1, scale="cubic")}}, "scale is \"cubic\"; expected 'linear' or 'log'"),
        ({"parameters": {"beta": Float(0, 1, default=3)}}, "default 3.0 is outside 0 to 1"),
        ({"parameters": {"beta": Int(0.5, 3)}}, "min is 0.5, not a whole number"),
        ({"parameters": {"beta": Choice()}}, "has no values to choose from"),
        ({"parameters": {"beta": Choice("a", "a")}}, "lists a value twice"),
        ({"parameters": {"beta": Choice(1, 1.0)}}, "lists a value twice"),
        ({"parameters": {"beta": Choice("a", default="b")}}, 'default "b" is not one of "a"'),
        ({"parameters": {"beta": 3}}, "parameters.beta: is 3; expected Float, Int, Choice or Bool"),
        ({"parameters": {"gamma": Float(0, 1)}}, "parameters.gamma: the function has no argument gamma"),
        ({"parameters": {"gama": Float(0, 1)}}, "argument beta of the function is not a parameter"),
        ({"parameters": {}}, "parameters: a model needs at least one"),
        ({"parameters": None}, "parameters: a model needs at least one"),
        ({"parameters": {"beta": Float(0, 1), "seed": Int(0, 1)}}, "parameters.seed: invalid name"),
        ({"scenarios": {"low": {"beat": 1}}}, "scenarios.low: beat is not a parameter; did you mean beta?"),
        ({"scenarios": {"low": {"beta": "x"}}}, 'scenarios.low: parameter beta is "x", not a finite number'),
        ({"scenarios": {"Low Down": {}}}, "scenarios: invalid name 'Low Down'"),
        ({"isolation": "cold"}, "isolation: is 'cold'; expected 'warm' or 'fresh'"),
        ({"outputs": []}, "outputs: a model needs at least one"),
        ({"outputs": ["x", "x"]}, "outputs: lists a name twice"),
        ({"outputs": ["_index"]}, "outputs: invalid name '_index'"),
    ],
)
def test_refuses_a_declaration(declared, message):
    with pytest.raises(ModelError) as caught:
        model(**{"parameters": {"beta": Float(0, 1)}, "outputs": ["x"], **declared})(f)
    assert message in str(caught.value)
    assert [one for one in caught.value.problems if one[1] in str(caught.value)] == caught.value.problems != []


def test_names_every_problem_of_a_declaration_at_once():
    with pytest.raises(ModelError) as caught:
        model(parameters={"beta": Float(2, 1), "n": Int(0.5, 1)}, outputs=[])(f)
    assert [path for path, _ in caught.value.problems] == ["parameters.n", "parameters.beta", "parameters.n", "outputs"]


def test_takes_scenario_specs_and_numpy_values():
    numpy = pytest.importorskip("numpy")
    one = model(parameters={"beta": Float(0, 1)}, outputs=["x"], scenarios={"s": ScenarioSpec("s", param_patches={"beta": 0.5})})(f)
    assert simulate(one, {"beta": numpy.float32(0.25)}, numpy.int64(1))["x"]["y"].tolist() == [0.25]
    assert simulate(one, {"beta": numpy.int64(1)}, 1, "s")["x"]["y"].tolist() == [0.5]
