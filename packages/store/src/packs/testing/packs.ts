import { type Digest, digestOf, type PackAddress, type ParamId, packPrefix, sha256Hex, type TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../../objects/object-store.ts';
import type { BadPack } from '../catalogue/removal.ts';
import { packName } from '../pack-name.ts';
import { createProvenanceStore, type ProvenanceStore } from '../provenance-store.ts';
import type { SimulationPack, SimulationRow } from '../rows.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const HOUR = 3_600_000;
export const ADDRESS: PackAddress = { schema: 'token', kind: 'sims', code: digestOf('model') as Digest, name: 'models.seir.SEIR/baseline' };
export const TARGETS: PackAddress = { ...ADDRESS, kind: 'aggs', name: 'prevalence' };

export const idOf = (task: number) => sha256Hex(`task ${task}`) as TaskId;
/** Names in the order of their age, `hours` before now. */
export const nameAt = (hours: number, random = 0.5) => packName(NOW - hours * HOUR, () => random);

export function row(task: number, change: Partial<SimulationRow> = {}): SimulationRow {
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

export const failed = (task: number, error = '"boom"') => row(task, { status: 'failed', error });

/** Task t yields t % 3 + 1 rows, whose values identify the task (and the pack, by `mark`); a failed task yields none. */
export function packOf(name: string, simulations: readonly SimulationRow[], tasks: readonly number[], mark = 0): SimulationPack {
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

export const okPack = (name: string, tasks: readonly number[], mark = 0) =>
  packOf(
    name,
    tasks.map((task) => row(task)),
    tasks,
    mark,
  );

export const fileOf = (pack: string, file: string) => `${packPrefix(ADDRESS)}${pack}/${file}`;

/** A provenance store, a function that opens others over the same objects (as other processes do), and the bad packs that they report. */
export function openPacks(objects: ObjectStore) {
  const bad: BadPack[] = [];
  const again = () => createProvenanceStore(objects, { now: () => NOW, onBadPack: (pack) => bad.push(pack) });
  return { objects, bad, again, store: again() };
}

/** Flips one bit in the middle of an object. */
export async function corrupt(objects: ObjectStore, key: string): Promise<void> {
  const bytes = (await objects.get(key))!.bytes.slice();
  bytes[bytes.length >> 1]! ^= 1;
  await objects.put(key, bytes);
}

/** The distinct values of `prevalence.infected` of some tasks, which identify the task and the pack. */
export async function infectedOf(store: ProvenanceStore, tasks: readonly number[]) {
  const { table, missing } = await store.readOutput(ADDRESS, tasks.map(idOf), 'prevalence');
  const values = table.columns.find(({ name }) => name === 'infected')?.values ?? [];
  return { infected: [...new Set(values as Iterable<number>)], missing };
}

export async function keysUnder(objects: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects.list(prefix)) keys.push(key);
  return keys;
}

/** Opens packs in a new, empty store. */
export type OpenPacks = () => Promise<ReturnType<typeof openPacks>>;
