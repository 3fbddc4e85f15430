import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AggregationId, aggregationIdOf, type Digest, digestOf, logicalPath, type ParamValues, shortId } from '@modelops/contracts';
import { type AggregationRow, collectGarbage, importedFrom, planGarbage } from '@modelops/store';
import type { Job } from '@modelops/worker';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openArtifactReader } from '../import/artifact-child.ts';
import { importBy } from '../import/import-tree.ts';
import { createWorld, MODEL, type World } from '../testing/world.ts';
import { exportJob } from './export-job.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-export-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const { signal } = new AbortController();
let made = 0;
const newDir = () => join(root, `tree-${made++}`);

async function exported(world: World, job: Job): Promise<string> {
  const output = newDir();
  await exportJob({ job, layout: 'tree', output, force: false, signal }, world.stores);
  return output;
}

const reader = openArtifactReader();
afterAll(() => reader.close());
const taken = (dir: string, world: World, code?: Digest) => importBy(reader, { dir, code, dryRun: false }, world.stores);

async function foldersOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter(({ name }) => name === 'metadata.json').map(({ parentPath }) => parentPath.slice(dir.length + 1));
}

const rows = { minLength: 2, maxLength: 2 };
const values = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ unit: 'grapheme' }), fc.boolean());
const params = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), values, { maxKeys: 4 });
const seed = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const sets = fc.uniqueArray(fc.record({ params, seed }), { minLength: 1, maxLength: 4, selector: (set) => JSON.stringify(set) });
const table = fc.record({
  floats: fc.array(fc.double(), rows).map((list) => Float64Array.from(list)),
  ints: fc.array(fc.integer(), rows).map((list) => Int32Array.from(list)),
  wide: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), rows).map((list) => BigInt64Array.from(list)),
  texts: fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(null)), rows),
  bools: fc.tuple(fc.boolean(), fc.oneof(fc.boolean(), fc.constant(null))),
});

