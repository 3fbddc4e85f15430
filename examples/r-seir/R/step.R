# One day of the epidemic: how many people move from each state to the next.
step <- function(state, beta, gamma, population) {
  exposures <- rbinom(1, state$susceptible, 1 - exp(-beta * state$infectious / population))
  onsets <- rbinom(1, state$exposed, 1 - exp(-1 / 4))  # people are exposed for four days on average
  recoveries <- rbinom(1, state$infectious, 1 - exp(-gamma))
  list(
    susceptible = state$susceptible - exposures,
    exposed = state$exposed + exposures - onsets,
    infectious = state$infectious + onsets - recoveries
  )
}
