import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isModelOpsError, keys, packPrefix } from '@modelops/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { createFsObjectStore } from '../objects/fs-object-store.ts';
import { createProvenanceStore } from '../packs/provenance-store.ts';
import { findResults } from '../packs/reader/find-results.ts';
import { NOW, nameAt, packOf, row } from '../packs/testing/packs.ts';
import { createJobRegistry } from '../records/create-job-registry.ts';
import { checkStore, quarantinePacks } from '../upkeep/check-store.ts';
import { collectGarbage } from '../upkeep/collect-garbage.ts';
import { compactStore } from '../upkeep/compact-store.ts';
import { DEFAULT_LIMITS } from '../upkeep/plan-compaction.ts';
import { planGarbage } from '../upkeep/plan-garbage.ts';
import { statsOf } from '../upkeep/store-stats.ts';
import { addressOf, idsOf, specOf } from '../upkeep/testing/specs.ts';
import { type Attack, bitFlips, oddNames, otherFiles, records, sealedBombs, sparseFiles } from './hostile-files.ts';

/** Of each group this many in every run; `MODELOPS_FULL=1` tries all. */
const SAMPLE = process.env.MODELOPS_FULL === undefined ? 6 : Number.POSITIVE_INFINITY;

/** Two jobs of different models, each with a pack. The first is attacked; the second must never notice. */
const [attacked, neighbour] = [specOf('job-bad', [0.1, 0.2]), specOf('job-good', [0.3, 0.4], 'lockdown')];
const packOfJob = (spec: typeof attacked) => `${packPrefix(addressOf(spec))}${nameAt(2)}`;
const INDEX = `${packOfJob(attacked)}/_index.parquet`;
const OUTPUT = `${packOfJob(attacked)}/prevalence.parquet`;
const [SPEC, STATE] = [keys.spec(attacked.job_id), keys.state(attacked.job_id)];
const DONE = `${keys.job(attacked.job_id)}attempts/1/done/000000`;

async function writeStore(root: string): Promise<void> {
  const objects = createFsObjectStore(root);
  const registry = createJobRegistry(objects, { now: () => new Date(NOW) });
  for (const spec of [attacked, neighbour]) {
    const ids = idsOf(spec);
    const expected = { simulations: ids.length, aggregations: 0, digest: spec.binding.code };
    await registry.register(spec, { tasks_total: ids.length, expected_outputs: expected });
    const simulations = ids.map((task_id, at) => ({ ...row(at), task_id }));
    const pack = packOf(
      nameAt(2),
      simulations,
      ids.map((_, at) => at),
    );
    await createProvenanceStore(objects).writeSimulations(addressOf(spec), pack);
    await objects.put(`${keys.job(spec.job_id)}attempts/1/done/000000`, new TextEncoder().encode('{"chunk":0}'));
  }
}

/** What every command does with a store; each by its name. */
function operations(root: string): Record<string, () => Promise<unknown>> {
  const objects = createFsObjectStore(root);
  const registry = createJobRegistry(objects, { now: () => new Date(NOW) });
  const results = () => createProvenanceStore(objects, { now: () => NOW });
  const collect = { evict: new Set<never>(), now: () => NOW };
  const plan = () => planGarbage(objects, registry, { evict: new Set(), orphansBefore: NOW, withQuarantine: true });
  const { job_id } = attacked;
  return {
    list: async () => {
      for await (const _ of registry.list({ onUnreadable: () => undefined }));
    },
    state: () => registry.state(job_id),
    spec: () => registry.spec(job_id),
    stats: () => statsOf(objects),
    find: () => findResults(objects, { taskId: idsOf(attacked)[0]!.slice(0, 12) }),
    check: () => checkStore(objects),
    existing: () => results().existing(addressOf(attacked), { relist: true }),
    read: () => results().readOutput(addressOf(attacked), idsOf(attacked), 'prevalence'),
    rows: () => results().rows(addressOf(attacked), idsOf(attacked)),
    failures: () => results().failures(addressOf(attacked)),
    compact: () => compactStore(objects, { ...DEFAULT_LIMITS, before: NOW + 1, isDryRun: false, now: () => NOW, random: () => 0.5 }),
    quarantine: async () => quarantinePacks(objects, (await checkStore(objects)).problems),
    collect: async () => collectGarbage(objects, registry, (await plan()).garbage, collect),
    remove: () => registry.remove(job_id),
  };
}

