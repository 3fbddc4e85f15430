// Reading what a model says of itself, for the tools that design experiments.
// Never runs a simulation.
export { describeModel } from '@modelops/bundle/describe'; // alone: registries and their libraries stay out of cb
