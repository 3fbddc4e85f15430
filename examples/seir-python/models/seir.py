"""A stochastic SEIR epidemic in daily steps: the same model as examples/seir-ts, with only the standard library."""

import math
import random

from modelops import Float, model

from .binomial import binomial

POPULATION = 100_000
FIRST_INFECTED = 100
DAYS = 60
#: People are exposed for four days on average before they are infectious.
ONSET_RATE = 1 / 4


@model(
    parameters={
        # New infections per day caused by one infectious person while all others are susceptible.
        "beta": Float(0.1, 2),
        # Rate at which infectious people recover, per day.
        "gamma": Float(0.05, 0.5),
    },
    scenarios={"lockdown": {"beta": 0.3}},
    outputs=["prevalence"],
)
def stochastic_seir(beta, gamma, *, seed):
    """Each day every person moves to the next state with a probability given by the day's rates, independently of the others."""
    rng = random.Random(seed)
    becomes_infectious = 1 - math.exp(-ONSET_RATE)
    recovers = 1 - math.exp(-gamma)
    susceptible, exposed, infectious = POPULATION - FIRST_INFECTED, 0, FIRST_INFECTED
    infected = []
    for _ in range(DAYS):
        infected.append(float(infectious))
        exposures = binomial(rng, susceptible, 1 - math.exp(-beta * infectious / POPULATION))
        onsets = binomial(rng, exposed, becomes_infectious)
        recoveries = binomial(rng, infectious, recovers)
        susceptible -= exposures
        exposed += exposures - onsets
        infectious += onsets - recoveries
    return {"prevalence": {"day": range(DAYS), "infected": infected}}
