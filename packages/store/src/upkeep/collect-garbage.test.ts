import { type JobId, type JobSpec, keys, packPrefix } from '@modelops/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { createProvenanceStore, type ProvenanceStore } from '../packs/provenance-store.ts';
import { importingWorker } from '../packs/rows.ts';
import { HOUR, keysUnder, NOW, nameAt, okPack } from '../packs/testing/packs.ts';
import { createJobRegistry } from '../records/create-job-registry.ts';
import type { JobRegistry } from '../records/job-registry.ts';
import { checkStore } from './check-store.ts';
import { collectGarbage } from './collect-garbage.ts';
import { compactStore } from './compact-store.ts';
import { DEFAULT_LIMITS } from './plan-compaction.ts';
import { type GarbageOptions, planGarbage } from './plan-garbage.ts';
import { statsOf } from './store-stats.ts';
import { dyingAfter } from './testing/dying-store.ts';
import { addressOf, idsOf, specOf } from './testing/specs.ts';

const OPTIONS: GarbageOptions = { evict: new Set(), orphansBefore: NOW, withQuarantine: false };

let objects: ObjectStore;
let registry: JobRegistry;
let store: ProvenanceStore;
beforeEach(() => {
  objects = createMemoryObjectStore();
  registry = createJobRegistry(objects, { now: () => new Date(NOW) });
  store = createProvenanceStore(objects, { now: () => NOW });
});

/** Registers the job and writes its tasks as one pack. */
async function ran(spec: JobSpec, hours: number, imported: { worker: string; job_id: string } | undefined = undefined): Promise<string> {
  const { job_id, worker } = imported ?? { job_id: spec.job_id, worker: 'host-1' };
  if (imported === undefined) await registry.register(spec, { tasks_total: 0, expected_outputs: null });
  const ids = idsOf(spec);
  const pack = okPack(
    nameAt(hours),
    ids.map((_, at) => at),
  );
  const simulations = pack.simulations.map((row, at) => ({ ...row, task_id: ids[at]! }));
  await store.writeSimulations(addressOf(spec), { ...pack, simulations, job_id, worker });
  return `${packPrefix(addressOf(spec))}${pack.name}`;
}

const readOf = (spec: JobSpec, from = createProvenanceStore(objects)) => from.readOutput(addressOf(spec), idsOf(spec), 'prevalence');

async function deleteJob(job: string): Promise<void> {
  for (const key of await keysUnder(objects, keys.job(job as JobId))) await objects.delete(key);
}

async function collect(options: Partial<GarbageOptions> = {}) {
  const plan = await planGarbage(objects, registry, { ...OPTIONS, ...options });
  await collectGarbage(objects, registry, plan.garbage, { evict: options.evict ?? OPTIONS.evict, now: () => NOW });
  return plan;
}

