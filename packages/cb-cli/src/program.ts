import type { Program } from '@modelops/cli-kit';
import type { CbDeps } from './deps.ts';
import { version } from './version.ts';

/** The program `cb`. */
export const cb: Program<CbDeps> = {
  name: 'cb',
  summary: "Design experiments: choose the points of a model's parameter space at which to run it",
  version,
  groups: {
    sampling: 'Write a study of points of a parameter space',
    models: 'Show what models declare',
    study: 'Show, check and change studies',
    diagnostics: 'Report on a table of losses',
  },
  commands: [
    {
      name: 'sampling sobol',
      summary: 'Design a study by a scrambled Sobol sequence',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/sobol.ts')).sobol),
    },
    {
      name: 'sampling halton',
      summary: 'Design a study by a scrambled Halton sequence',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/halton.ts')).halton),
    },
    {
      name: 'sampling lhs',
      summary: 'Design a study by a Latin hypercube',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/lhs.ts')).lhs),
    },
    {
      name: 'sampling sliced-lhs',
      summary: 'Design a study by a Latin hypercube in slices',
      load: async () =>
        (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/sliced-lhs.ts')).slicedLhs),
    },
    {
      name: 'sampling random',
      summary: 'Design a study by independent random draws',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/random.ts')).random),
    },
    {
      name: 'sampling grid',
      summary: 'Design a study by every combination of evenly spaced values',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/grid.ts')).grid),
    },
    {
      name: 'sampling morris',
      summary: 'Design a study by trajectories for screening',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/morris.ts')).morris),
    },
    {
      name: 'sampling saltelli',
      summary: 'Design a study by the samples of variance-based sensitivity indices',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/saltelli.ts')).saltelli),
    },
    {
      name: 'sampling fast',
      summary: 'Design a study by curves for Fourier sensitivity indices',
      load: async () => (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/fast.ts')).fast),
    },
    {
      name: 'sampling one-at-a-time',
      summary: 'Design a study by changes of one parameter at a time',
      load: async () =>
        (await import('./sampling/sampling-command.ts')).samplingCommand((await import('./designs/one-at-a-time.ts')).oneAtATime),
    },
    {
      name: 'sampling from',
      summary: 'Design a study of the rows of a table',
      load: async () => (await import('./commands/sampling-from.ts')).samplingFrom,
    },
    {
      name: 'sampling manual',
      summary: 'Design a study of one set of typed values',
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
      summary: 'Check a study, and that it fits its model',
      load: async () => (await import('./commands/study-validate.ts')).studyValidate,
    },
    {
      name: 'study extend',
      summary: 'Add samples or replicates and keep every point and seed',
      load: async () => (await import('./commands/study-extend.ts')).studyExtend,
    },
    {
      name: 'study merge',
      summary: 'Join the parameter sets of studies',
      load: async () => (await import('./commands/study-merge.ts')).studyMerge,
    },
    {
      name: 'study split',
      summary: 'Divide the parameter sets into several studies',
      load: async () => (await import('./commands/study-split.ts')).studySplit,
    },
    {
      name: 'study migrate',
      summary: 'Rewrite a study or job of an older version',
      load: async () => (await import('./commands/study-migrate.ts')).studyMigrate,
    },
    {
      name: 'study points',
      summary: 'Print the parameter sets as a table',
      load: async () => (await import('./commands/study-points.ts')).studyPointsCommand,
    },
    {
      name: 'sensitivity',
      summary: 'Show how much each parameter matters to a result',
      load: async () => (await import('./commands/sensitivity.ts')).sensitivity,
    },
    {
      name: 'diagnostics report',
      summary: 'Write a page that shows the losses of a table: one HTML file to send',
      load: async () => (await import('./commands/diagnostics-report.ts')).diagnosticsReport,
    },
  ],
};
