import type { Program } from '@modelops/cli-kit';
import { checkCommands } from './commands/check-commands.ts';
import { jobsCommands } from './commands/jobs-commands.ts';
import { reportCommands } from './commands/report-commands.ts';
import { resultsCommands } from './commands/results-commands.ts';
import { storeCommands } from './commands/store-commands.ts';
import type { MopsDeps } from './deps.ts';
import { infraCommands } from './infra/index.ts';
import { version } from './version.ts';

/** The program `mops`; a command is loaded only when it runs. */
export const mops: Program<MopsDeps> = {
  name: 'mops',
  summary: 'Bind a study to a bundle, run it, and query its results',
  version,
  groups: {
    jobs: 'Submit, watch, validate and resume jobs',
    results: 'Query losses and results',
    store: 'Check, measure and clean the store',
    env: 'Show environments',
    infra: 'Create what an environment needs',
  },
  commands: [...jobsCommands, ...checkCommands, ...reportCommands, ...resultsCommands, ...storeCommands, ...infraCommands],
};
