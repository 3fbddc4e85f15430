import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackAddress } from '@modelops/contracts';
import { buildProgram, createRandom, runUntilKilled, type TestProgram } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFsObjectStore } from '../objects/fs-object-store.ts';
import { checkStore } from '../upkeep/check-store.ts';
import { collectGarbage } from '../upkeep/collect-garbage.ts';
import { planGarbage } from '../upkeep/plan-garbage.ts';
import { createProvenanceStore } from './provenance-store.ts';
import { addressAt, outputOf, PACK_TASKS, taskOf } from './testing/written-packs.ts';

const SEED = 20261125;
const ROUNDS = 40;
const WRITERS = 5;
/** Lines of a few packs: two files, the index, the acknowledgement. */
const MAX_LINES = 14;

/** Writes packs and reports each completed write and each acknowledged pack, until it is killed. */
const WRITER = `
import { writeSync } from 'node:fs';
import { createFsObjectStore } from '../objects/fs-object-store.ts';
import { createProvenanceStore } from './provenance-store.ts';
import { addressAt, writtenPack } from './testing/written-packs.ts';
const [root, round, writer] = process.argv.slice(2);
const objects = createFsObjectStore(root);
const report = (what, n) => writeSync(1, what + ' ' + n + '\\n');
const reporting = { ...objects, put: async (key, ...rest) => {
  const outcome = await objects.put(key, ...rest);
  report('put', key);
  return outcome;
} };
const store = createProvenanceStore(reporting);
for (let n = 0; ; n++) {
  await store.writeSimulations(addressAt(Number(round)), writtenPack(writer, n));
  report('acknowledged', n);
}
`;

let program: TestProgram;
let root: string;
beforeAll(async () => {
  program = await buildProgram(WRITER, import.meta.dirname);
  root = await mkdtemp(join(tmpdir(), 'modelops-pack-chaos-'));
});
afterAll(async () => {
  await program.remove();
  await rm(root, { recursive: true, force: true });
});

/** Expects every acknowledged pack, and at most one more, to exist and be complete. Returns how many the writer reported. */
async function expectWholePacks(address: PackAddress, writer: string, lines: readonly string[]): Promise<number> {
  const bad: unknown[] = [];
  const store = createProvenanceStore(createFsObjectStore(root), { onBadPack: (pack) => bad.push(pack) });
  const existing = await store.existing(address);
  const acknowledged = lines.filter((line) => line.startsWith('acknowledged ')).length;
  for (let pack = 0; pack < acknowledged + 2; pack++) {
    const ids = Array.from({ length: PACK_TASKS }, (_, at) => taskOf(writer, pack, at));
    const found = ids.filter((id) => existing.has(id)).length;
    expect([0, PACK_TASKS]).toContain(found);
    if (pack < acknowledged) expect(found).toBe(PACK_TASKS);
    if (pack > acknowledged) expect(found).toBe(0);
    if (found === 0) continue;
    for (const output of ['a', 'b'])
      expect(await store.readOutput(address, ids, output)).toEqual({ table: outputOf(output, pack), missing: [], evicted: [] });
  }
  expect(bad).toEqual([]);
  return acknowledged;
}

describe(`packs, with their writers killed at ${ROUNDS * WRITERS} points of seed ${SEED}`, () => {
  it('are complete or absent, and complete once acknowledged; the remains of others are found and removed', {
    timeout: 240_000,
  }, async () => {
    const random = createRandom(SEED);
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const writers = Array.from({ length: WRITERS }, (_, at) => `r${round}w${at}`);
      const reported = await Promise.all(
        writers.map((writer) => {
          const point = { lines: 1 + Math.floor(random() * MAX_LINES), delayMs: random() * 3 };
          return runUntilKilled(program.path, [root, String(round), writer], point);
        }),
      );
      for (const [at, writer] of writers.entries()) acknowledged += await expectWholePacks(addressAt(round), writer, reported[at]!);
    }
    expect(acknowledged).toBeGreaterThan(ROUNDS);

    const objects = createFsObjectStore(root);
    const { packs, problems } = await checkStore(objects);
    expect(packs).toBeGreaterThanOrEqual(acknowledged);
    expect(new Set(problems.map(({ kind }) => kind))).toEqual(new Set(['orphan']));
    const registry = { spec: () => Promise.reject(new Error('job not found')) };
    const { garbage } = await planGarbage(objects, registry, {
      evict: new Set(),
      orphansBefore: Number.MAX_SAFE_INTEGER,
      withQuarantine: false,
    });
    const orphans = garbage.filter(({ kind }) => kind === 'orphan');
    await collectGarbage(objects, registry, orphans, { evict: new Set(), now: Date.now });
    expect(await checkStore(objects)).toMatchObject({ packs, problems: [] });
  });
});
