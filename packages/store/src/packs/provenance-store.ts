import { ModelOpsError, type OutputTable, type PackAddress, packPrefix, type TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { LoadedPacks } from './catalogue/loaded-packs.ts';
import { createPackCatalogue, type ExistingOptions, type ProvenanceOptions } from './catalogue/pack-catalogue.ts';
import type { Aggregations } from './index/aggregation-rows.ts';
import { failedRows, type IndexRow, rowsAt } from './index/index-rows.ts';
import { isBad, isOpen, openWholeIndex } from './index/open-index.ts';
import type { TaskIdSet } from './index/task-id-set.ts';
import { INDEX } from './pack-name.ts';
import { gatherOutput, type OutputPlace, openOutput, type PackOutput } from './reader/read-output.ts';
import type { AggregationRow, FailedRow, SimulationPack } from './rows.ts';

/** An output of several tasks. */
export interface OutputRead {
  /** The output of the tasks that have it, in the requested order. */
  readonly table: OutputTable;
  /** The other tasks: they have no result, no such output, or were evicted. */
  readonly missing: readonly TaskId[];
  /** The tasks of `missing` whose outputs were deleted (`mops store gc`). */
  readonly evicted: readonly TaskId[];
}

/** Results in packs, addressed by the inputs that determine them. An index commits a pack: without one it does not exist. */
export interface ProvenanceStore {
  /** @throws MODEL_INVALID for a reserved name of an output or a column */
  writeSimulations(address: PackAddress, pack: SimulationPack): Promise<void>;
  writeAggregations(address: PackAddress, pack: { readonly name: string; readonly rows: readonly AggregationRow[] }): Promise<void>;
  /** Ids of the tasks that have a result. The set grows as packs are found; read-only for the caller. */
  existing(address: PackAddress, options?: ExistingOptions): Promise<TaskIdSet>;
  /** The index rows of the given tasks, in their order; undefined for one that has no result. Of duplicates the lowest pack name counts. */
  rows(address: PackAddress, taskIds: readonly TaskId[]): Promise<(IndexRow | undefined)[]>;
  /** Whether a task has a result whose outputs were deleted in every pack that has it, as of the last listing. */
  isEvicted(address: PackAddress, taskId: TaskId): boolean;
  /** The latest failure of each task that has no result. */
  failures(address: PackAddress): Promise<FailedRow[]>;
  /**
   * An output of the given tasks, in their order. Of duplicates the lowest pack name counts. A pack with bad bytes is quarantined and
   * reported, and its tasks are read from other packs.
   */
  readOutput(address: PackAddress, taskIds: readonly TaskId[], output: string): Promise<OutputRead>;
  /** They grow as packs are found. */
  aggregations(address: PackAddress, options?: ExistingOptions): Promise<Aggregations>;
  /** Names of the packs of an address, in order. */
  packs(address: PackAddress): Promise<string[]>;
}

/** Outputs kept open, of up to 64 MiB each: parameter sets that share a pack are read one after another. */
const OPEN_OUTPUTS = 4;
/** Maximum number of reads of tasks whose packs are replaced repeatedly. */
const MAX_READS = 5;

export function createProvenanceStore(
  objects: ObjectStore,
  { now = Date.now, onBadPack = () => undefined, isReadOnly = false }: ProvenanceOptions = {},
): ProvenanceStore {
  const catalogue = createPackCatalogue(objects, { now, onBadPack, isReadOnly });
  const outputs = new Map<string, PackOutput>();

  /** An output of a pack, or why there is none: 'gone' also if the pack was bad and has been quarantined. */
  const outputOf = async (prefix: string, name: string, output: string): Promise<PackOutput | 'gone' | 'evicted' | 'lacking'> => {
    const key = `${prefix}${name}/${output}`;
    const held = outputs.get(key);
    if (held !== undefined) return held;
    const opened = await openOutput(objects, `${prefix}${name}`, output);
    if (isBad(opened)) {
      await catalogue.quarantine(prefix, name, opened.bad);
      return 'gone';
    }
    if (!isOpen(opened)) return opened;
    if (outputs.size >= OPEN_OUTPUTS) outputs.delete(outputs.keys().next().value!);
    outputs.set(key, opened);
    return opened;
  };

  /** Reads an output from the packs known now; undefined if one of them was deleted, so that its tasks must be found again. */
  const readOnce = async (
    { tasks }: LoadedPacks,
    prefix: string,
    taskIds: readonly TaskId[],
    output: string,
  ): Promise<OutputRead | undefined> => {
    const found = taskIds.map((id) => tasks.find(id));
    const opened = new Map<string, Awaited<ReturnType<typeof outputOf>>>();
    for (const place of found)
      if (place !== undefined && !opened.has(place.pack)) opened.set(place.pack, await outputOf(prefix, place.pack, output));
    if ([...opened.values()].includes('gone')) return undefined;
    const [missing, evicted, places]: [TaskId[], TaskId[], OutputPlace[]] = [[], [], []];
    found.forEach((place, at) => {
      const from = place === undefined ? 'gone' : opened.get(place.pack)!;
      if (typeof from === 'object') places.push({ output: from, row: place!.row });
      else missing.push(taskIds[at]!);
      if (from === 'evicted') evicted.push(taskIds[at]!);
    });
    return { table: gatherOutput(output, places), missing, evicted };
  };

  /** Lists and reads again if packs were deleted meanwhile by compaction or quarantine. */
  const readRepeatedly = async <T>(
    address: PackAddress,
    packs: LoadedPacks,
    read: (packs: LoadedPacks) => Promise<T | undefined>,
  ): Promise<T> => {
    for (let round = 1, known = packs; ; round++) {
      const result = await read(known);
      if (result !== undefined) return result;
      if (round >= MAX_READS)
        throw new ModelOpsError('STORE_UNREACHABLE', `packs under ${packPrefix(address)} were deleted while they were read`);
      known = await catalogue.refresh(address, { relist: true });
    }
  };

  return {
    async writeSimulations(address, pack) {
      const { simulationFiles, writeFiles } = await import('./writer/write-pack.ts');
      const prefix = packPrefix(address);
      const files = simulationFiles(pack);
      await writeFiles(objects, `${prefix}${pack.name}`, files);
      const packs = catalogue.known(prefix);
      if (packs.files.has(pack.name)) return;
      packs.files.set(
        pack.name,
        files.flatMap(({ name }) => (name === INDEX ? [] : [name])),
      );
      if (packs.tasks.addRows(pack.name, pack.simulations)) packs.failing.add(pack.name);
    },
    async writeAggregations(address, { name, rows }) {
      const { aggregationFiles, writeFiles } = await import('./writer/write-pack.ts');
      const prefix = packPrefix(address);
      await writeFiles(objects, `${prefix}${name}`, aggregationFiles(rows));
      const packs = catalogue.known(prefix);
      packs.files.set(name, []);
      packs.aggregations.addRows(name, rows);
    },
    existing: async (address, options) => (await catalogue.refresh(address, options)).tasks.existing,
    aggregations: async (address, options) => (await catalogue.refresh(address, options)).aggregations,
    packs: async (address) => [...(await catalogue.refresh(address)).files.keys()].sort(),
    async rows(address, taskIds) {
      const open = (pack: string) => openWholeIndex(objects, `${packPrefix(address)}${pack}`);
      return readRepeatedly(address, await catalogue.refresh(address), ({ tasks }) =>
        rowsAt(
          taskIds.map((id) => tasks.find(id)),
          open,
        ),
      );
    },
    isEvicted(address, taskId) {
      const { evicted, tasks } = catalogue.known(packPrefix(address));
      const place = evicted.size === 0 ? undefined : tasks.find(taskId);
      return place !== undefined && evicted.has(place.pack);
    },
    async failures(address) {
      const prefix = packPrefix(address);
      const { failing, tasks } = await catalogue.refresh(address);
      const latest = new Map<TaskId, FailedRow>();
      for (const pack of [...failing].sort()) {
        const index = await openWholeIndex(objects, `${prefix}${pack}`);
        if (!isOpen(index)) continue;
        for (const row of failedRows(index, pack)) {
          const isLater = row.started_at >= (latest.get(row.task_id)?.started_at ?? 0);
          if (isLater && !tasks.existing.has(row.task_id)) latest.set(row.task_id, row);
        }
      }
      return [...latest.values()];
    },
    async readOutput(address, taskIds, output) {
      const prefix = packPrefix(address);
      let packs = catalogue.known(prefix);
      if (!taskIds.every((id) => packs.tasks.existing.has(id))) packs = await catalogue.refresh(address);
      return readRepeatedly(address, packs, (known) => readOnce(known, prefix, taskIds, output));
    },
  };
}
