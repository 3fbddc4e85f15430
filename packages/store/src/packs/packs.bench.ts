/**
 * Times of the pack store on a fresh directory, repeated inside one process:
 *   npx esbuild packages/store/src/packs/packs.bench.ts --bundle --platform=node --format=esm --conditions=modelops-source \
 *     --external:apache-arrow --external:parquet-wasm --external:@azure/* --outfile=packages/store/dist/packs.bench.mjs
 *   node packages/store/dist/packs.bench.mjs [folder]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, digestOf, type PackAddress, type ParamId, sha256Hex, type TaskId } from '@modelops/contracts';
import { createFsObjectStore } from '../objects/fs-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { packName } from './pack-name.ts';
import { createProvenanceStore } from './provenance-store.ts';
import type { SimulationPack } from './rows.ts';

const PACK = 4_000;
const ROWS = 128;
const address: PackAddress = { schema: 'token', kind: 'sims', code: digestOf('model') as Digest, name: 'models.seir.SEIR/baseline' };

const idAt = (task: number) => sha256Hex(`task ${task}`) as TaskId;

function packOf(number: number, rowsEach: number): SimulationPack {
  const values = Float64Array.from(
    { length: PACK * rowsEach },
    (_, at) => Math.round(1e4 * Math.sin(at * 0.01 + number) ** 2) + Math.random(),
  );
  const params = Array.from({ length: PACK / 500 }, (_, set) => sha256Hex(`param ${number} ${set}`) as ParamId);
  return {
    name: packName(Date.now() + number, Math.random),
    simulations: Array.from({ length: PACK }, (_, at) => ({
      task_id: idAt(number * PACK + at),
      param_id: params[Math.floor(at / 500)]!,
      params: `{"beta":${number},"sigma":${Math.floor(at / 500)}}`,
      seed: BigInt(at * 7919 + number),
      status: 'ok' as const,
      error: null,
      started_at: 1.7e12 + at,
      duration_ms: 0.15 + at * 1e-6,
    })),
    outputs: rowsEach === 0 ? {} : { prevalence: { rows: new Int32Array(PACK).fill(rowsEach), columns: [{ name: 'infected', values }] } },
    job_id: 'job-1',
    worker: 'host-1',
  };
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const mb = () => `${Math.round(process.memoryUsage().rss / 2 ** 20)} MB rss`;
const root = process.argv[2] ?? tmpdir();

async function inFolder(action: (objects: ObjectStore) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(root, 'packs-'));
  try {
    await action(createFsObjectStore(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function timed<T>(action: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await action();
  return [performance.now() - start, result];
}

await inFolder(async (objects) => {
  const packs = Array.from({ length: 25 }, (_, number) => packOf(number, ROWS));
  const store = createProvenanceStore(objects);
  const times: number[] = [];
  const [total] = await timed(async () => {
    for (const pack of packs) times.push((await timed(() => store.writeSimulations(address, pack)))[0]);
  });
  times.sort((a, b) => a - b);
  let bytes = 0;
  for await (const { size } of objects.list('provenance/')) bytes += size;
  say(
    `write 100,000 results of 1 KiB: ${Math.round(total)} ms, ${((1e3 * total) / 1e5).toFixed(1)} us a task; median pack ${times[12]!.toFixed(1)} ms, ${(bytes / 1e5).toFixed(0)} bytes a result; ${mb()}`,
  );
  const ids = packs.slice(0, 5).flatMap((pack) => pack.simulations.map(({ task_id }) => task_id));
  for (let round = 0; round < 3; round++) {
    const [read] = await timed(async () => createProvenanceStore(objects).readOutput(address, ids, 'prevalence'));
    say(`read 20,000 outputs of 5 packs: ${Math.round(read)} ms; ${mb()}`);
  }
});

await inFolder(async (objects) => {
  const writer = createProvenanceStore(objects);
  const [written] = await timed(async () => {
    for (let number = 0; number < 250; number++) await writer.writeSimulations(address, packOf(number, 0));
  });
  say(`write 1,000,000 index rows: ${Math.round(written)} ms (with making them); ${mb()}`);
  for (let round = 0; round < 5; round++) {
    const [first, store] = await timed(async () => {
      const fresh = createProvenanceStore(objects);
      await fresh.existing(address);
      return fresh;
    });
    const existing = await store.existing(address);
    const [all] = await timed(async () => {
      for (let task = 0; task < 1_000_000; task++) if (!existing.has(idAt(task))) throw new Error(`task ${task} is missing`);
    });
    const [again] = await timed(() => store.existing(address));
    say(
      `existing of 1,000,000 in 250 packs: ${Math.round(first)} ms; 1,000,000 ids made and looked up: ${Math.round(all)} ms; looked again ${again.toFixed(1)} ms; ${mb()}`,
    );
  }
});
