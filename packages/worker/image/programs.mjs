import { fileURLToPath } from 'node:url';

const src = (file) => fileURLToPath(new URL(`../src/${file}`, import.meta.url));

/** The worker, and what it starts beside itself: by name, the file that each is built from. */
export const workerPrograms = {
  'mops-worker': src('main.ts'),
  'node-host': src('hosts/node/node-host.ts'),
  'expected-ids-thread': src('finalise/expected-ids-thread.ts'),
};
