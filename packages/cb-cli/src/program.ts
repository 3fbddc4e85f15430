import type { Program } from '@modelops/cli-kit';
import type { CbDeps } from './deps.ts';
import { version } from './version.ts';

/** The program `cb`. */
export const cb: Program<CbDeps> = {
  name: 'cb',
  summary: 'Design experiments: choose the points of a model’s parameter space at which to run it',
  version,
  groups: { sampling: 'Write a study of points of a parameter space' },
  commands: [
    {
      name: 'sampling sobol',
      summary: 'Design a study by a scrambled Sobol sequence',
      load: async () => (await import('./commands/sampling-sobol.ts')).samplingSobol,
    },
    {
      name: 'sampling grid',
      summary: 'Design a study by every combination of evenly spaced values',
      load: async () => (await import('./commands/sampling-grid.ts')).samplingGrid,
    },
  ],
};
