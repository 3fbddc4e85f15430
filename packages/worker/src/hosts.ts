// Reading what a model says of itself, for the tools that design experiments.
// Never runs a simulation.
export { describeModel } from '@modelops/bundle';