/** Operations that are about the attacked job alone: they may refuse, by name. */
const OF_THE_JOB = ['state', 'spec', 'remove'];

interface Count {
  tried: number;
  refused: number;
  mishandled: string[];
  longest: number;
  memory: number;
}

describe('a store that a member writes to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const counts = new Map<string, Count>();
  afterAll(() => {
    for (const [group, { tried, refused, mishandled, longest, memory }] of counts)
      console.info(
        `hostile store, ${group}: ${tried} tried, ${refused} refused clearly, ${mishandled.length} mishandled, longest ${longest.toFixed(0)} ms, memory up to ${memory} MB`,
      );
    rmSync(folder, { recursive: true, force: true });
  });

  const tryAttack = async (pristine: string, attack: Attack, count: Count): Promise<void> => {
    const home = mkdtempSync(join(folder, 'try-'));
    const [root, outside] = [join(home, 'store'), join(home, 'outside')];
    cpSync(pristine, root, { recursive: true, preserveTimestamps: true });
    mkdirSync(outside);
    writeFileSync(join(outside, 'thesis'), 'private');
    attack.act(root, outside);
    const blame = (problem: string) => count.mishandled.push(`${attack.name}: ${problem}`);
    let isRefused = false;
    for (const [name, run] of Object.entries(operations(root))) {
      const started = performance.now();
      await run().catch((error: unknown) => {
        isRefused = true;
        if (!isModelOpsError(error)) blame(`${name} ends in ${error}`);
        else if (!OF_THE_JOB.includes(name)) blame(`${name} fails: ${error.message}`);
        else if (!/job-bad/.test(error.message)) blame(`${name} does not name the object: ${error.message}`);
      });
      count.longest = Math.max(count.longest, performance.now() - started);
      count.memory = Math.max(count.memory, Math.round(process.memoryUsage().rss / 2 ** 20));
    }
    if (isRefused) count.refused++;
    const { missing } = await createProvenanceStore(createFsObjectStore(root)).readOutput(
      addressOf(neighbour),
      idsOf(neighbour),
      'prevalence',
    );
    if (missing.length > 0) blame(`${missing.length} results of its neighbour are lost`);
    const state = await createJobRegistry(createFsObjectStore(root), { now: () => new Date(NOW) }).state(neighbour.job_id);
    if (state.status !== 'pending') blame('the record of its neighbour changed');
    const isPrivate = readdirSync(outside).join() === 'thesis' && readFileSync(join(outside, 'thesis'), 'utf8') === 'private';
    if (!isPrivate) blame('a file outside the store changed');
    if (existsSync(join(root, 'quarantine')) && grep(join(root, 'quarantine'), 'private'))
      blame('a private file was copied into the store');
    rmSync(home, { recursive: true, force: true });
  };

  const sizeOf = (root: string, key: string) => statSync(join(root, key)).size;
  let seed = 20_261_128;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
  const GROUPS: Record<string, (root: string) => Attack[]> = {
    'links, FIFOs, devices': () =>
      [SPEC, STATE, DONE, INDEX, OUTPUT, packOfJob(attacked), keys.job(attacked.job_id).slice(0, -1)].flatMap(otherFiles),
    sizes: () => [STATE, SPEC, DONE, INDEX, OUTPUT].flatMap(sparseFiles),
    records: () => [STATE, SPEC, DONE, `${packOfJob(attacked)}/_evicted.json`].flatMap(records),
    names: () => oddNames(),
    'Parquet bombs': () => ['task_id', 'status', 'sha256_prevalence'].flatMap((column) => sealedBombs(INDEX, column)),
    'bit flips': (root) => [INDEX, OUTPUT, SPEC, STATE].flatMap((key) => bitFlips(key, sizeOf(root, key), 100, random)),
  };

  it.each(Object.keys(GROUPS))(
    '%s: one bad object costs itself',
    async (group) => {
      const pristine = mkdtempSync(join(folder, 'pristine-'));
      await writeStore(pristine);
      const attacks = GROUPS[group]!(pristine);
      const step = Math.max(1, attacks.length / SAMPLE);
      const count: Count = { tried: 0, refused: 0, mishandled: [], longest: 0, memory: 0 };
      counts.set(group, count);
      for (let at = 0; at < attacks.length; at += step) {
        await tryAttack(pristine, attacks[Math.floor(at)]!, count);
        count.tried++;
      }
      expect(count.mishandled).toEqual([]);
    },
    600_000,
  );
});

function grep(dir: string, text: string): boolean {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text),
  );
}
