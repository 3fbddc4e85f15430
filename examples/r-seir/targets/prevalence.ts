import { defineTarget, meanSignalMse } from '@modelops/sdk';

/** Mean squared difference between the mean simulated and the observed number of infectious people, over the days. */
export const prevalence = defineTarget({
  output: 'prevalence',
  data: 'data/observed.csv',
  join: ['day'],
  value: 'infected',
  evaluator: meanSignalMse(),
});
