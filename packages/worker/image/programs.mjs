import { fileURLToPath } from 'node:url';

const src = (pkg, file) => fileURLToPath(new URL(`../../${pkg}/src/${file}`, import.meta.url));

/** The process that runs a compiled JavaScript model. */
export const nodeHost = { 'node-host': src('model-host', 'hosts/node/node-host.ts') };

/** The worker, and what it starts beside itself: by name, the file that each is built from. */
export const workerPrograms = {
  'mops-worker': src('worker', 'main.ts'),
  ...nodeHost,
  'expected-ids-thread': src('worker', 'finalise/expected-ids-thread.ts'),
};
