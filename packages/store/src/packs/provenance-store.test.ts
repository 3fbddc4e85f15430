import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AggregationId,
  type Digest,
  digestOf,
  type PackAddress,
  type ParamId,
  packPrefix,
  sha256Hex,
  type TaskId,
} from '@modelops/contracts';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createFsObjectStore } from '../objects/fs-object-store.ts';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { BadPack } from './pack-files.ts';
import { packName } from './pack-name.ts';
import { createProvenanceStore } from './provenance-store.ts';
import type { AggregationRow, SimulationPack, SimulationRow } from './rows.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;
const ADDRESS: PackAddress = { schema: 'token', kind: 'sims', code: digestOf('model') as Digest, name: 'models.seir.SEIR/baseline' };
const TARGETS: PackAddress = { ...ADDRESS, kind: 'aggs', name: 'prevalence' };

const idOf = (task: number) => sha256Hex(`task ${task}`) as TaskId;
/** Names in the order of their age, `hours` before now. */
const nameAt = (hours: number, random = 0.5) => packName(NOW - hours * HOUR, () => random);

function row(task: number, change: Partial<SimulationRow> = {}): SimulationRow {
  return {
    task_id: idOf(task),
    param_id: sha256Hex(`param ${task % 2}`) as ParamId,
    params: `{"beta":0.${task % 2}}`,
    seed: 2n ** 64n - 1n - BigInt(task),
    status: 'ok',
    error: null,
    started_at: NOW,
    duration_ms: 1.5,
    ...change,
  };
}

const failed = (task: number, error = '"boom"') => row(task, { status: 'failed', error });

/** Task t yields t % 3 + 1 rows, whose values tell the task (and the pack, by `mark`); a failed one none. */
function packOf(name: string, simulations: readonly SimulationRow[], tasks: readonly number[], mark = 0): SimulationPack {
  const rows = Int32Array.from(simulations, ({ status }, at) => (status === 'ok' ? (tasks[at]! % 3) + 1 : 0));
  const each = tasks.flatMap((task, at) => Array.from({ length: rows[at]! }, (_, day) => ({ task, day })));
  return {
    name,
    simulations,
    job_id: 'job-a',
    worker: 'host-1',
    outputs: {
      prevalence: {
        rows,
        columns: [
          { name: 'day', values: Int32Array.from(each, ({ day }) => day) },
          { name: 'infected', values: Float64Array.from(each, ({ task }) => task + mark) },
          { name: 'count', values: BigInt64Array.from(each, ({ task }) => -(2n ** 62n) - BigInt(task)) },
          { name: 'place', values: each.map(({ task, day }) => `ort-${task}-é${day}`) },
          { name: 'isPeak', values: each.map(({ task, day }) => (task + day) % 2 === 0) },
        ],
      },
    },
  };
}

const okPack = (name: string, tasks: readonly number[], mark = 0) =>
  packOf(
    name,
    tasks.map((task) => row(task)),
    tasks,
    mark,
  );

function open(objects: ObjectStore = createMemoryObjectStore()) {
  const bad: BadPack[] = [];
  const again = () => createProvenanceStore(objects, { now: () => NOW, onBadPack: (pack) => bad.push(pack) });
  return { objects, bad, again, store: again() };
}

async function corrupt(objects: ObjectStore, key: string): Promise<void> {
  const bytes = (await objects.get(key))!.bytes.slice();
  bytes[bytes.length >> 1]! ^= 1;
  await objects.put(key, bytes);
}

