import type { Program } from '@modelops/cli-kit';
import { jobsCommands } from './commands/jobs-commands.ts';
import { resultsCommands } from './commands/results-commands.ts';
import { storeCommands } from './commands/store-commands.ts';
import type { MopsDeps } from './deps.ts';
import { infraCommands } from './infra/index.ts';

/** What `mops` is made of; a command is loaded when it is run. */
export const mops: Program<MopsDeps> = {
  name: 'mops',
  summary: 'Bind a study to a bundle, run it, and ask about its results',
  version: '0.1.0',
  groups: {
    jobs: 'Submit, watch, validate and resume jobs',
    results: 'Ask about losses and results',
    store: 'Check, measure, tidy and let go of what the store holds',
    env: 'Show the environments that exist',
    infra: 'Make what an environment needs',
  },
  commands: [...jobsCommands, ...resultsCommands, ...storeCommands, ...infraCommands],
};
