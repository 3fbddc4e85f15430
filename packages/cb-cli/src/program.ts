import type { Program } from '@modelops/cli-kit';
import type { CbDeps } from './deps.ts';
import { version } from './version.ts';

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
  commands: [
    {
      name: 'sampling sobol',
      summary: 'Design a study with a scrambled Sobol sequence',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/sobol.ts')).sobol),
    },
    {
      name: 'sampling halton',
      summary: 'Design a study with a scrambled Halton sequence',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/halton.ts')).halton),
    },
    {
      name: 'sampling lhs',
      summary: 'Design a study with a Latin hypercube',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/lhs.ts')).lhs),
    },
    {
      name: 'sampling sliced-lhs',
      summary: 'Design a study with a sliced Latin hypercube',
      load: async () =>
        (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/sliced-lhs.ts')).slicedLhs),
    },
    {
      name: 'sampling random',
      summary: 'Design a study with independent random draws',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/random.ts')).random),
    },
    {
      name: 'sampling grid',
      summary: 'Design a study with every combination of evenly spaced values',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/grid.ts')).grid),
    },
    {
      name: 'sampling morris',
      summary: 'Design a study with trajectories for screening',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/morris.ts')).morris),
    },
    {
      name: 'sampling saltelli',
      summary: 'Design a study for variance-based sensitivity indices',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/saltelli.ts')).saltelli),
    },
    {
      name: 'sampling fast',
      summary: 'Design a study for Fourier sensitivity indices',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/fast.ts')).fast),
    },
    {
      name: 'sampling one-at-a-time',
      summary: 'Design a study that changes one parameter at a time',
      load: async () =>
        (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/one-at-a-time.ts')).oneAtATime),
    },
    {
      name: 'sampling from',
      summary: 'Design a study from the rows of a table',
      load: async () => (await import('./commands/sampling-from.ts')).samplingFrom,
    },
    {
      name: 'sampling manual',
      summary: 'Design a study of one set of given values',
      load: async () => (await import('./commands/sampling-manual.ts')).samplingManual,
    },
    {
      name: 'models list',
      summary: 'List the registered models',
      load: async () => (await import('./commands/models-list.ts')).modelsList,
    },
    {
      name: 'models show',
      summary: 'Show the parameters, scenarios, outputs and targets of a model',
      load: async () => (await import('./commands/models-show.ts')).modelsShow,
    },
    {
      name: 'study show',
      summary: 'Show the design, parameters and counts of a study',
      load: async () => (await import('./commands/study-show.ts')).studyShow,
    },
    {
      name: 'study validate',
      summary: 'Check a study against its format and its model',
      load: async () => (await import('./commands/study-validate.ts')).studyValidate,
    },
    {
      name: 'study extend',
      summary: 'Add samples or replicates to a study, keeping every point and seed',
      load: async () => (await import('./commands/study-extend.ts')).studyExtend,
    },
    {
      name: 'study merge',
      summary: 'Merge the parameter sets of studies',
      load: async () => (await import('./commands/study-merge.ts')).studyMerge,
    },
    {
      name: 'study split',
      summary: 'Split the parameter sets of a study into several studies',
      load: async () => (await import('./commands/study-split.ts')).studySplit,
    },
    {
      name: 'study migrate',
      summary: 'Rewrite a study or job of an older version',
      load: async () => (await import('./commands/study-migrate.ts')).studyMigrate,
    },
    {
      name: 'study points',
      summary: 'Print the parameter sets of a study as a table',
      load: async () => (await import('./commands/study-points.ts')).studyPointsCommand,
    },
    {
      name: 'sensitivity',
      summary: 'Show how much each parameter matters to a result',
      load: async () => (await import('./commands/sensitivity.ts')).sensitivity,
    },
    {
      name: 'diagnostics report',
      summary: 'Write a report of a table of losses as one HTML file',
      load: async () => (await import('./commands/diagnostics-report.ts')).diagnosticsReport,
    },
  ],
};