const fileOf = (pack: string, file: string) => `${packPrefix(ADDRESS)}${pack}/${file}`;
const infectedOf = async (store: ReturnType<typeof createProvenanceStore>, tasks: readonly number[]) => {
  const { table, missing } = await store.readOutput(ADDRESS, tasks.map(idOf), 'prevalence');
  const values = table.columns.find(({ name }) => name === 'infected')?.values ?? [];
  return { infected: [...new Set(values as Iterable<number>)], missing };
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('simulations', () => {
  it('gives back an output of any tasks in their order, every type of column', async () => {
    const { store, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0, 1, 2]));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [3, 4]));
    for (const reader of [store, again()]) {
      const { table, missing } = await reader.readOutput(ADDRESS, [4, 99, 2, 0].map(idOf), 'prevalence');
      expect(missing).toEqual([idOf(99)]);
      expect(table.rows).toEqual(Int32Array.of(2, 3, 1));
      expect(table.columns).toEqual([
        { name: 'day', values: Int32Array.of(0, 1, 0, 1, 2, 0) },
        { name: 'infected', values: Float64Array.of(4, 4, 2, 2, 2, 0) },
        { name: 'count', values: BigInt64Array.from([4n, 4n, 2n, 2n, 2n, 0n], (task) => -(2n ** 62n) - task) },
        { name: 'place', values: ['ort-4-é0', 'ort-4-é1', 'ort-2-é0', 'ort-2-é1', 'ort-2-é2', 'ort-0-é0'] },
        { name: 'isPeak', values: [true, false, true, false, true, true] },
      ]);
    }
  });

  it('gives back any tables that were written', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.record({ x: fc.double(), s: fc.string(), b: fc.boolean() }), { maxLength: 4 }), { minLength: 1 }),
        async (tasks) => {
          const { store, again } = open();
          const all = tasks.flat();
          const columns = [
            { name: 'x', values: Float64Array.from(all, ({ x }) => x) },
            { name: 's', values: all.map(({ s }) => s) },
            ...(all.length === 0 ? [] : [{ name: 'b', values: all.map(({ b }) => b) }]),
          ];
          const table = { rows: Int32Array.from(tasks, ({ length }) => length), columns };
          await store.writeSimulations(ADDRESS, {
            name: nameAt(0),
            simulations: tasks.map((_, at) => row(at)),
            outputs: { table },
            job_id: 'job-a',
            worker: 'w',
          });
          const read = await again().readOutput(
            ADDRESS,
            tasks.map((_, at) => idOf(at)),
            'table',
          );
          expect(read).toEqual({ table, missing: [] });
        },
      ),
      { numRuns: 30 },
    ));

  it('knows what exists, across processes and as packs are added', async () => {
    const { store, again } = open();
    const other = again();
    expect((await other.existing(ADDRESS)).size).toBe(0);
    await store.writeSimulations(ADDRESS, okPack(nameAt(0, 0.1), [0, 1]));
    const found = await other.existing(ADDRESS);
    expect([0, 1, 2].map((task) => found.has(idOf(task)))).toEqual([true, true, false]);
    await store.writeSimulations(ADDRESS, okPack(nameAt(0, 0.2), [2]));
    expect((await other.existing(ADDRESS)).has(idOf(2))).toBe(true);
    expect(await other.packs(ADDRESS)).toEqual([nameAt(0, 0.1), nameAt(0, 0.2)]);
  });

  it('finds a pack that was committed long after its name was made only when listing anew', async () => {
    const { store, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(0), [0]));
    const other = again();
    await other.existing(ADDRESS);
    await store.writeSimulations(ADDRESS, okPack(nameAt(5), [1]));
    expect((await other.existing(ADDRESS)).has(idOf(1))).toBe(false);
    expect((await other.existing(ADDRESS, { relist: true })).has(idOf(1))).toBe(true);
  });

  it('asks again only for what is new, and once when two ask at a time', async () => {
    const memory = createMemoryObjectStore();
    const asked: string[] = [];
    const listed: (string | undefined)[] = [];
    const { store, again } = open({
      ...memory,
      get: (key, ...rest) => {
        asked.push(key);
        return memory.get(key, ...rest);
      },
      list: (prefix, options) => {
        listed.push(options?.startAfter);
        return memory.list(prefix, options);
      },
    });
    const names = [nameAt(3), nameAt(2), nameAt(0, 0.1), nameAt(0, 0.2)];
    for (const [at, name] of names.slice(0, 3).entries()) await store.writeSimulations(ADDRESS, okPack(name, [at]));
    const reader = again();
    await Promise.all([reader.existing(ADDRESS), reader.existing(ADDRESS)]);
    expect(asked.splice(0)).toEqual(names.slice(0, 3).map((name) => fileOf(name, '_index.parquet')));
    await store.writeSimulations(ADDRESS, okPack(names[3]!, [3]));
    listed.splice(0);
    expect((await reader.existing(ADDRESS)).size).toBe(4);
    expect(asked).toEqual([fileOf(names[3]!, '_index.parquet')]);
    expect(listed).toHaveLength(1);
    expect(listed[0]! > fileOf(names[1]!, '~') && listed[0]! < fileOf(names[2]!, '')).toBe(true);
  });

  it('takes a pack without an index for none', async () => {
    const { objects, store, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
    await objects.delete(fileOf(nameAt(1), '_index.parquet'));
    const other = again();
    expect((await other.existing(ADDRESS)).size).toBe(0);
    expect(await other.packs(ADDRESS)).toEqual([]);
    expect(await infectedOf(other, [0])).toEqual({ infected: [], missing: [idOf(0)] });
  });

  it('writes the index last', async () => {
    const objects = createMemoryObjectStore();
    const written: string[] = [];
    const { store } = open({
      ...objects,
      put: (key, ...rest) => {
        written.push(key);
        return objects.put(key, ...rest);
      },
    });
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
    expect(written).toEqual([fileOf(nameAt(1), 'prevalence.parquet'), fileOf(nameAt(1), '_index.parquet')]);
  });

  it('does not count failures as results, and tells the latest of each', async () => {
    const { store, again } = open();
    await store.writeSimulations(ADDRESS, packOf(nameAt(3), [row(0), failed(1, '"first"'), failed(2)], [0, 1, 2]));
    await store.writeSimulations(ADDRESS, packOf(nameAt(2), [failed(1, '"second"')], [1]));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [2]));
    for (const reader of [store, again()]) {
      const existing = await reader.existing(ADDRESS);
      expect([0, 1, 2].map((task) => existing.has(idOf(task)))).toEqual([true, false, true]);
      expect(await reader.failures(ADDRESS)).toEqual([{ ...failed(1, '"second"'), pack: nameAt(2), job_id: 'job-a' }]);
      expect(await infectedOf(reader, [0, 1, 2])).toEqual({ infected: [0, 2], missing: [idOf(1)] });
    }
  });

  it('lets the lowest name win among duplicates, whatever was written first', async () => {
    const { store, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [5], 1000));
    await store.writeSimulations(ADDRESS, okPack(nameAt(2), [5, 6], 2000));
    for (const reader of [store, again()]) {
      expect(await infectedOf(reader, [5])).toEqual({ infected: [2005], missing: [] });
      expect((await reader.existing(ADDRESS, { relist: true })).size).toBe(2);
    }
  });

  it('gives no columns for an output that has none', async () => {
    const { store, bad } = open();
    const pack = okPack(nameAt(1), [0]);
    await store.writeSimulations(ADDRESS, { ...pack, outputs: { ...pack.outputs, nothing: { rows: Int32Array.of(0), columns: [] } } });
    const read = await store.readOutput(ADDRESS, [idOf(0)], 'nothing');
    expect(read).toEqual({ table: { rows: Int32Array.of(0), columns: [] }, missing: [] });
    expect(bad).toEqual([]);
  });

  it('refuses an output column with a name that every result has', async () => {
    const { store } = open();
    const outputs = { table: { rows: Int32Array.of(1), columns: [{ name: 'seed', values: Int32Array.of(1) }] } };
    const pack = { name: nameAt(1), simulations: [row(0)], outputs, job_id: 'j', worker: 'w' };
    await expect(store.writeSimulations(ADDRESS, pack)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('refuses what would overwrite the index or tear rows apart, with nothing written', async () => {
    const { objects, store } = open();
    const pack = okPack(nameAt(1), [0]);
    const values = new Float64Array(2);
    for (const outputs of [
      { _index: pack.outputs.prevalence! },
      { table: { rows: Int32Array.of(1), columns: [{ name: 'x', values }] } },
      { good: pack.outputs.prevalence!, twice: { rows: Int32Array.of(2), columns: [0, 1].map(() => ({ name: 'x', values })) } },
    ])
      await expect(store.writeSimulations(ADDRESS, { ...pack, outputs })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    for await (const { key } of objects.list('')) expect.fail(key);
  });

  it('writes the same bytes for the same pack', async () => {
    const [first, second] = [open(), open()];
    for (const { store } of [first, second]) await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0, 1, 2]));
    for (const file of ['prevalence.parquet', '_index.parquet']) {
      const [a, b] = [await first.objects.get(fileOf(nameAt(1), file)), await second.objects.get(fileOf(nameAt(1), file))];
      expect(Buffer.compare(a!.bytes, b!.bytes)).toBe(0);
    }
  });
});

