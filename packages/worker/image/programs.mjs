import { fileURLToPath } from 'node:url';

const src = (pkg, file) => fileURLToPath(new URL(`../../${pkg}/src/${file}`, import.meta.url));

/** The process that runs a compiled JavaScript model. */
export const nodeHost = { 'node-host': src('model-host', 'hosts/node/node-host.ts') };

/** The worker and the programs that it starts: by name, their source files. */
export const workerPrograms = {
  'mops-worker': src('worker', 'main.ts'),
  ...nodeHost,
  'expected-ids-thread': src('worker', 'finalise/expected-ids-thread.ts'),
};
