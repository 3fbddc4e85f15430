"""An SIR epidemic on a random network, by Starsim."""

import starsim as ss
from modelops import Float, model

DAYS = 60
PEOPLE = 1000


@model(
    parameters={
        "beta": Float(0.01, 0.3, unit="1/day", description="probability of transmission by a contact in a day"),
        "n_contacts": Float(2, 12, description="mean number of contacts of a person"),
    },
    scenarios={"distancing": {"n_contacts": 3}},
    outputs=["prevalence", "attack_rate"],
)
def sir(beta, n_contacts, *, seed):
    sim = ss.Sim(
        n_agents=PEOPLE,
        dur=ss.days(DAYS),
        dt=ss.days(1),
        diseases=ss.SIR(beta=ss.perday(beta), init_prev=ss.bernoulli(0.01), dur_inf=ss.lognorm_ex(mean=ss.days(7)), p_death=ss.bernoulli(0)),
        networks=ss.RandomNet(n_contacts=ss.poisson(n_contacts)),
        rand_seed=seed,
        verbose=0,
    ).run()
    epidemic = sim.results.sir
    return {
        "prevalence": {"day": range(DAYS + 1), "infected": epidemic.n_infected.values},
        "attack_rate": {"share": [1 - epidemic.n_susceptible.values[-1] / PEOPLE]},
    }