describe('a bad pack', () => {
  it('is set aside and reported when a byte of an output changed, its tasks missing', async () => {
    const { objects, store, bad, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0, 1]));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [2]));
    await corrupt(objects, fileOf(nameAt(2), 'prevalence.parquet'));
    const reader = again();
    expect(await infectedOf(reader, [0, 1, 2])).toEqual({ infected: [2], missing: [idOf(0), idOf(1)] });
    expect(bad).toEqual([{ pack: fileOf(nameAt(2), '').slice(0, -1), reason: expect.stringContaining('prevalence.parquet') }]);
    const existing = await reader.existing(ADDRESS);
    expect([0, 1, 2].map((task) => existing.has(idOf(task)))).toEqual([false, false, true]);
    const aside: string[] = [];
    for await (const { key } of objects.list('quarantine/')) aside.push(key);
    expect(aside).toEqual(['_index.parquet', 'prevalence.parquet'].map((file) => `quarantine/${fileOf(nameAt(2), file)}`));
    expect(await objects.head(fileOf(nameAt(2), '_index.parquet'))).toBeUndefined();
  });

  it('leaves a duplicate of its tasks to be read next', async () => {
    const { objects, store, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0], 1000));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0], 2000));
    await corrupt(objects, fileOf(nameAt(2), 'prevalence.parquet'));
    const reader = again();
    await infectedOf(reader, [0]);
    expect(await infectedOf(reader, [0])).toEqual({ infected: [2000], missing: [] });
  });

  it('is set aside when its output is gone', async () => {
    const { objects, store, bad, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
    await objects.delete(fileOf(nameAt(1), 'prevalence.parquet'));
    expect(await infectedOf(again(), [0])).toEqual({ infected: [], missing: [idOf(0)] });
    expect(bad).toMatchObject([{ reason: expect.stringContaining('missing') }]);
  });

  it('is found by any one bit of its index', async () => {
    const { objects, store, bad, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0]));
    const key = fileOf(nameAt(1), '_index.parquet');
    const { bytes } = (await objects.get(key))!;
    const [output] = [await objects.get(fileOf(nameAt(1), 'prevalence.parquet'))];
    for (let at = 0; at < bytes.length; at += 17) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << (at % 8);
      await objects.put(key, changed);
      await objects.put(fileOf(nameAt(1), 'prevalence.parquet'), output!.bytes);
      const reader = again();
      expect((await reader.existing(ADDRESS)).size).toBe(0);
      expect(await infectedOf(reader, [0])).toEqual({ infected: [], missing: [idOf(0)] });
      expect(bad.splice(0)).toMatchObject([{ reason: expect.stringContaining('index') }]);
    }
  });

  it('that another process took away meanwhile is missing, not bad', async () => {
    const { objects, store, bad, again } = open();
    await store.writeSimulations(ADDRESS, okPack(nameAt(2), [0], 1000));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [0], 2000));
    const reader = again();
    await reader.existing(ADDRESS);
    for (const file of ['_index.parquet', 'prevalence.parquet']) await objects.delete(fileOf(nameAt(2), file));
    expect(await infectedOf(reader, [0])).toEqual({ infected: [], missing: [idOf(0)] });
    expect(await infectedOf(reader, [0])).toEqual({ infected: [2000], missing: [] });
    expect(bad).toEqual([]);
  });

  it('hides none of the packs around it when its index cannot be read', async () => {
    const { objects, store, bad, again } = open();
    for (const [at, hours] of [9, 8, 7].entries()) await store.writeSimulations(ADDRESS, okPack(nameAt(hours), [at]));
    await objects.put(fileOf(nameAt(8), '_index.parquet'), new TextEncoder().encode('no parquet'));
    const reader = again();
    const existing = await reader.existing(ADDRESS);
    expect([0, 1, 2].map((task) => existing.has(idOf(task)))).toEqual([true, false, true]);
    expect(await reader.packs(ADDRESS)).toEqual([nameAt(9), nameAt(7)]);
    expect(bad).toHaveLength(1);
  });
});

