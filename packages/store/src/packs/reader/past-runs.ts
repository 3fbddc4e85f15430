import { type PackAddress, packPrefix } from '@modelops/contracts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { type PackObjects, packsUnder } from '../catalogue/list-packs.ts';
import { isOpen, openWholeIndex } from '../index/open-index.ts';
import type { ParquetTable } from '../parquet/read-parquet.ts';

/** How long the simulations of one parameter set took. */
export interface PastSet {
  /** Canonical JSON. */
  readonly params: string;
  readonly tasks: number;
  /** Milliseconds, summed over the tasks. */
  readonly total_ms: number;
}

/** Time and space used by the results of a model. */
export interface PastRuns {
  readonly sets: readonly PastSet[];
  readonly tasks: number;
  /** Bytes per task in the store, including the index. */
  readonly bytesPerTask: number;
  /** True if this version of the code has no results, and these are of another version of the same entry point. */
  readonly isOtherCode: boolean;
}

/** The newest packs of an address are enough for an estimate. */
const MAX_PACKS = 256;

/**
 * Durations of the simulations that succeeded at an address; if there are none, those of another version of the same entry point,
 * the one that ran last. Undefined if none ever ran. Reads the indexes of the newest 256 packs; changes nothing.
 */
export async function readPastRuns(objects: ObjectStore, address: PackAddress): Promise<PastRuns | undefined> {
  const own = packPrefix(address);
  const packs = await packsUnder(objects, own);
  const runs = await readRuns(objects, packs);
  if (runs.tasks > 0) return { ...runs, isOtherCode: false };
  let last: readonly PackObjects[] = [];
  for (const prefix of await otherVersions(objects, own)) {
    const found = await packsUnder(objects, prefix);
    if (found.length > 0 && (last.length === 0 || found.at(-1)!.name > last.at(-1)!.name)) last = found;
  }
  const others = await readRuns(objects, last);
  return others.tasks > 0 ? { ...others, isOtherCode: true } : undefined;
}

/** `provenance/<schema>/v1/sims/<code>/<entry>/` of every other code. */
async function otherVersions(objects: ObjectStore, prefix: string): Promise<string[]> {
  const parts = prefix.split('/');
  const [code, entry] = parts.slice(-3);
  const all = `${parts.slice(0, -3).join('/')}/`;
  const prefixes: string[] = [];
  for await (const { key } of objects.list(all, { delimiter: '/' }))
    if (key.endsWith('/') && key !== `${all}${code}/`) prefixes.push(`${key}${entry}/`);
  return prefixes;
}

async function readRuns(objects: ObjectStore, packs: readonly PackObjects[]): Promise<Omit<PastRuns, 'isOtherCode'>> {
  const sets = new Map<string, { tasks: number; total_ms: number }>();
  let [tasks, rows, bytes] = [0, 0, 0];
  for (const { folder, files } of packs.slice(-MAX_PACKS)) {
    const index = await openWholeIndex(objects, folder);
    if (!isOpen(index)) continue;
    rows += index.rows;
    for (const { size } of files) bytes += size;
    tasks += addDurations(sets, index);
  }
  const list = [...sets].map(([params, { tasks: n, total_ms }]) => ({ params, tasks: n, total_ms }));
  return { sets: list, tasks, bytesPerTask: rows === 0 ? 0 : bytes / rows };
}

/** Adds the durations of successful simulations and returns their number. */
function addDurations(sets: Map<string, { tasks: number; total_ms: number }>, index: ParquetTable): number {
  const params = index.list<string>('params');
  const status = index.list<string>('status');
  const durations = index.list<number>('duration_ms');
  let taken = 0;
  for (let row = 0; row < index.rows; row++) {
    if (status[row] !== 'ok') continue;
    const set = sets.get(params[row]!) ?? { tasks: 0, total_ms: 0 };
    set.tasks++;
    set.total_ms += durations[row]!;
    sets.set(params[row]!, set);
    taken++;
  }
  return taken;
}
