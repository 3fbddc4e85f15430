import type { LazyCommand } from '@modelops/cli-kit';
import type { MopsDeps } from '../deps.ts';

/** `mops report` and `mops watch`, each loaded only when it runs. */
export const reportCommands: readonly LazyCommand<MopsDeps>[] = [
  {
    name: 'report',
    summary: 'Write the results of jobs to one self-contained HTML file',
    load: async () => (await import('./report.ts')).report,
  },
  {
    name: 'watch',
    summary: 'Show jobs live: tasks, rate, workers, failures and the best loss so far',
    load: async () => (await import('./watch.ts')).watch,
  },
];
