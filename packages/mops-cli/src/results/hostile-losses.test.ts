import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, keys, localEnvironment, parseJobId } from '@modelops/contracts';
import { makeFolder } from '@modelops/model-host/testing';
import { createMemoryObjectStore, type ObjectStore, openObjectStore, writeParquet } from '@modelops/store';
import { describeHostile, type HostileInput } from '@modelops/testkit';
import { openResults } from './open-results.ts';
import { createWorld } from './testing/world.ts';

const [JOB, OTHER] = ['job-bad', 'job-good'].map(parseJobId);
const ROWS = 40;
const LOSSES = lossFile(0);

function lossFile(first: number): Uint8Array {
  const rows = Array.from({ length: ROWS }, (_, row) => first + row);
  const text = (name: string, value: (row: number) => string | null) => ({ name, type: 'utf8' as const, values: rows.map(value) });
  return writeParquet([
    text('job_id', () => (first === 0 ? 'job-bad' : 'job-good')),
    text('param_id', (row) => `${row}`.padStart(64, '0')),
    { name: 'param_beta', type: 'float64', values: rows.map((row) => row / 10) },
    text('target', () => 'prevalence'),
    { name: 'loss', type: 'float64', values: rows.map((row) => row / 7) },
    { name: 'n_replicates', type: 'int32', values: rows.map(() => 5) },
    { name: 'n_failed', type: 'int32', values: rows.map(() => 0) },
    text('bundle_digest', () => 'sha256:b'),
    text('model_digest', () => 'sha256:m'),
    text('entrypoint', () => 'models.seir.SEIR/baseline'),
    text('scenario', () => 'baseline'),
    text('computed_at', () => '2026-03-01T12:00:00.000Z'),
    { name: 'cache_hit', type: 'bool', values: rows.map(() => false) },
    text('reason', () => null),
  ]);
}

async function writeResults(objects: ObjectStore): Promise<void> {
  for (const [job, losses] of [
    [JOB!, LOSSES],
    [OTHER!, lossFile(100)],
  ] as const) {
    await objects.put(`${keys.results(job)}losses.parquet`, losses);
    const manifest = JSON.stringify({ files: { 'losses.parquet': { digest: digestOf(losses) } } });
    await objects.put(`${keys.results(job)}manifest.json`, new TextEncoder().encode(manifest));
  }
}

/** The stored losses of one of two jobs are damaged. A query of this job fails; a query across jobs returns the other job. */
function damaging(name: string, where: 'folder' | 'remote' | 'cache', damage: (bytes: Buffer) => Buffer): HostileInput {
  const open = async () => {
    const root = makeFolder();
    const objects = where === 'folder' ? await openObjectStore({ provider: 'fs', path: root }) : createMemoryObjectStore();
    await writeResults(objects);
    const storage = where === 'folder' ? { provider: 'fs' as const, path: root } : { provider: 'azure' as const };
    const cacheDir = makeFolder();
    const unreadable: string[] = [];
    const stores = { ...createWorld().stores, objects, cached: objects };
    const environment = { ...localEnvironment(root), storage };
    const results = await openResults({ stores, environment, cacheDir }, (problem) => unreadable.push(problem));
    const key = `${keys.results(JOB!)}losses.parquet`;
    if (where === 'cache') {
      await results.getLosses(JOB!);
      const [file] = readdirSync(join(cacheDir, 'results')).filter((one) => one.startsWith(JOB!));
      writeFileSync(join(cacheDir, 'results', file!), damage(readFileSync(join(cacheDir, 'results', file!))));
    } else await objects.put(key, damage(Buffer.from(LOSSES)));
    return { results, unreadable };
  };
  return {
    name: `${name}, ${where}`,
    // A damaged copy in the cache is downloaded again.
    mayPass: where === 'cache',
    async attempt() {
      const { results } = await open();
      const rows = await results.getLosses(JOB!);
      if (rows.length !== ROWS || rows.some(({ loss }, row) => loss !== row / 7)) throw new Error('gave changed losses');
    },
    async check() {
      const { results, unreadable } = await open();
      const best = await results.getBestParameters({ nBest: 1 });
      const expected = where === 'cache' ? 'job-bad' : 'job-good';
      if (JSON.stringify(best).includes(expected) === false) throw new Error(`the best is ${JSON.stringify(best)}`);
      if (where !== 'cache' && !unreadable.some((problem) => problem.includes('job-bad'))) throw new Error('was not reported');
    },
  };
}

const flip = (share: number) => (bytes: Buffer) => {
  const bit = Math.floor(share * bytes.length * 8);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes;
};

describeHostile('losses', [
  ...(['folder', 'remote', 'cache'] as const).flatMap((where) => [
    { ...damaging('a flipped bit', where, flip(0.3)), inSample: true },
    damaging('a part', where, (bytes) => bytes.subarray(0, bytes.length / 2)),
    damaging('nothing', where, () => Buffer.alloc(0)),
    damaging('another file', where, () => Buffer.from(lossFile(1))),
    ...Array.from({ length: 60 }, (_, n) => damaging(`flipped bit ${n}`, where, flip(n / 60))),
  ]),
]);
