import { type Command, listCommands, type Program } from '@modelops/cli-kit';
import type { CbDeps } from './deps.ts';
import type { Design, Settings } from './designs/design.ts';
import { version } from './version.ts';

/** The module of a design's command. */
function designBy<O extends Settings, S extends Settings>(load: () => Promise<Design<O, S>>): () => Promise<{ command: Command<CbDeps> }> {
  return async () => ({ command: (await import('./sampling/sampling-command.ts')).samplingCommand(await load()) });
}

const sampling = listCommands<CbDeps>('sampling', {
  sobol: ['Design a study with a scrambled Sobol sequence', designBy(async () => (await import('./designs/sobol.ts')).sobol)],
  halton: ['Design a study with a scrambled Halton sequence', designBy(async () => (await import('./designs/halton.ts')).halton)],
  lhs: ['Design a study with a Latin hypercube', designBy(async () => (await import('./designs/lhs.ts')).lhs)],
  'sliced-lhs': ['Design a study with a sliced Latin hypercube', designBy(async () => (await import('./designs/sliced-lhs.ts')).slicedLhs)],
  random: ['Design a study with independent random draws', designBy(async () => (await import('./designs/random.ts')).random)],
  grid: ['Design a study with every combination of evenly spaced values', designBy(async () => (await import('./designs/grid.ts')).grid)],
  morris: ['Design a study with trajectories for screening', designBy(async () => (await import('./designs/morris.ts')).morris)],
  saltelli: [
    'Design a study for variance-based sensitivity indices',
    designBy(async () => (await import('./designs/saltelli.ts')).saltelli),
  ],
  fast: ['Design a study for Fourier sensitivity indices', designBy(async () => (await import('./designs/fast.ts')).fast)],
  'one-at-a-time': [
    'Design a study that changes one parameter at a time',
    designBy(async () => (await import('./designs/one-at-a-time.ts')).oneAtATime),
  ],
  from: ['Design a study from the rows of a table', () => import('./commands/sampling-from.ts')],
  manual: ['Design a study of one set of given values', () => import('./commands/sampling-manual.ts')],
});

const models = listCommands<CbDeps>('models', {
  list: ['List the registered models', () => import('./commands/models-list.ts')],
  show: ['Show the parameters, scenarios, outputs and targets of a model', () => import('./commands/models-show.ts')],
});

const study = listCommands<CbDeps>('study', {
  show: ['Show the design, parameters and counts of a study', () => import('./commands/study-show.ts')],
  validate: ['Check a study against its format and its model', () => import('./commands/study-validate.ts')],
  extend: ['Add samples or replicates to a study, keeping every point and seed', () => import('./commands/study-extend.ts')],
  merge: ['Merge the parameter sets of studies', () => import('./commands/study-merge.ts')],
  split: ['Split the parameter sets of a study into several studies', () => import('./commands/study-split.ts')],
  migrate: ['Rewrite a study or job of an older version', () => import('./commands/study-migrate.ts')],
  points: ['Print the parameter sets of a study as a table', () => import('./commands/study-points.ts')],
});

const analysis = listCommands<CbDeps>('', {
  sensitivity: ['Show how much each parameter matters to a result', () => import('./commands/sensitivity.ts')],
  'diagnostics report': ['Write a report of a table of losses as one HTML file', () => import('./commands/diagnostics-report.ts')],
});

/** The program `cb`. */
export const cb: Program<CbDeps> = {
  name: 'cb',
  summary: "Design experiments: choose the points of a model's parameter space at which to run it",
  version,
  groups: {
    sampling: 'Design a study: choose points of a parameter space',
    models: 'Show what models declare',
    study: 'Show, check and change studies',
    diagnostics: 'Report on a table of losses',
  },
  commands: [...sampling, ...models, ...study, ...analysis],
};