describe('aggregations', () => {
  const aggregation = (name: string, change: Partial<AggregationRow> = {}): AggregationRow => ({
    aggregation_id: sha256Hex(name) as AggregationId,
    param_id: sha256Hex('param') as ParamId,
    target: 'prevalence',
    loss: 0.1 + 0.2,
    n_replicates: 20,
    diagnostics: '{"bias":-1}',
    computed_at: '2026-03-01T12:00:00.000Z',
    job_id: 'job-a',
    reason: null,
    ...change,
  });

  it('gives back the rows, those without a loss too', async () => {
    const { store, again } = open();
    const rows = [aggregation('a'), aggregation('b', { loss: null, n_replicates: 0, reason: 'too few replicates' })];
    await store.writeAggregations(TARGETS, { name: nameAt(1), rows });
    for (const reader of [store, again()]) expect([...(await reader.aggregations(TARGETS)).values()]).toEqual(rows);
  });

  it('count once, the lowest pack name wins, whatever was read first', async () => {
    const { store, again } = open();
    const reader = again();
    await store.writeAggregations(TARGETS, { name: nameAt(0, 0.2), rows: [aggregation('a', { job_id: 'late' })] });
    expect((await reader.aggregations(TARGETS)).get(aggregation('a').aggregation_id)).toMatchObject({ job_id: 'late' });
    await store.writeAggregations(TARGETS, { name: nameAt(0, 0.1), rows: [aggregation('a', { job_id: 'early' })] });
    for (const one of [store, reader, again()])
      expect([...(await one.aggregations(TARGETS)).values()]).toEqual([aggregation('a', { job_id: 'early' })]);
  });
});

