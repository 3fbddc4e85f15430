import random

import pytest

from modelops import (
    BaseModel,
    ConfigSpec,
    ConfigurationSet,
    ConfigurationSpace,
    ModelError,
    ParameterSet,
    ParameterSpace,
    ParameterSpec,
    ScenarioSpec,
    compose_scenarios,
    model_output,
    model_scenario,
    simulate,
)
from modelops.class_model import ClassModel

SPACE = ParameterSpace([ParameterSpec("beta", 0.0, 1.0), ParameterSpec("n", 0, 10, "int")])


class Decay(BaseModel):
    PARAMS = SPACE
    CONFIG = ConfigurationSpace([ConfigSpec("step", 1.0), ConfigSpec("mode", "slow")])

    def build_sim(self, params, config):
        return {"beta": params["beta"], "n": params["n"], **config.to_dict()}

    def run_sim(self, state, seed):
        rng = random.Random(seed)
        return {**state, "draws": [state["beta"] * rng.random() for _ in range(state["n"])]}

    @model_output("curve")
    def curve(self, raw, seed):
        return {"day": range(raw["n"]), "x": raw["draws"]}

    @model_output("seen", metadata={"unit": "1"})
    def seen(self, raw, seed):
        return {"beta": [raw["beta"]], "step": [raw["step"]], "mode": [raw["mode"]]}

    @model_scenario("lockdown")
    def lockdown(self):
        return ScenarioSpec("lockdown", param_patches={"beta": 0.25}, config_patches={"mode": "fast"})


def parameters(**values):
    return ParameterSet(SPACE, {"beta": 0.5, "n": 2, **values})


def test_a_class_runs_as_the_function_form_does_and_scenarios_apply():
    draws = [random.Random(7).random()]
    assert simulate(Decay, {"beta": 1, "n": 1}, 7)["curve"]["x"] == pytest.approx(draws)
    in_lockdown = simulate(Decay, {"beta": 1, "n": 1}, 7, "lockdown", outputs=["seen"])
    assert in_lockdown == {"seen": {"beta": [0.25], "step": [1.0], "mode": ["fast"]}}
    assert simulate(Decay, {"beta": 1, "n": 1}, 7, config={"step": 0.5}, outputs=["seen"])["seen"]["step"] == [0.5]


def test_describes_itself():
    assert ClassModel(Decay).describe() == {
        "parameters": [
            {"name": "beta", "kind": "float", "min": 0.0, "max": 1.0, "scale": "linear"},
            {"name": "n", "kind": "int", "min": 0, "max": 10, "scale": "linear"},
        ],
        "scenarios": ["baseline", "lockdown"],
        "outputs": ["curve", "seen"],
        "behaviour": 1,
        "fixed": {"lockdown": {"beta": 0.25}},
    }


def test_simulate_adds_the_seed_to_every_output():
    outputs = Decay().simulate(parameters(), seed=2**63)
    assert outputs["curve"]["seed"] == [2**63, 2**63]
    assert Decay().simulate_scenario("lockdown", parameters(), 1)["seen"]["beta"] == [0.25]
    with pytest.raises(ValueError, match=r"Unknown scenario: nope. Available: \['baseline', 'lockdown'\]"):
        Decay().simulate_scenario("nope", parameters(), 1)
    with pytest.raises(TypeError, match=r"simulate\(\) requires ParameterSet, got dict"):
        Decay().simulate({"beta": 1, "n": 1}, 1)
    with pytest.raises(ValueError, match="different parameter space"):
        Decay().simulate(ParameterSet(ParameterSpace(SPACE.specs), {"beta": 1, "n": 1}), 1)


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_extractors_return_data_frames(library):
    module = pytest.importorskip(library)

    class Framed(Decay):
        @model_output("curve")
        def curve(self, raw, seed):
            return module.DataFrame({"day": list(range(raw["n"])), "x": raw["draws"]})

    assert list(Framed().simulate(parameters(), 2**64 - 1)["curve"]["seed"]) == [2**64 - 1] * 2
    assert list(simulate(Framed, {"beta": 1, "n": 1}, 7)["curve"]["x"]) == list(simulate(Decay, {"beta": 1, "n": 1}, 7)["curve"]["x"])


