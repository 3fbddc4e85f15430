import { type AggregationId, messageOf, type PackAddress, packPrefix, sha256Hex, type TaskId } from '@modelops/contracts';
import type { Table } from 'apache-arrow';
import type { ObjectStore } from '../objects/object-store.ts';
import { packTime } from './pack-name.ts';
import { numbersOf, readParquet, valuesOf } from './parquet.ts';
import { joinTables, outputRows, sliceColumns } from './read-output.ts';
import type { AggregationRow, FailedRow, OutputTable, SimulationPack } from './rows.ts';
import { TaskIdSet } from './task-id-set.ts';
import { aggregationFiles, INDEX, type PackFiles, simulationFiles } from './write-pack.ts';

/** A pack whose bytes are not what its index says, or whose index cannot be read. */
export interface BadPack {
  readonly pack: string;
  readonly reason: string;
}

export interface ExistingOptions {
  /** List every name again, instead of those of the last ten minutes and later: for a verdict. */
  readonly relist?: boolean;
}

/** Results addressed by what determines them, in packs (DESIGN §6). An index is a pack's commit: without one it does not exist. */
export interface ProvenanceStore {
  writeSimulations(address: PackAddress, pack: SimulationPack): Promise<void>;
  writeAggregations(address: PackAddress, pack: { readonly name: string; readonly rows: readonly AggregationRow[] }): Promise<void>;
  /** Ids of the tasks that have a result. The set grows as packs are found; do not change it. */
  existing(address: PackAddress, options?: ExistingOptions): Promise<TaskIdSet>;
  /** The latest failure of each task that has no result. */
  failures(address: PackAddress): Promise<FailedRow[]>;
  /**
   * An output of the given tasks, in their order. Of duplicates the lowest pack name counts. A pack with bad bytes is set aside and
   * reported; its tasks are among `missing`, as are those that do not exist.
   */
  readOutput(
    address: PackAddress,
    taskIds: readonly TaskId[],
    output: string,
  ): Promise<{ readonly table: OutputTable; readonly missing: readonly TaskId[] }>;
  aggregations(address: PackAddress, options?: ExistingOptions): Promise<ReadonlyMap<AggregationId, AggregationRow>>;
  /** Names of the packs of an address, in order. */
  packs(address: PackAddress): Promise<string[]>;
}

export interface ProvenanceOptions {
  readonly now?: () => number;
  readonly onBadPack?: (bad: BadPack) => void;
}

/** A pack may be committed this long after its name was made (a slow flush, clocks apart). */
const LATE_MS = 10 * 60_000;

interface Known {
  readonly names: Set<string>;
  readonly existing: TaskIdSet;
  readonly failing: Set<string>;
  readonly aggregations: Map<AggregationId, AggregationRow>;
  /** Where each task is, made when an output is first read. */
  places: Map<TaskId, { readonly pack: string; readonly place: number }> | undefined;
}

