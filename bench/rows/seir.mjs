import { timeJob } from '../project.mjs';
import { repeat } from '../timing.mjs';

export function measure() {
  const design = { sets: 1000, replicates: 20, targets: ['targets/prevalence.ts:prevalence'] };
  const seconds = repeat(3, () => timeJob(undefined, 'models/seir.ts:StochasticSEIR', design));
  return [{ what: '20,000 SEIR simulations, submit to losses', value: seconds, unit: 's', aim: 'at most 3.5, then 2.5', beside: '' }];
}