describe('export to a tree and import of it', () => {
  it(
    'give the same task ids, rows and values, whatever the parameters, seeds and values are',
    () =>
      fc.assert(
        fc.asyncProperty(sets, fc.array(table, { minLength: 4, maxLength: 4 }), async (parameterSets, tables) => {
          const [from, to] = [createWorld(), createWorld()];
          const job = await from.register({ sets: parameterSets as { params: ParamValues; seed: string }[], config: { days: 3 } });
          const tasks = [...Array(job.tasks.count).keys()];
          const columnsOf = (task: number) => Object.entries(tables[task]!).map(([name, list]) => ({ name, values: list as string[] }));
          await from.compute(job, tasks, { table: columnsOf });
          const report = await taken(await exported(from, job), to);
          expect(report.simulations).toEqual({ found: tasks.length, existing: 0, imported: tasks.length });
          const ids = tasks.map((task) => job.tasks.idAt(task));
          const known = async ({ stores }: World) => ({
            rows: (await stores.provenance.rows(job.sims, ids)).map((row) => ({
              ...row,
              pack: '',
              outputs: [],
              worker: importedFrom(row!.worker),
            })),
            read: await stores.provenance.readOutput(job.sims, ids, 'prevalence'),
          });
          expect(await known(to)).toEqual(await known(from));
        }),
        { numRuns: 30 },
      ),
    120_000,
  );

  it('import nothing twice', async () => {
    const [from, to] = [createWorld(), createWorld()];
    const job = await from.register({ sets: [{ beta: 0.1 }, { beta: 0.2 }], replicates: 3 });
    await from.compute(job, [0, 1, 2, 3]);
    const first = await exported(from, job);
    expect((await taken(first, to)).simulations).toEqual({ found: 4, existing: 0, imported: 4 });
    expect((await taken(first, to)).simulations).toEqual({ found: 4, existing: 4, imported: 0 });
    await from.compute(job, [4, 5]);
    expect((await taken(await exported(from, job), to)).simulations).toEqual({ found: 6, existing: 4, imported: 2 });
    expect(await to.stores.provenance.packs(job.sims)).toHaveLength(2);
  });

  it('carry aggregations, so that nothing is left to compute', async () => {
    const [from, to] = [createWorld(), createWorld()];
    const job = await from.register({ sets: [{ beta: 0.1 }], replicates: 2, targets: ['prevalence'] });
    await from.compute(job, [0, 1]);
    const ids = [0, 1].map((task) => job.tasks.idAt(task));
    const row: AggregationRow = {
      aggregation_id: aggregationIdOf('prevalence', digestOf('prevalence'), ids) as AggregationId,
      param_id: job.tasks.paramsAt(0).param_id,
      target: 'prevalence',
      loss: 0.25,
      n_replicates: 2,
      replicate_mean: 0.5,
      standard_error: null,
      diagnostics: '{"points":3}',
      computed_at: '2026-03-01T12:00:00.000Z',
      job_id: job.id,
      reason: null,
    };
    await from.aggregate(job, [row]);
    const dir = await exported(from, job);
    expect((await foldersOf(dir)).filter((folder) => folder.includes('/aggs/'))).toEqual([
      `token/v1/aggs/${shortId(MODEL)}/target_prevalence/agg_${row.aggregation_id}`,
    ]);
    expect((await taken(dir, to)).aggregations).toEqual({ found: 1, existing: 0, imported: 1 });
    expect([...(await to.stores.provenance.aggregations(job.aggs('prevalence'))).values()]).toEqual([row]);
    expect((await taken(dir, to)).aggregations.imported).toBe(0);
  });

  it('keep imported outputs that no job can recompute, and restore deleted ones', async () => {
    const [from, to] = [createWorld(), createWorld()];
    const job = await from.register({ sets: [{ beta: 1 }], replicates: 2 });
    await from.compute(job, [0, 1]);
    const [dir, ids] = [await exported(from, job), [0, 1].map((task) => job.tasks.idAt(task))];
    await taken(dir, to);
    const options = { evict: new Set<never>(), orphansBefore: 0, withQuarantine: false };
    const plan = ({ stores }: World) => planGarbage(stores.objects, stores.registry, options);
    expect(await plan(to)).toMatchObject({ garbage: [], kept: { imported: 1 } });
    const { objects, registry, provenance, now } = from.stores;
    for await (const { key } of objects.list(`jobs/${job.id}/`)) await objects.delete(key);
    await collectGarbage(objects, registry, (await plan(from)).garbage, { ...options, now });
    expect((await taken(dir, from)).simulations).toEqual({ found: 2, existing: 0, imported: 2 });
    expect((await taken(dir, from)).simulations).toEqual({ found: 2, existing: 2, imported: 0 });
    expect(await provenance.readOutput(job.sims, ids, 'prevalence')).toMatchObject({ missing: [] });
  });

  it('use the logical path of each result, and import from any folder above', async () => {
    const [from, to] = [createWorld(), createWorld()];
    const job = await from.register({ sets: [{ beta: 0.1 }], replicates: 2 });
    await from.compute(job, [0, 1]);
    const dir = await exported(from, job);
    const paths = [0, 1].map((task) => `token/v1/${logicalPath(MODEL, job.tasks.paramsAt(0).param_id, job.tasks.seedAt(task))}`);
    expect((await foldersOf(dir)).sort()).toEqual(paths.sort());
    const files = await readdir(join(dir, paths[0]!));
    expect(files.sort()).toEqual(['artifact_prevalence.arrow', 'metadata.json', 'result.json']);
    expect((await taken(join(dir, paths[0]!), to)).simulations.imported).toBe(1);
    expect((await taken(root, to)).simulations.imported).toBe(1);
  });
});

