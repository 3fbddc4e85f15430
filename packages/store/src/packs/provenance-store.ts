import { type AggregationId, messageOf, type PackAddress, packPrefix, type TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { failedRows } from './failed-rows.ts';
import { createKnownPacks, type KnownPacks, takeIndex } from './known-packs.ts';
import { type BadPack, isOpen, openIndex, openOutput, setAside, writeFiles } from './pack-files.ts';
import { packTime } from './pack-name.ts';
import { gatherOutput, type OutputPlace, type PackOutput } from './read-output.ts';
import type { AggregationRow, FailedRow, OutputTable, SimulationPack } from './rows.ts';
import type { TaskIdSet } from './task-id-set.ts';
import { aggregationFiles, INDEX, simulationFiles } from './write-pack.ts';

export interface ExistingOptions {
  /** List every name again, instead of those of the last ten minutes and later: for a verdict. */
  readonly relist?: boolean;
}

/** Results addressed by what determines them, in packs (DESIGN §6). An index is a pack's commit: without one it does not exist. */
export interface ProvenanceStore {
  /** @throws MODEL_INVALID for a name of an output or a column that the pack uses itself */
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
  /** Of duplicates the lowest pack name counts. The map grows as packs are found; do not change it. */
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
/** Files asked for at once: a store across a network answers each in tens of milliseconds. */
const AT_ONCE = 16;
/** Outputs kept open, of up to 64 MiB each: parameter sets that share a pack are read one after another. */
const HELD_OUTPUTS = 4;

export function createProvenanceStore(
  objects: ObjectStore,
  { now = Date.now, onBadPack = () => undefined }: ProvenanceOptions = {},
): ProvenanceStore {
  const known = new Map<string, KnownPacks>();
  const outputs = new Map<string, PackOutput>();
  const looking = new Map<string, Promise<unknown>>();

  const knownOf = (prefix: string): KnownPacks => {
    const held = known.get(prefix) ?? createKnownPacks();
    known.set(prefix, held);
    return held;
  };

  /** Also forgets the address: what was taken from the pack cannot be taken back. */
  const quarantine = async (prefix: string, name: string, reason: string): Promise<void> => {
    known.delete(prefix);
    await setAside(objects, `${prefix}${name}`);
    onBadPack({ pack: `${prefix}${name}`, reason });
  };

  const namesAfter = async (prefix: string, startAfter: string): Promise<string[]> => {
    const names: string[] = [];
    for await (const { key } of objects.list(prefix, { startAfter }))
      if (key.endsWith(`/${INDEX}`)) names.push(key.slice(prefix.length, -INDEX.length - 1));
    return names;
  };

  /** Reads the indexes of packs not seen before. */
  const look = async (kind: PackAddress['kind'], prefix: string, relist: boolean): Promise<KnownPacks> => {
    const packs = knownOf(prefix);
    const isFirst = packs.names.size === 0;
    const startAfter = isFirst || relist ? '' : `${prefix}${packTime(now() - LATE_MS)}`;
    const found = (await namesAfter(prefix, startAfter)).filter((name) => !packs.names.has(name));
    for (let start = 0; start < found.length; start += AT_ONCE) {
      const names = found.slice(start, start + AT_ONCE);
      const indexes = await Promise.all(names.map((name) => openIndex(objects, `${prefix}${name}`)));
      for (const [at, index] of indexes.entries()) {
        const reason = isOpen(index) ? takenOrWhy(packs, names[at]!, index, kind) : index === 'gone' ? undefined : index.bad;
        if (reason === undefined) continue;
        await setAside(objects, `${prefix}${names[at]}`);
        onBadPack({ pack: `${prefix}${names[at]}`, reason });
      }
    }
    // A pack that was set aside meanwhile made the store forget this address.
    return known.get(prefix) === packs ? packs : look(kind, prefix, true);
  };

  /** One look at an address at a time: two would take the same indexes. */
  const refresh = (address: PackAddress, { relist = false }: ExistingOptions = {}): Promise<KnownPacks> => {
    const prefix = packPrefix(address);
    const before = looking.get(prefix) ?? Promise.resolve();
    const next = before.catch(() => undefined).then(() => look(address.kind, prefix, relist));
    looking.set(prefix, next);
    return next;
  };

  const outputOf = async (prefix: string, name: string, output: string): Promise<PackOutput | undefined> => {
    const key = `${prefix}${name}/${output}`;
    const held = outputs.get(key);
    if (held !== undefined) return held;
    const opened = await openOutput(objects, `${prefix}${name}`, output);
    if (opened === 'gone') known.delete(prefix);
    else if (!isOpen(opened)) await quarantine(prefix, name, opened.bad);
    if (!isOpen(opened)) return undefined;
    if (outputs.size >= HELD_OUTPUTS) outputs.delete(outputs.keys().next().value!);
    outputs.set(key, opened);
    return opened;
  };

  return {
    async writeSimulations(address, pack) {
      const prefix = packPrefix(address);
      await writeFiles(objects, `${prefix}${pack.name}`, simulationFiles(pack));
      const packs = knownOf(prefix);
      if (packs.names.has(pack.name)) return;
      packs.names.add(pack.name);
      if (packs.tasks.takeRows(pack.name, pack.simulations)) packs.failing.add(pack.name);
    },
    async writeAggregations(address, { name, rows }) {
      const prefix = packPrefix(address);
      await writeFiles(objects, `${prefix}${name}`, aggregationFiles(rows));
      const packs = knownOf(prefix);
      packs.names.add(name);
      packs.takeAggregations(name, rows);
    },
    existing: async (address, options) => (await refresh(address, options)).tasks.existing,
    aggregations: async (address, options) => (await refresh(address, options)).aggregations,
    packs: async (address) => [...(await refresh(address)).names].sort(),
    async failures(address) {
      const prefix = packPrefix(address);
      const { failing, tasks } = await refresh(address);
      const latest = new Map<TaskId, FailedRow>();
      for (const pack of [...failing].sort()) {
        const index = await openIndex(objects, `${prefix}${pack}`);
        if (!isOpen(index)) continue;
        for (const row of failedRows(index, pack)) if (!tasks.existing.has(row.task_id)) latest.set(row.task_id, row);
      }
      return [...latest.values()];
    },
    async readOutput(address, taskIds, output) {
      const prefix = packPrefix(address);
      const held = known.get(prefix)?.tasks;
      const isKnown = held !== undefined && taskIds.every((id) => held.existing.has(id));
      const { tasks } = isKnown ? { tasks: held } : await refresh(address);
      const found = taskIds.map((id) => tasks.find(id));
      const opened = new Map<string, PackOutput | undefined>();
      for (const place of found)
        if (place !== undefined && !opened.has(place.pack)) opened.set(place.pack, await outputOf(prefix, place.pack, output));
      const missing: TaskId[] = [];
      const places: OutputPlace[] = [];
      found.forEach((place, at) => {
        const from = place && opened.get(place.pack);
        if (from === undefined) missing.push(taskIds[at]!);
        else places.push({ output: from, row: place!.row });
      });
      return { table: gatherOutput(output, places), missing };
    },
  };
}

/** Takes an index; why it could not be taken, where that is so. */
function takenOrWhy(
  packs: KnownPacks,
  name: string,
  index: Parameters<typeof takeIndex>[2],
  kind: PackAddress['kind'],
): string | undefined {
  try {
    takeIndex(packs, name, index, kind);
    return undefined;
  } catch (error) {
    return `its index cannot be read: ${messageOf(error)}`;
  }
}
