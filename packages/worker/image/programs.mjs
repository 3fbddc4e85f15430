import { fileURLToPath } from 'node:url';

const src = (pkg, file) => fileURLToPath(new URL(`../../${pkg}/src/${file}`, import.meta.url));

/** The processes that run compiled JavaScript models and commands. */
export const modelHosts = {
  'node-host': src('model-host', 'hosts/node/node-host.ts'),
  'command-host': src('model-host', 'hosts/command/command-host.ts'),
};

/** The worker and the programs that it starts: by name, their source files. */
export const workerPrograms = {
  'mops-worker': src('worker', 'main.ts'),
  ...modelHosts,
  'task-ids-thread': src('worker', 'task-ids-thread.ts'),
};