describe('import', () => {
  /** A tree with one result, as an older program wrote it: without task id, code or job. */
  async function oldTree(change: (metadata: Record<string, unknown>) => void = () => undefined): Promise<string> {
    const from = createWorld();
    const job = await from.register({ sets: [{ beta: 0.1 }] });
    await from.compute(job, [0]);
    const dir = await exported(from, job);
    const [folder] = (await foldersOf(dir)) as [string];
    const {
      bundle_ref,
      entrypoint,
      params: given,
      seed: drawn,
      outputs,
    } = JSON.parse(await readFile(join(dir, folder, 'metadata.json'), 'utf8'));
    const metadata = { bundle_ref, entrypoint, params: given, seed: drawn, outputs, param_id: 'x', timestamp: '2026-01-01T00:00:00+00:00' };
    change(metadata);
    await writeFile(join(dir, folder, 'metadata.json'), JSON.stringify(metadata));
    const size = (await readFile(join(dir, folder, 'artifact_prevalence.arrow'))).byteLength;
    const result = { task_id: 'abc-1', outputs: { prevalence: { size, checksum: 'x', arrow_size: size }, metadata: { json_size: 2 } } };
    await writeFile(join(dir, folder, 'result.json'), JSON.stringify(result));
    await writeFile(join(dir, folder, 'artifact_metadata.json'), '{}');
    return dir;
  }

  it('imports trees without ids, code or job, by bundle digest or a given model digest', async () => {
    const dir = await oldTree();
    const [byBundle, byModel] = [createWorld(), createWorld()];
    await taken(dir, byBundle);
    const address = { schema: 'bundle', kind: 'sims', code: digestOf('bundle'), name: 'models.seir.SEIR/baseline' } as const;
    expect((await byBundle.stores.provenance.existing(address)).size).toBe(1);
    await taken(dir, byModel, MODEL);
    const job = await byModel.register({ sets: [{ beta: 0.1 }] });
    const [row] = await byModel.stores.provenance.rows(job.sims, [job.tasks.idAt(0)]);
    expect(row).toMatchObject({ job_id: '', worker: 'import', started_at: Date.parse('2026-01-01') });
  });

  it('skips failed simulations and aggregations of other programs, and counts them', async () => {
    const dir = await oldTree();
    const [folder] = (await foldersOf(dir)) as [string];
    await cp(join(dir, folder), join(dir, 'failed'), { recursive: true });
    await writeFile(join(dir, 'failed', 'result.json'), JSON.stringify({ task_id: 'x', error: { message: 'no' }, outputs: {} }));
    await cp(join(dir, folder), join(dir, 'agg_1'), { recursive: true });
    await writeFile(join(dir, 'agg_1', 'metadata.json'), JSON.stringify({ param_id: 'x' }));
    await writeFile(join(dir, 'agg_1', 'result.json'), JSON.stringify({ aggregation_id: '1', loss: 1, n_replicates: 2 }));
    const report = await taken(dir, createWorld());
    expect(report.simulations.imported).toBe(1);
    expect(Object.entries(report.skipped).map(([reason, times]) => [reason.slice(0, 15), times])).toEqual([
      ['the aggregation', 1],
      ['it failed', 1],
    ]);
  });

  it('names every bad file and its problem, and imports nothing', async () => {
    const from = createWorld();
    const job = await from.register({ sets: Array.from({ length: 10 }, (_, at) => ({ beta: at })) });
    await from.compute(job, [...Array(10).keys()]);
    const dir = await exported(from, job);
    const folders = await foldersOf(dir);
    const edit = async (at: number, file: string, change: (value: Record<string, unknown>) => void) => {
      const path = join(dir, folders[at]!, file);
      const value = JSON.parse(await readFile(path, 'utf8'));
      change(value);
      await writeFile(path, JSON.stringify(value));
    };
    const artifact = (at: number) => join(dir, folders[at]!, 'artifact_prevalence.arrow');
    await rm(join(dir, folders[0]!, 'result.json'));
    await writeFile(join(dir, folders[1]!, 'metadata.json'), '{"params":');
    await edit(2, 'metadata.json', (value) => Object.assign(value, { params: { beta: null }, seed: -1 }));
    await edit(3, 'metadata.json', (value) => Object.assign(value, { params: { beta: 99 } }));
    await rm(artifact(4));
    await writeFile(artifact(5), (await readFile(artifact(5))).subarray(0, 100));
    const flipped = await readFile(artifact(6));
    flipped[flipped.length >> 1]! ^= 1;
    await writeFile(artifact(6), flipped);
    await edit(7, 'metadata.json', (value) => Object.assign(value, { entrypoint: 'no-scenario' }));
    const to = createWorld();
    const error = await taken(dir, to).catch(
      (thrown: unknown) => thrown as { code: string; problems: { path: string; message: string }[] },
    );
    expect(error).toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining('nothing was imported') });
    const found = (error as { problems: { path: string; message: string }[] }).problems.map(({ path, message }) => `${path} ${message}`);
    const expected: [number, RegExp][] = [
      [0, /result\.json is missing/],
      [1, /metadata\.json is not valid JSON/],
      [2, /metadata\.json: params\.beta/],
      [2, /metadata\.json: seed expected an integer/],
      [3, /metadata\.json: task_id does not match its inputs/],
      [4, /artifact_prevalence\.arrow is missing/],
      [5, /artifact_prevalence\.arrow has 100 bytes/],
      [6, /artifact_prevalence\.arrow its digest/],
      [7, /metadata\.json: entrypoint/],
    ];
    for (const [at, pattern] of expected)
      expect(
        found.some((line) => line.startsWith(folders[at]!) && pattern.test(line)),
        String(pattern),
      ).toBe(true);
    expect(found.every((line) => !line.startsWith(folders[8]!) && !line.startsWith(folders[9]!))).toBe(true);
    for await (const { key } of to.stores.objects.list('')) expect(key).toBe('nothing');
  });

  it('reports a folder without results and one that does not exist', async () => {
    for (const dir of [root, join(root, 'nowhere')])
      await expect(taken(dir, createWorld())).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('writes nothing in a dry run', async () => {
    const dir = await oldTree();
    const to = createWorld();
    const report = await importBy(reader, { dir, code: undefined, dryRun: true }, to.stores);
    expect(report).toMatchObject({ simulations: { found: 1, imported: 1 }, packs: 1, dry_run: true });
    for await (const { key } of to.stores.objects.list('')) expect(key).toBe('nothing');
  });
});
