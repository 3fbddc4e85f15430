# A stochastic SEIR epidemic in daily steps (a chain binomial): each day every susceptible, exposed or infectious person
# moves to the next state with a probability given by the day's rates, independently of the others.
#   awk -f seir.awk -v beta=0.8 -v gamma=0.2 -v seed=1      writes prevalence.csv

# The minimal standard generator of Park and Miller (1988): awk's own rand() differs between implementations.
function uniform() {
  state = (16807 * state) % 2147483647
  return state / 2147483647
}

function binomial(n, p,    i, successes) {
  successes = 0
  for (i = 0; i < n; i++) if (uniform() < p) successes++
  return successes
}

BEGIN {
  population = 500; infectious = 5; exposed = 0
  susceptible = population - infectious
  becomes_infectious = 1 - exp(-1 / 4)   # people are exposed for four days on average
  recovers = 1 - exp(-gamma)
  state = seed % 2147483646 + 1
  for (i = 0; i < 10; i++) uniform()     # the first numbers of close seeds are close
  print "day,infected" > "prevalence.csv"
  for (day = 0; day < 60; day++) {
    print day "," infectious > "prevalence.csv"
    exposures = binomial(susceptible, 1 - exp(-beta * infectious / population))
    onsets = binomial(exposed, becomes_infectious)
    recoveries = binomial(infectious, recovers)
    susceptible -= exposures
    exposed += exposures - onsets
    infectious += onsets - recoveries
  }
}
