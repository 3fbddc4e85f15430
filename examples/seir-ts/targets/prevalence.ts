import { defineTarget, meanSignalMse } from '@modelops/sdk';

/** How far the mean epidemic is from the observed one: mean squared difference of people infectious, day by day. */
export const prevalence = defineTarget({
  output: 'prevalence',
  data: 'data/observed.csv',
  join: ['day'],
  value: 'infected',
  evaluator: meanSignalMse(),
});
