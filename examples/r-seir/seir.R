# A stochastic SEIR epidemic in daily steps (a chain binomial).
source("parameters.R")
source("R/step.R")

days <- 60
population <- 100000
set.seed(seed %% .Machine$integer.max)  # seeds have 32 bits, set.seed takes 31

state <- list(susceptible = population - 100, exposed = 0, infectious = 100)
infected <- numeric(days)
for (day in seq_len(days)) {
  infected[day] <- state$infectious
  state <- step(state, beta, gamma, population)
}
write.csv(data.frame(day = seq_len(days) - 1L, infected = infected), "prevalence.csv", row.names = FALSE)