export function createProvenanceStore(
  objects: ObjectStore,
  { now = Date.now, onBadPack = () => undefined }: ProvenanceOptions = {},
): ProvenanceStore {
  const known = new Map<string, Known>();
  const outputs = new Map<string, { readonly rows: Int32Array; readonly table: Table }>();

  const stateOf = (prefix: string): Known => {
    let state = known.get(prefix);
    if (state === undefined) {
      state = { names: new Set(), existing: new TaskIdSet(), failing: new Set(), aggregations: new Map(), places: undefined };
      known.set(prefix, state);
    }
    return state;
  };

  const write = async (prefix: string, name: string, files: PackFiles): Promise<void> => {
    const put = ({ name: file, bytes }: PackFiles[number]) => objects.put(`${prefix}${name}/${file}`, bytes);
    await Promise.all(files.filter((file) => file.name !== INDEX).map(put));
    for (const file of files) if (file.name === INDEX) await put(file);
  };

  const setAside = async (prefix: string, name: string, reason: string): Promise<void> => {
    for await (const { key } of objects.list(`${prefix}${name}/`)) {
      const object = await objects.get(key);
      if (object !== undefined) await objects.put(`quarantine/${key}`, object.bytes);
      await objects.delete(key);
    }
    known.delete(prefix);
    onBadPack({ pack: `${prefix}${name}`, reason });
  };

  const indexOf = async (prefix: string, name: string): Promise<Table | undefined> => {
    const object = await objects.get(`${prefix}${name}/${INDEX}`);
    if (object === undefined) return undefined;
    try {
      return await readParquet(object.bytes);
    } catch (error) {
      await setAside(prefix, name, `its index cannot be read: ${messageOf(error)}`);
      return undefined;
    }
  };

  /** Reads the indexes of packs not seen before, lowest name first. */
  const refresh = async (address: PackAddress, { relist = false }: ExistingOptions = {}): Promise<Known> => {
    const prefix = packPrefix(address);
    const state = stateOf(prefix);
    const { names } = state;
    const newest = names.size === 0 || relist ? undefined : packTime(now() - LATE_MS);
    const found: string[] = [];
    for await (const { key } of objects.list(prefix, newest === undefined ? {} : { startAfter: `${prefix}${newest}` })) {
      if (!key.endsWith(`/${INDEX}`)) continue;
      const name = key.slice(prefix.length, -INDEX.length - 1);
      if (!names.has(name)) found.push(name);
    }
    for (const name of found.sort()) {
      const index = await indexOf(prefix, name);
      if (index !== undefined) take(state, name, index, address.kind);
    }
    // A pack set aside made the store forget this address: what was known of its other packs has to be read again.
    return stateOf(prefix) === state ? state : refresh(address, { relist: true });
  };

  const place = async (prefix: string, state: Known): Promise<NonNullable<Known['places']>> => {
    if (state.places !== undefined) return state.places;
    const places: NonNullable<Known['places']> = new Map();
    for (const pack of [...state.names].sort()) {
      const index = await indexOf(prefix, pack);
      if (index === undefined) continue;
      const statuses = valuesOf<string>(index, 'status');
      valuesOf<TaskId>(index, 'task_id').forEach((id, at) => {
        if (statuses[at] === 'ok' && !places.has(id)) places.set(id, { pack, place: at });
      });
    }
    state.places = places;
    return places;
  };

  /** An output file with its rows by simulation, its bytes checked; undefined when it had to be set aside. */
  const openOutput = async (prefix: string, pack: string, output: string) => {
    const key = `${prefix}${pack}/${output}.parquet`;
    const held = outputs.get(key);
    if (held !== undefined) return held;
    const index = await indexOf(prefix, pack);
    const rows = index && numbersOf<Int32Array>(index, `rows_${output}`);
    if (index === undefined || rows === undefined) return undefined;
    const [expected] = valuesOf<string>(index, `sha256_${output}`);
    if (expected === undefined) return { rows, table: undefined }; // no columns, so no file
    const object = await objects.get(key);
    const actual = object === undefined ? 'missing' : sha256Hex(object.bytes);
    if (object === undefined || actual !== expected) {
      await setAside(prefix, pack, `${output}.parquet is ${actual}, its index says ${expected}`);
      return undefined;
    }
    const opened = { rows, table: await readParquet(object.bytes) };
    if (outputs.size >= 8) outputs.delete(outputs.keys().next().value!);
    outputs.set(key, opened);
    return opened;
  };

  return {
    async writeSimulations(address, pack) {
      const prefix = packPrefix(address);
      await write(prefix, pack.name, await simulationFiles(pack));
      const state = stateOf(prefix);
      state.names.add(pack.name);
      state.places = undefined;
      for (const { task_id, status } of pack.simulations) {
        if (status === 'ok') state.existing.add(task_id);
        else state.failing.add(pack.name);
      }
    },
    async writeAggregations(address, { name, rows }) {
      const prefix = packPrefix(address);
      await write(prefix, name, await aggregationFiles(rows));
      const state = stateOf(prefix);
      state.names.add(name);
      for (const row of rows) if (!state.aggregations.has(row.aggregation_id)) state.aggregations.set(row.aggregation_id, row);
    },
    existing: async (address, options) => (await refresh(address, options)).existing,
    aggregations: async (address, options) => (await refresh(address, options)).aggregations,
    packs: async (address) => [...(await refresh(address)).names].sort(),
    async failures(address) {
      const prefix = packPrefix(address);
      const state = await refresh(address);
      const latest = new Map<TaskId, FailedRow>();
      for (const pack of [...state.failing].sort()) {
        const index = await indexOf(prefix, pack);
        if (index === undefined) continue;
        for (const row of failedRows(index, pack)) if (!state.existing.has(row.task_id)) latest.set(row.task_id, row);
      }
      return [...latest.values()];
    },
    async readOutput(address, taskIds, output) {
      const prefix = packPrefix(address);
      const state = await refresh(address);
      const places = await place(prefix, state);
      const missing: TaskId[] = [];
      const parts: OutputTable[] = [];
      for (const id of taskIds) {
        const at = places.get(id);
        const opened = at && (await openOutput(prefix, at.pack, output));
        if (at === undefined || opened === undefined) missing.push(id);
        else
          parts.push({
            rows: Int32Array.of(opened.rows[at.place]!),
            columns: opened.table === undefined ? [] : sliceColumns(opened.table, outputRows(opened.rows, at.place)),
          });
      }
      return { table: joinTables(parts), missing };
    },
  };
}

function take(state: Known, name: string, index: Table, kind: PackAddress['kind']): void {
  state.names.add(name);
  state.places = undefined;
  if (kind === 'aggs') {
    for (const row of index.toArray() as AggregationRow[]) {
      const plain = { ...(row as unknown as { toJSON(): AggregationRow }).toJSON() };
      if (!state.aggregations.has(plain.aggregation_id)) state.aggregations.set(plain.aggregation_id, plain);
    }
    return;
  }
  const statuses = valuesOf<string>(index, 'status');
  state.existing.addColumn(index, 'task_id', (row) => statuses[row] === 'ok');
  if (statuses.includes('failed')) state.failing.add(name);
}

function failedRows(index: Table, pack: string): FailedRow[] {
  const column = <T>(name: string) => valuesOf<T>(index, name);
  const [ids, paramIds, params, seeds, errors, started, durations, jobs] = [
    column<TaskId>('task_id'),
    column<FailedRow['param_id']>('param_id'),
    column<string>('params'),
    column<bigint>('seed'),
    column<string | null>('error'),
    column<number>('started_at'),
    column<number>('duration_ms'),
    column<string>('job_id'),
  ];
  return column<string>('status').flatMap((status, at) =>
    status !== 'failed'
      ? []
      : [
          {
            task_id: ids[at]!,
            param_id: paramIds[at]!,
            params: params[at]!,
            seed: seeds[at]!,
            status,
            error: errors[at]!,
            started_at: started[at]!,
            duration_ms: durations[at]!,
            job_id: jobs[at]!,
            pack,
          },
        ],
  );
}
