"""A stochastic SEIR epidemic, in the class form."""

import numpy as np
import polars as pl
from modelops import (
    BaseModel,
    ConfigSpec,
    ConfigurationSet,
    ConfigurationSpace,
    ParameterSet,
    ParameterSpace,
    ParameterSpec,
    ScenarioSpec,
    model_output,
    model_scenario,
)


class StochasticSEIR(BaseModel):
    """Susceptible, exposed, infectious and recovered people in small time steps, with Poisson transitions."""

    PARAMS = ParameterSpace(
        [
            ParameterSpec("beta", 0.1, 2.0, doc="new infections per day caused by one infectious person"),
            ParameterSpec("gamma", 0.05, 0.5, doc="rate of recovery per day"),
            ParameterSpec("initial_infected", 1, 100, kind="int", doc="infectious people on day 0"),
        ]
    )
    CONFIG = ConfigurationSpace(
        [
            ConfigSpec("population", 10_000),
            ConfigSpec("days", 90),
            ConfigSpec("steps_a_day", 4),
            ConfigSpec("onset_rate", 0.25, doc="1 / mean days from exposure to being infectious"),
            ConfigSpec("contact_factor", 1.0, doc="share of contacts that take place"),
        ]
    )

    def build_sim(self, params: ParameterSet, config: ConfigurationSet) -> dict:
        infected = params["initial_infected"]
        return {
            "beta": params["beta"] * config["contact_factor"],
            "gamma": params["gamma"],
            "sigma": config["onset_rate"],
            "compartments": np.array([config["population"] - infected, 0, infected, 0]),
            "days": config["days"],
            "steps": config["steps_a_day"],
        }

    def run_sim(self, state: dict, seed: int) -> dict:
        rng = np.random.default_rng(seed)
        s, e, i, r = (int(people) for people in state["compartments"])
        population = s + e + i + r
        step = 1 / state["steps"]
        history, incidence = [(s, e, i, r)], [0]
        for _ in range(state["days"]):
            new_cases = 0
            for _ in range(state["steps"]):
                exposed = min(s, rng.poisson(state["beta"] * s * i / population * step))
                onsets = min(e, rng.poisson(state["sigma"] * e * step))
                recovered = min(i, rng.poisson(state["gamma"] * i * step))
                s, e, i, r = s - exposed, e + exposed - onsets, i + onsets - recovered, r + recovered
                new_cases += onsets
            history.append((s, e, i, r))
            incidence.append(new_cases)
        return {"history": np.array(history), "incidence": np.array(incidence), "population": population}

    @model_output("prevalence")
    def prevalence(self, raw: dict, seed: int) -> pl.DataFrame:
        return pl.DataFrame({"day": np.arange(len(raw["history"])), "infected": raw["history"][:, 2]})

    @model_output("incidence")
    def incidence(self, raw: dict, seed: int) -> pl.DataFrame:
        return pl.DataFrame({"day": np.arange(len(raw["incidence"])), "cases": raw["incidence"]})

    @model_output("summary")
    def summary(self, raw: dict, seed: int) -> pl.DataFrame:
        infected = raw["history"][:, 2]
        attack_rate = 1 - raw["history"][-1, 0] / raw["population"]
        return pl.DataFrame({"peak_day": [int(infected.argmax())], "peak": [int(infected.max())], "attack_rate": [float(attack_rate)]})

    @model_scenario("lockdown")
    def lockdown(self) -> ScenarioSpec:
        return ScenarioSpec("lockdown", doc="Half of all contacts", config_patches={"contact_factor": 0.5})

    @model_scenario("slow-recovery")
    def slow_recovery(self) -> ScenarioSpec:
        return ScenarioSpec("slow-recovery", doc="Two weeks until recovery", param_patches={"gamma": 1 / 14})