describe('planGarbage', () => {
  it('finds nothing while a job expects a task of every pack', async () => {
    await ran(specOf('job-a', [1, 2]), 3);
    await ran(specOf('job-b', [1], 'lockdown'), 2);
    expect(await planGarbage(objects, registry, OPTIONS)).toEqual({
      garbage: [],
      kept: { reachable: 2, imported: 0 },
      evicted: 0,
      unreadable: [],
    });
  });

  it('names the outputs, but not the indexes, of packs that only deleted jobs expected', async () => {
    const [a, b] = [await ran(specOf('job-a', [1, 2]), 3), await ran(specOf('job-b', [3, 4]), 2)];
    await deleteJob('job-b');
    const { garbage, kept } = await planGarbage(objects, registry, OPTIONS);
    expect(kept.reachable).toBe(1);
    expect(garbage).toMatchObject([{ kind: 'outputs', pack: b, tasks: 4, files: [{ key: `${b}/prevalence.parquet` }] }]);
    expect(await keysUnder(objects, `${a}/`)).toHaveLength(2);
  });

  it('keeps results that a job expects but has not computed', async () => {
    const first = specOf('job-a', [1, 2]);
    await ran(first, 3);
    await registry.register(specOf('job-b', [2, 9]), { tasks_total: 0, expected_outputs: null });
    await deleteJob('job-a');
    expect((await planGarbage(objects, registry, OPTIONS)).garbage).toEqual([]);
  });

  it('keeps the outputs of imported results, which no job can compute again', async () => {
    const imports = [undefined, 'elsewhere/0'].map(importingWorker);
    await ran(specOf('job-a', [1]), 3, { worker: imports[0]!, job_id: '' });
    await ran(specOf('job-b', [2]), 2, { worker: imports[1]!, job_id: 'job-elsewhere' });
    const nothing = { garbage: [], kept: { reachable: 0, imported: 2 }, evicted: 0, unreadable: [] };
    expect(await planGarbage(objects, registry, OPTIONS)).toEqual(nothing);
    await compactStore(objects, { ...DEFAULT_LIMITS, before: NOW, isDryRun: false, now: () => NOW, random: Math.random });
    expect(await planGarbage(objects, registry, OPTIONS)).toEqual({ ...nothing, kept: { reachable: 0, imported: 1 } });
  });

  it('evicts computed results beside an imported one, also after a compaction', async () => {
    const imported = await ran(specOf('job-a', [1]), 4, { worker: importingWorker('elsewhere/0'), job_id: '' });
    for (const at of [2, 3]) await ran(specOf(`job-${at}`, [at]), 4 - at);
    await compactStore(objects, { ...DEFAULT_LIMITS, before: NOW, isDryRun: false, now: () => NOW, random: Math.random });
    const plan = await planGarbage(objects, registry, { ...OPTIONS, evict: new Set(['job-2', 'job-3'] as JobId[]) });
    expect(plan).toMatchObject({ garbage: [{ kind: 'outputs', tasks: 4 }], kept: { reachable: 0, imported: 1 } });
    expect(plan.garbage[0]!.pack).not.toBe(imported);
  });

  it('keeps the results of an evicted job that another job expects', async () => {
    const [a, b] = [await ran(specOf('job-a', [1]), 3), await ran(specOf('job-b', [2]), 2)];
    await registry.register(specOf('job-c', [1, 2]), { tasks_total: 0, expected_outputs: null });
    const evicted = (...jobs: string[]) => planGarbage(objects, registry, { ...OPTIONS, evict: new Set(jobs as JobId[]) });
    expect((await evicted('job-a', 'job-b')).garbage).toEqual([]);
    expect((await evicted('job-a', 'job-b', 'job-c')).garbage.map(({ pack }) => pack)).toEqual([a, b]);
  });

  it('keeps all outputs while the spec of a job cannot be read, and names the job; orphans are deleted', async () => {
    await ran(specOf('job-a', [1]), 3);
    const orphan = await ran(specOf('job-b', [1], 'lockdown'), 30);
    await deleteJob('job-b');
    await objects.delete(`${orphan}/_index.parquet`);
    await objects.put('jobs/a foreign folder/spec.json', new Uint8Array(3));
    for (const bytes of [new TextEncoder().encode('{'), undefined]) {
      if (bytes === undefined) await objects.delete(keys.spec('job-a' as JobId));
      else await objects.put(keys.spec('job-a' as JobId), bytes);
      const plan = await planGarbage(objects, registry, OPTIONS);
      expect(plan).toMatchObject({
        garbage: [{ kind: 'orphan', pack: orphan }],
        unreadable: [{ job: 'job-a', reason: expect.stringContaining('job-a') }],
      });
    }
  });

  it('names the remains of dead writers, but not packs that may be in progress', async () => {
    const spec = specOf('job-a', [1]);
    const [old, young] = [await ran(spec, 30), await ran(spec, 1)];
    for (const pack of [old, young]) await objects.delete(`${pack}/_index.parquet`);
    const { garbage } = await planGarbage(objects, registry, { ...OPTIONS, orphansBefore: NOW - 24 * HOUR });
    expect(garbage).toMatchObject([{ kind: 'orphan', pack: old, files: [{ key: `${old}/prevalence.parquet` }] }]);
  });

  it('names files that no index names, and on request quarantined packs', async () => {
    const pack = await ran(specOf('job-a', [1]), 3);
    await objects.put(`${pack}/other.parquet`, new Uint8Array(3));
    await objects.put(`quarantine/${pack}x/_index.parquet`, new Uint8Array(5));
    expect((await planGarbage(objects, registry, OPTIONS)).garbage).toMatchObject([{ kind: 'stray', files: [{ size: 3 }] }]);
    const { garbage } = await planGarbage(objects, registry, { ...OPTIONS, withQuarantine: true });
    expect(garbage.map(({ kind }) => kind)).toEqual(['stray', 'quarantined']);
  });

  it('names more quarantined packs than a function has arguments', async () => {
    const packs = Array.from({ length: 150_000 }, (_, at) => ({ key: `quarantine/pack-${at}/_index.parquet`, size: 5, etag: '' }));
    const listing: ObjectStore = {
      ...objects,
      async *list(prefix, options) {
        yield* prefix === 'quarantine/' ? packs : objects.list(prefix, options);
      },
    };
    expect((await planGarbage(listing, registry, { ...OPTIONS, withQuarantine: true })).garbage).toHaveLength(packs.length);
  });
});

