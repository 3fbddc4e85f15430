import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '@modelops/contracts';
import { buildProgram, createRandom, runUntilKilled, type TestProgram } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFsObjectStore } from './fs-object-store.ts';

const SEED = 20260301;
const ROUNDS = 20;
const WRITERS = 3;
const MAX_STEPS = 60;

/** Uses every kind of write and reports each acknowledged write, until it is killed. */
const WRITER = `
import { writeSync } from 'node:fs';
import { sha256Hex } from '@modelops/contracts';
import { createFsObjectStore } from './fs-object-store.ts';
const [root, name] = process.argv.slice(2);
const store = createFsObjectStore(root);
const bodyOf = (value) => { const text = JSON.stringify(value); return new TextEncoder().encode(sha256Hex(text) + text); };
const recordIn = ({ bytes }) => JSON.parse(new TextDecoder().decode(bytes).slice(64));
const report = (what, n) => writeSync(1, what + ' ' + n + '\\n');
const count = async () => {
  for (;;) {
    const held = await store.get('shared');
    const value = recordIn(held);
    value[name] = (value[name] ?? 0) + 1;
    if ((await store.put('shared', bodyOf(value), { ifMatch: held.etag })) !== 'conflict') return value[name];
  }
};
for (let n = 1; ; n++) {
  await store.put('own/' + name, bodyOf({ n, pad: 'x'.repeat((n * 7919) % 100_000) }));
  report('own', n);
  report('shared', await count());
  await store.put('log/' + name + '/' + n, bodyOf({ n, pad: 'y'.repeat(300_000) }), { ifAbsent: true });
  report('log', n);
  await store.delete('log/' + name + '/' + (n - 2));
  report('deleted', n - 2);
}
`;

/** The last number that the writer reported of each kind. */
function lastOf(lines: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(lines.map((line) => line.split(' ')).map(([what, n]) => [what!, Number(n)]));
}

/** The value in an object; a torn one fails its digest. */
function recordIn(bytes: Uint8Array): Record<string, number> {
  const text = new TextDecoder().decode(bytes);
  expect(sha256Hex(text.slice(64))).toBe(text.slice(0, 64));
  return JSON.parse(text.slice(64)) as Record<string, number>;
}

let program: TestProgram;
let root: string;
beforeAll(async () => {
  program = await buildProgram(WRITER, import.meta.dirname);
  root = await mkdtemp(join(tmpdir(), 'modelops-chaos-'));
});
afterAll(async () => {
  await program.remove();
  await rm(root, { recursive: true, force: true });
});

describe(`createFsObjectStore, with its writers killed at ${ROUNDS * WRITERS} points of seed ${SEED}`, () => {
  it('has no torn object, loses no acknowledged write and leaves no held lock', async () => {
    const random = createRandom(SEED);
    const store = createFsObjectStore(root);
    const first = JSON.stringify({});
    await store.put('shared', new TextEncoder().encode(sha256Hex(first) + first));
    for (let round = 0; round < ROUNDS; round++) {
      const names = Array.from({ length: WRITERS }, (_, at) => `r${round}w${at}`);
      const reportedBy = await Promise.all(
        names.map(async (name) => {
          const point = { lines: 1 + Math.floor(random() * MAX_STEPS), delayMs: random() * 3 };
          return lastOf(await runUntilKilled(program.path, [root, name], point));
        }),
      );
      const shared = recordIn((await store.get('shared'))!.bytes);
      for (const [at, name] of names.entries()) {
        const reported = reportedBy[at]!;
        const own = await store.get(`own/${name}`);
        if (reported.own !== undefined) expect([reported.own, reported.own + 1]).toContain(recordIn(own!.bytes).n);
        const counted = reported.shared ?? 0;
        expect([counted, counted + 1]).toContain(shared[name] ?? 0);
        for (let n = Math.max(1, (reported.deleted ?? 0) + 2); n <= (reported.log ?? 0); n++)
          expect(recordIn((await store.get(`log/${name}/${n}`))!.bytes).n).toBe(n);
        for (let n = 1; n <= (reported.deleted ?? 0); n++) expect(await store.head(`log/${name}/${n}`)).toBeUndefined();
      }
    }
    for await (const { key } of store.list('')) recordIn((await store.get(key))!.bytes);
  }, 120_000);

  it('is cleared of their temporary files by the next writer, except for the locks that they held', async () => {
    const store = createFsObjectStore(root);
    const { etag } = (await store.head('shared'))!;
    expect(await store.put('shared', (await store.get('shared'))!.bytes, { ifMatch: etag })).not.toBe('conflict');
    const left = (await readdir(join(root, '.tmp'))).filter((name) => !name.includes(`.${process.pid}.`));
    expect(left.filter((name) => !name.startsWith('lock.'))).toEqual([]);
    expect(left.length).toBeLessThanOrEqual(ROUNDS * WRITERS);
  });
});
