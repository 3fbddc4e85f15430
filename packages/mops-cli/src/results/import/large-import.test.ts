import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AggregationId,
  type Digest,
  digestOf,
  isModelOpsError,
  type PackAddress,
  type ParamId,
  type TaskId,
} from '@modelops/contracts';
import { createMemoryObjectStore, createProvenanceStore } from '@modelops/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportJob } from '../export/export-job.ts';
import { createWorld } from '../testing/world.ts';
import { openArtifactReader } from './artifact-child.ts';
import { importBy, planImport } from './import-tree.ts';
import type { TreeAggregation } from './read-result.ts';
import type { FoundSimulation } from './read-tree.ts';

/** More than a function has arguments: spreading as many values into a call overflows the stack. */
const MANY = 150_000;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-large-import-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const reader = openArtifactReader();
afterAll(() => reader.close());

const ADDRESS: PackAddress = { schema: 'token', kind: 'sims', code: digestOf('model') as Digest, name: 'models.seir.SEIR/baseline' };

const hexOf = (at: number) => at.toString(16).padStart(64, '0');

function simulation(at: number): FoundSimulation {
  return {
    kind: 'simulation',
    address: ADDRESS,
    row: {
      task_id: hexOf(at) as TaskId,
      param_id: `param ${at}` as ParamId,
      params: '{}',
      seed: BigInt(at),
      status: 'ok',
      error: null,
      started_at: 0,
      duration_ms: 1,
    },
    job_id: '',
    worker: 'imported',
    outputs: {},
    folder: `params_${at}`,
    files: [],
    bytes: 10,
    form: '',
  };
}

describe('an import of more results than a function has arguments', () => {
  it('divides simulations into packs and aggregations into targets, each once', async () => {
    const aggregation = (at: number) =>
      ({
        kind: 'aggregation',
        address: { ...ADDRESS, kind: 'aggs', name: 'prevalence' },
        row: { aggregation_id: hexOf(at) as AggregationId },
      }) as TreeAggregation;
    const all = { length: MANY };
    const tree = { simulations: Array.from(all, (_, at) => simulation(at)), aggregations: Array.from(all, (_, at) => aggregation(at)) };
    const { packs, targets } = await planImport(tree, { provenance: createProvenanceStore(createMemoryObjectStore()) });
    expect(packs.flat().every((found, at) => found === tree.simulations[at])).toBe(true);
    expect(packs.map(({ length }) => length)).toEqual([...Array(18).fill(8_192), MANY - 18 * 8_192]);
    expect(targets.map(({ length }) => length)).toEqual([MANY]);
  });

  it('keeps every row of a result', async () => {
    const [from, to] = [createWorld(), createWorld()];
    const job = await from.register({ sets: [{ beta: 0.1 }] });
    const columns = [
      { name: 'floats', values: Float64Array.from({ length: MANY }, (_, at) => at / 2) },
      { name: 'texts', values: Array.from({ length: MANY }, (_, at) => `t${at % 7}`) },
    ];
    await from.compute(job, [0], { table: () => columns });
    const dir = join(root, 'rows');
    await exportJob({ job, layout: 'tree', output: dir, force: false, signal: new AbortController().signal }, from.stores);
    expect((await importBy(reader, { dir, code: undefined, dryRun: false }, to.stores)).simulations.imported).toBe(1);
    const { table } = await to.stores.provenance.readOutput(job.sims, [job.tasks.idAt(0)], 'prevalence');
    const values = (name: string) => Array.from(table.columns.find((column) => column.name === name)!.values as ArrayLike<unknown>);
    for (const column of columns) expect(values(column.name).every((value, at) => value === column.values[at])).toBe(true);
    expect(values('texts')).toHaveLength(MANY);
  });

  it('lists every problem of a bad result', async () => {
    const dir = join(root, 'bad', 'result');
    await mkdir(dir, { recursive: true });
    const outputs = Object.fromEntries(Array.from({ length: MANY }, (_, at) => [`o${at}`, { size: 1 }]));
    const metadata = { bundle_ref: digestOf('bundle'), entrypoint: ADDRESS.name, params: { beta: 1 }, seed: 1 };
    await writeFile(join(dir, 'metadata.json'), JSON.stringify(metadata));
    await writeFile(join(dir, 'result.json'), JSON.stringify({ outputs }));
    const { stores } = createWorld();
    const error = await importBy(reader, { dir: join(root, 'bad'), code: undefined, dryRun: false }, stores).catch(
      (thrown: unknown) => thrown,
    );
    expect(isModelOpsError(error) && error.problems.length).toBe(MANY);
  });
});