describe('collectGarbage', () => {
  it('keeps the index of evicted results; readers and checks report them as evicted, not as lost', async () => {
    const spec = specOf('job-a', [1, 2]);
    const pack = await ran(spec, 3);
    await deleteJob('job-a');
    await collect();
    expect(await keysUnder(objects, `${pack}/`)).toEqual([`${pack}/_evicted.json`, `${pack}/_index.parquet`]);
    const bad: unknown[] = [];
    const reader = createProvenanceStore(objects, { onBadPack: (one) => bad.push(one) });
    expect((await reader.existing(addressOf(spec))).size).toBe(4);
    expect(await readOf(spec, reader)).toMatchObject({ missing: idsOf(spec), evicted: idsOf(spec) });
    expect(bad).toEqual([]);
    expect(await checkStore(objects)).toMatchObject({ packs: 1, evicted: 1, problems: [] });
    expect(await statsOf(objects)).toMatchObject([{ packs: 1, evicted: 1, results: 4 }]);
    expect(await planGarbage(objects, registry, OPTIONS)).toEqual({
      garbage: [],
      kept: { reachable: 0, imported: 0 },
      evicted: 1,
      unreadable: [],
    });
  });

  it('does not change evicted packs when others are compacted', async () => {
    const specs = [specOf('job-a', [1]), specOf('job-b', [2]), specOf('job-c', [3])];
    for (const [at, spec] of specs.entries()) await ran(spec, 9 - at);
    await deleteJob('job-b');
    await collect();
    const compaction = { ...DEFAULT_LIMITS, before: NOW, isDryRun: false, now: () => NOW, random: Math.random };
    expect(await compactStore(objects, compaction)).toMatchObject([
      { packs: 3, replaced: 2, written: 1, left: [{ reason: 'its outputs were evicted' }] },
    ]);
    const reader = createProvenanceStore(objects);
    for (const [at, spec] of specs.entries()) expect((await readOf(spec, reader)).evicted).toHaveLength(at === 1 ? 2 : 0);
    expect((await reader.existing(addressOf(specs[0]!))).size).toBe(6);
  });

  it('prefers a result that is computed again to the evicted one, also after a compaction', async () => {
    const spec = specOf('job-a', [1]);
    await ran(spec, 9);
    await deleteJob('job-a');
    await collect();
    const before = createProvenanceStore(objects, { now: () => NOW });
    await before.existing(addressOf(spec));
    const isEvicted = (from: ProvenanceStore) => idsOf(spec).map((id) => from.isEvicted(addressOf(spec), id));
    expect(isEvicted(before)).toEqual([true, true]);
    await ran(spec, 2);
    await ran(specOf('job-b', [7]), 1);
    const compaction = { ...DEFAULT_LIMITS, before: NOW, isDryRun: false, now: () => NOW, random: Math.random };
    for (const round of [0, 1]) {
      const reader = createProvenanceStore(objects, { now: () => NOW });
      for (const one of [before, reader]) {
        await one.existing(addressOf(spec), { relist: true });
        expect(isEvicted(one), `round ${round}`).toEqual([false, false]);
        expect(await readOf(spec, one)).toMatchObject({ missing: [], evicted: [] });
      }
      await compactStore(objects, compaction);
    }
  });

  it('finds a lost file among evicted ones', async () => {
    const spec = specOf('job-a', [1]);
    const pack = await ran(spec, 3);
    await deleteJob('job-a');
    await collect();
    const marker = JSON.parse(new TextDecoder().decode((await objects.get(`${pack}/_evicted.json`))!.bytes));
    expect(marker).toMatchObject({ at: new Date(NOW).toISOString(), files: [{ name: 'prevalence.parquet' }] });
    await objects.put(`${pack}/_evicted.json`, new TextEncoder().encode(JSON.stringify({ ...marker, files: [] })));
    expect((await checkStore(objects)).problems).toMatchObject([{ key: `${pack}/prevalence.parquet`, kind: 'missing' }]);
    await objects.put(`${pack}/_evicted.json`, new TextEncoder().encode('{'));
    expect((await checkStore(objects)).problems).toMatchObject([{ key: `${pack}/_evicted.json`, kind: 'bad' }]);
  });

  it('that is killed leaves every result known and none reported as lost, and the next one completes its work', async () => {
    for (let steps = 0; ; steps++) {
      objects = createMemoryObjectStore();
      registry = createJobRegistry(objects, { now: () => new Date(NOW) });
      store = createProvenanceStore(objects, { now: () => NOW });
      const specs = [specOf('job-a', [1]), specOf('job-b', [2])];
      for (const [at, spec] of specs.entries()) await ran(spec, 9 - at);
      for (const { job_id } of specs) await deleteJob(job_id);
      const dying = dyingAfter(steps, objects);
      const { garbage } = await planGarbage(objects, registry, OPTIONS);
      const isDead = await collectGarbage(dying, registry, garbage, { ...OPTIONS, now: () => NOW }).then(
        () => false,
        () => true,
      );
      expect((await createProvenanceStore(objects).existing(addressOf(specs[0]!))).size).toBe(4);
      expect((await checkStore(objects)).problems).toEqual([]);
      await collect();
      expect(await statsOf(objects)).toMatchObject([{ packs: 2, evicted: 2, results: 4 }]);
      if (!isDead) return;
    }
  });
});
