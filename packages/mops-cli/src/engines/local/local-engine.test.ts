import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeEngine } from '../testing/describe-engine.ts';
import { createLocalEngine } from './local-engine.ts';

const dir = mkdtempSync(join(tmpdir(), 'modelops-engine-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let programs = 0;
function programOf(source: string): string {
  const file = join(dir, `worker-${programs++}.cjs`);
  writeFileSync(file, source);
  return file;
}

describeEngine('local', {
  address: () => '127.0.0.1',
  open: async (source, { restarts, graceSeconds }) =>
    createLocalEngine({ dir: join(dir, 'engine'), env: process.env, program: programOf(source), restarts, graceMs: graceSeconds * 1000 }),
  forget: async (name) => rmSync(name, { recursive: true }),
});
