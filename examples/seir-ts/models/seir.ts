import { defineModel, float } from '@modelops/sdk';

const POPULATION = 100_000;
const FIRST_INFECTED = 100;
const DAYS = 60;
/** People are exposed for four days on average before they are infectious. */
const ONSET_RATE = 1 / 4;

/**
 * A stochastic SEIR epidemic in daily steps (a chain binomial): each day every susceptible, exposed or
 * infectious person moves to the next state with a probability given by the day's rates, independently of the others.
 */
export const StochasticSEIR = defineModel({
  parameters: {
    /** New infections per day caused by one infectious person while all others are susceptible. */
    beta: float(0.1, 2),
    /** Rate at which infectious people recover, per day. */
    gamma: float(0.05, 0.5),
  },
  scenarios: {
    baseline: {},
    lockdown: { params: { beta: 0.3 } },
  },
  outputs: ['prevalence'],
  simulate: ({ beta, gamma }, { rng }) => {
    const day = new Int32Array(DAYS);
    const infected = new Float64Array(DAYS);
    const becomesInfectious = 1 - Math.exp(-ONSET_RATE);
    const recovers = 1 - Math.exp(-gamma);
    let susceptible = POPULATION - FIRST_INFECTED;
    let exposed = 0;
    let infectious = FIRST_INFECTED;
    for (let today = 0; today < DAYS; today++) {
      day[today] = today;
      infected[today] = infectious;
      const exposures = rng.binomial(susceptible, 1 - Math.exp((-beta * infectious) / POPULATION));
      const onsets = rng.binomial(exposed, becomesInfectious);
      const recoveries = rng.binomial(infectious, recovers);
      susceptible -= exposures;
      exposed += exposures - onsets;
      infectious += onsets - recoveries;
    }
    return { prevalence: { day, infected } };
  },
});
