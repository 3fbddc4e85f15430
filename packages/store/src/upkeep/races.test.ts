import { type JobSpec, packPrefix, type TaskId } from '@modelops/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { createProvenanceStore } from '../packs/provenance-store.ts';
import { HOUR, NOW, nameAt, okPack } from '../packs/testing/packs.ts';
import { createJobRegistry } from '../records/create-job-registry.ts';
import { checkStore } from './check-store.ts';
import { collectGarbage } from './collect-garbage.ts';
import { compactStore } from './compact-store.ts';
import { DEFAULT_LIMITS } from './plan-compaction.ts';
import { planGarbage } from './plan-garbage.ts';
import { removeResult } from './remove-result.ts';
import { interruptedAt } from './testing/interrupted-store.ts';
import { addressOf, idsOf, specOf } from './testing/specs.ts';

const SETS = [1, 2, 3];
const GARBAGE = { evict: new Set<never>(), orphansBefore: NOW - HOUR, withQuarantine: false };
/** Its tasks are those of all packs, in their order. */
const SPEC = specOf('job-new', SETS);
const TASKS = idsOf(SPEC);

let objects: ObjectStore;
beforeEach(async () => {
  objects = createMemoryObjectStore();
  const store = createProvenanceStore(objects, { now: () => NOW });
  for (const at of SETS.keys()) {
    const ids = TASKS.slice(2 * at, 2 * at + 2);
    const pack = okPack(nameAt(9 - at), [0, 1]);
    const simulations = pack.simulations.map((row, place) => ({ ...row, task_id: ids[place]! }));
    await store.writeSimulations(addressOf(SPEC), { ...pack, simulations });
  }
});

const registryOf = (from: ObjectStore) => createJobRegistry(from, { now: () => new Date(NOW) });
const register = (spec: JobSpec) => registryOf(objects).register(spec, { tasks_total: 0, expected_outputs: null });
const compact = (from: ObjectStore = objects) =>
  compactStore(from, { ...DEFAULT_LIMITS, before: NOW, isDryRun: false, now: () => NOW, random: Math.random });
const remove = (task: TaskId, from: ObjectStore = objects) =>
  removeResult(from, addressOf(SPEC), task, { isDryRun: false, now: () => NOW, random: Math.random });

async function collect(from: ObjectStore = objects) {
  const { garbage } = await planGarbage(from, registryOf(from), GARBAGE);
  return collectGarbage(from, registryOf(from), garbage, { ...GARBAGE, now: () => NOW });
}

const readable = async (): Promise<TaskId[]> => {
  const { missing } = await createProvenanceStore(objects).readOutput(addressOf(SPEC), TASKS, 'prevalence');
  return TASKS.filter((id) => !missing.includes(id));
};
const existing = async (): Promise<TaskId[]> => {
  const ids = await createProvenanceStore(objects).existing(addressOf(SPEC));
  return TASKS.filter((id) => ids.has(id));
};
const problems = async () => (await checkStore(objects)).problems.filter(({ kind }) => kind !== 'orphan');

/** `one` is interrupted by `other` before each of its operations in turn; `check` is called when both have ended. */
async function atEveryStep(
  one: (from: ObjectStore) => Promise<unknown>,
  other: () => Promise<unknown>,
  check: (step: number) => Promise<void>,
) {
  const untouched = objects;
  for (let step = 0; ; step++) {
    objects = createMemoryObjectStore();
    for await (const { key } of untouched.list('')) await objects.put(key, (await untouched.get(key))!.bytes);
    const store = interruptedAt(step, objects, other);
    await one(store);
    if (!store.wasInterrupted()) return;
    await check(step);
  }
}

describe('concurrent with garbage collection, at every step,', () => {
  it('a submission finds each result either with its outputs, which are kept, or without them', async () => {
    let usable: TaskId[] = [];
    const submit = async () => {
      await register(SPEC);
      const store = createProvenanceStore(objects);
      const known = await store.existing(addressOf(SPEC), { relist: true });
      usable = TASKS.filter((id) => known.has(id) && !store.isEvicted(addressOf(SPEC), id));
    };
    const seen = new Set<number>();
    await atEveryStep(
      async (from) => {
        usable = [];
        await collect(from);
      },
      submit,
      async (step) => {
        expect(await readable(), `step ${step}`).toEqual(expect.arrayContaining(usable));
        expect(await existing()).toEqual(TASKS);
        expect(await problems()).toEqual([]);
        seen.add(usable.length);
      },
    );
    expect([...seen].sort()).toEqual([0, 2, 4, 6]);
  });

  it('a compaction loses no row, and no file is reported as lost', async () => {
    await register(specOf('job-old', SETS.slice(0, 2)));
    const check = async (step: number) => {
      expect(await readable(), `step ${step}`).toEqual(expect.arrayContaining(TASKS.slice(0, 4)));
      expect(await existing()).toEqual(TASKS);
      expect(await problems()).toEqual([]);
    };
    await atEveryStep(collect, compact, check);
    await atEveryStep(compact, collect, check);
  });

  it('another collection does the same work', async () => {
    await register(specOf('job-old', SETS.slice(0, 2)));
    await atEveryStep(collect, collect, async () => {
      expect(await readable()).toEqual(TASKS.slice(0, 4));
      expect(await problems()).toEqual([]);
    });
  });
});

describe('at every step, a removed result stays removed and all others are kept', () => {
  const without = (...tasks: number[]) => TASKS.filter((_, at) => !tasks.includes(at));
  const check =
    (...removed: number[]) =>
    async (step: number) => {
      expect(await existing(), `step ${step}`).toEqual(without(...removed));
      expect(await readable(), `step ${step}`).toEqual(without(...removed));
      expect((await checkStore(objects)).problems).toEqual([]);
    };

  it('during a compaction', async () => {
    await atEveryStep((from) => remove(TASKS[0]!, from), compact, check(0));
    await atEveryStep(compact, () => remove(TASKS[0]!), check(0));
  });

  it('during the removal of another task of its pack', async () => {
    await atEveryStep(
      (from) => remove(TASKS[0]!, from),
      () => remove(TASKS[1]!),
      check(0, 1),
    );
  });
});

it('packs are under the address that these tests read', async () => {
  for await (const { key } of objects.list('')) expect(key.startsWith(packPrefix(addressOf(SPEC)))).toBe(true);
});
