import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProgram, type RunningAzurite, startAzurite, type TestProgram } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openObjectStore } from '../objects/open-object-store.ts';
import { createVersionedStore } from './versioned-store.ts';

const PROCESSES = 16;
/** On Azurite 500 increments per process occupy two cores for a minute, mostly in the SDK: only with `MODELOPS_FULL=1`. */
const INCREMENTS = { fs: 500, azure: process.env.MODELOPS_FULL === undefined ? 60 : 500 } as const;

/** Repeatedly adds one to the record, in a process of its own. */
const COUNTING = `
import { openObjectStore } from '../objects/open-object-store.ts';
import { createVersionedStore } from './versioned-store.ts';
const [storage, who, times] = process.argv.slice(2);
const records = createVersionedStore(await openObjectStore(JSON.parse(storage)), { parse: (value) => value });
for (let at = 0; at < Number(times); at++)
  await records.update('record', ({ total, by }) => ({ total: total + 1, by: { ...by, [who]: (by[who] ?? 0) + 1 } }));
`;

let program: TestProgram;
let azurite: RunningAzurite;
let root: string;
beforeAll(async () => {
  [program, azurite, root] = await Promise.all([
    buildProgram(COUNTING, import.meta.dirname),
    startAzurite(),
    mkdtemp(join(tmpdir(), 'modelops-count-')),
  ]);
});
afterAll(() => Promise.all([program.remove(), azurite.stop(), rm(root, { recursive: true, force: true })]));

describe('a record under 16 processes', () => {
  it.each(['fs', 'azure'] as const)(
    'has each of their increments on %s',
    async (provider) => {
      const storage =
        provider === 'fs' ? { provider, path: root } : { provider, container: 'count', connection_string: azurite.connectionString };
      const records = createVersionedStore(await openObjectStore(storage), { parse: (value) => value });
      await records.create('record', { total: 0, by: {} });
      const names = Array.from({ length: PROCESSES }, (_, at) => `process-${at}`);
      await Promise.all(names.map((who) => program.run(JSON.stringify(storage), who, String(INCREMENTS[provider]))));
      const by = Object.fromEntries(names.map((who) => [who, INCREMENTS[provider]]));
      expect((await records.read('record'))?.value).toEqual({ total: PROCESSES * INCREMENTS[provider], by });
    },
    600_000,
  );
});