def test_configuration_is_the_base_configuration_and_what_is_given():
    base = ConfigurationSet.from_defaults(Decay.CONFIG, mode="base")
    model = Decay(base_config=base)
    assert model.simulate(parameters(), 1)["seen"]["mode"] == ["base"]
    assert model.simulate(parameters(), 1, config={"step": 3})["seen"] == {"beta": [0.5], "step": [3], "mode": ["base"], "seed": [1]}
    assert model.simulate(parameters(), 1, ConfigurationSet(Decay.CONFIG, {"step": 9, "mode": "all"}))["seen"]["step"] == [9]
    with pytest.raises(ValueError, match="not both"):
        model.simulate(parameters(), 1, {}, {})
    with pytest.raises(ValueError, match=r"Unknown configurations: \['stepp'\]. Available: \['mode', 'step'\]"):
        model.simulate(parameters(), 1, {"stepp": 1})
    with pytest.raises(ValueError, match="another space than Decay.CONFIG"):
        Decay(base_config=ConfigurationSet(ConfigurationSpace([]), {}))


def test_the_older_form_with_classmethods_runs():
    class Older(Decay):
        @classmethod
        def parameter_space(cls):
            return ParameterSpace([ParameterSpec("beta", 0.0, 1.0), ParameterSpec("n", 1, 3, "int")])

        @classmethod
        def config_space(cls):
            return ConfigurationSpace([ConfigSpec("step", 0.1), ConfigSpec("mode", "older")])

        def __init__(self, space=None, config_space=None, base_config=None):
            super().__init__(space or self.parameter_space(), config_space or Older.config_space(), base_config)

    assert simulate(Older, {"beta": 1, "n": 1}, 7, outputs=["seen"]) == {"seen": {"beta": [1.0], "step": [0.1], "mode": ["older"]}}
    assert [one["max"] for one in ClassModel(Older).describe()["parameters"]] == [1.0, 3]


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ({"PARAMS": None}, TypeError, "Bad.PARAMS must be set to a ParameterSpace"),
        ({"PARAMS": [1]}, TypeError, "Bad.PARAMS must be a ParameterSpace, got list"),
        ({"PARAMS": SPACE, "CONFIG": 5}, TypeError, "Bad.CONFIG must be a ConfigurationSpace, got int"),
    ],
)
def test_a_class_without_its_spaces_is_refused_where_it_is_defined(body, error, message):
    with pytest.raises(error, match=message):
        type("Bad", (BaseModel,), body)


def complete(**body):
    methods = {"PARAMS": SPACE, "build_sim": lambda self, params, config: params, "run_sim": lambda self, state, seed: state}
    output = model_output("x")(lambda self, raw, seed: {"y": [1]})
    return type("Bad", (BaseModel,), {**methods, "x": output, **body})


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (type("Bad", (BaseModel,), {"PARAMS": SPACE, "build_sim": lambda self, params, config: 1}), "class Bad does not define run_sim"),
        (complete(CONSTRAINT=lambda sigma: True), "constraint: takes sigma, which is not a parameter"),
        (complete(x=None), "outputs: the model has none"),
        (complete(PARAMS=ParameterSpace([])), "parameters: the model has none: list them in PARAMS"),
        (complete(__init__=lambda self, size: None), "class Bad cannot be constructed without size"),
        (
            complete(s=model_scenario("s")(lambda self: ScenarioSpec("s", param_patches={"betta": 1}))),
            "Scenario 's' references unknown parameter: betta. Available: ['beta', 'n']",
        ),
        (
            complete(s=model_scenario("s")(lambda self: ScenarioSpec("s", param_patches={"n": 11}))),
            "Scenario 's' invalid value for n: Parameter n=11 outside bounds [0, 10]",
        ),
        (
            complete(s=model_scenario("s")(lambda self: ScenarioSpec("s", config_patches={"x": 1}))),
            "Scenario 's' invalid config patch: Unknown configurations: ['x']",
        ),
        (complete(s=model_scenario("Bad Name")(lambda self: ScenarioSpec("Bad Name"))), "scenarios: invalid name 'Bad Name'"),
    ],
)
def test_an_incomplete_class_is_one_error_before_any_task(cls, message):
    with pytest.raises(ModelError) as caught:
        ClassModel(cls)
    assert message in str(caught.value)