describe('DuckDB', () => {
  it('reads the outputs of all packs in one query', async () => {
    const root = await mkdtemp(join(tmpdir(), 'modelops-packs-'));
    folders.push(root);
    const { store } = open(createFsObjectStore(root));
    await store.writeSimulations(ADDRESS, packOf(nameAt(2), [row(0), row(1), failed(2)], [0, 1, 2]));
    await store.writeSimulations(ADDRESS, okPack(nameAt(1), [5]));
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    try {
      const query = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
      const files = `${root}/${packPrefix(ADDRESS)}*/prevalence.parquet`;
      expect(
        await query(`
          SELECT seed, param_id, count(*) AS n, sum(infected) AS infected, min(count) AS count, max(place) AS place, bool_or("isPeak") AS peak
          FROM '${files}' GROUP BY seed, param_id ORDER BY seed DESC`),
      ).toEqual(
        [0, 1, 5].map((task) => ({
          seed: row(task).seed,
          param_id: row(task).param_id,
          n: BigInt((task % 3) + 1),
          infected: task * ((task % 3) + 1),
          count: -(2n ** 62n) - BigInt(task),
          place: `ort-${task}-é${task % 3}`,
          peak: true,
        })),
      );
      const index = `${root}/${packPrefix(ADDRESS)}*/_index.parquet`;
      expect(await query(`SELECT status, count(*) AS n FROM '${index}' GROUP BY status ORDER BY status`)).toEqual([
        { status: 'failed', n: 1n },
        { status: 'ok', n: 3n },
      ]);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
});