def test_a_constraint_of_the_class_is_described_and_decides_which_sets_a_design_holds():
    definition = ClassModel(complete(CONSTRAINT=lambda beta, n: beta * n < 1))
    assert definition.describe()["constrained"] is True
    assert [definition.allows({"beta": 0.5, "n": n}) for n in (1, 2)] == [True, False]
    assert "constrained" not in ClassModel(complete()).describe()


def test_marks_check_the_arguments_of_methods():
    with pytest.raises(TypeError, match=r"The method of output 'x' must have the arguments \(self, raw, seed\), got \(self, raw\)"):
        model_output("x")(lambda self, raw: None)
    with pytest.raises(TypeError, match=r"must have the arguments \(self\)"):
        model_scenario("x")(lambda me: None)
    with pytest.raises(ValueError, match="The method of scenario 's' returned the scenario 't'"):
        complete(s=model_scenario("s")(lambda self: ScenarioSpec("t")))()


@pytest.mark.parametrize(("table", "error"), [({"seed": [1]}, ValueError), (5, TypeError), (None, TypeError)])
def test_an_extractor_returns_a_table_without_a_seed(table, error):
    bad = complete(x=model_output("x")(lambda self, raw, seed: table))
    with pytest.raises(error, match="Output extractor 'x' must"):
        bad().simulate(parameters(), 1)
    with pytest.raises(ModelError):
        simulate(bad, {"beta": 0.5, "n": 2}, 1)


def test_scenarios_can_be_added_by_code_before_the_first_use():
    class Sweeping(Decay):
        def setup_scenarios(self):
            for level in (1, 2):
                self.add_scenario(ScenarioSpec(f"level-{level}", param_patches={"n": level}))

    model = Sweeping()
    assert model.list_scenarios() == ["baseline", "level-1", "level-2", "lockdown"]
    assert model.get_scenario("level-2").param_patches == {"n": 2}
    with pytest.raises(RuntimeError, match="after the first use"):
        model.add_scenario(ScenarioSpec("late"))


def test_composition_of_scenarios():
    config = ConfigurationSet.from_defaults(Decay.CONFIG)
    first = ScenarioSpec("first", param_patches={"beta": 0.1}, config_patches={"mode": "a"})
    second = ScenarioSpec("second", param_patches={"beta": 0.2}, config_patches={"mode": "b"})
    params, settings, sources = compose_scenarios([first, second], parameters(), config)
    assert (params["beta"], settings["mode"], sources) == (0.2, "b", {"beta": "second"})
    strict = ScenarioSpec("second", param_patches={"beta": 0.2}, conflict_policy="strict")
    with pytest.raises(ValueError, match="Parameter 'beta' set by multiple scenarios: first and second. Use conflict_policy='lww' or add"):
        compose_scenarios([first, strict], parameters(), config)
    compose_scenarios([first, ScenarioSpec("s", "", {"beta": 0.2}, {}, "strict", ("beta",))], parameters(), config)


def test_a_builder_makes_a_simulator_over_the_free_parameters():
    builder = Decay().builder("lockdown")
    simulator = builder.fix(n=1).with_transforms(beta="logit").build()
    assert (simulator.dim, simulator.free_param_names) == (1, ("beta",))
    assert simulator([0.0], seed=3)["seen"]["beta"] == [0.25]
    assert Decay().builder().fix(n=1).build()([0.5], 3)["seen"]["beta"] == [0.5]
    assert [list(row) for row in Decay().builder().build().bounds()] == [[0, 1], [0, 10]]
    with pytest.raises(ValueError, match="Unknown transform 'x'. Available: identity, log, logit"):
        builder.with_transforms(beta="x")
    with pytest.raises(ValueError, match="Unknown scenario 'nope'"):
        Decay().builder("nope").build()
    with pytest.raises(ValueError, match=r"not free: \['n'\]"):
        builder.fix(n=1).with_transforms(n="log").build()
