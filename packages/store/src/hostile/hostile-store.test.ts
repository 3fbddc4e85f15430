import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isModelOpsError, keys, packPrefix } from '@modelops/contracts';
import { describeHostile, type HostileInput } from '@modelops/testkit';
import { afterAll } from 'vitest';
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
import { type Attack, bitFlips, oddNames, otherFiles, records, sealedBombs, sparseFiles } from './testing/hostile-files.ts';

/** Attacks of each group in every run. */
const SAMPLE = 6;

/** Two jobs of different models, each with a pack. The first is attacked; the second must not be affected. */
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

/** The operations of all commands on a store, by name. */
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

/** Operations on the attacked job only: they may fail with an error that names it. */
const OF_THE_JOB = ['state', 'spec', 'remove'];

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const pristine = mkdtempSync(join(folder, 'pristine-'));
await writeStore(pristine);
/** Errors of the operations on an undisturbed store, such as the removal of a running job. */
const usual = new Map<string, string>();
const undisturbed = join(folder, 'undisturbed');
cpSync(pristine, undisturbed, { recursive: true, preserveTimestamps: true });
for (const [name, run] of Object.entries(operations(undisturbed)))
  await run().catch((error: unknown) => {
    if (!isModelOpsError(error)) throw error;
    usual.set(name, error.code);
  });

/** Runs every operation on the attacked store; only operations on the attacked job may fail, with an error that names it. */
function attacking(attack: Attack): Omit<HostileInput, 'inSample'> {
  const home = join(folder, `try-${tries++}`);
  const [root, outside] = [join(home, 'store'), join(home, 'outside')];
  return {
    name: attack.name,
    mayPass: true,
    async attempt() {
      cpSync(pristine, root, { recursive: true, preserveTimestamps: true });
      mkdirSync(outside);
      writeFileSync(join(outside, 'thesis'), 'private');
      attack.act(root, outside);
      const mishandled: string[] = [];
      let refusal: unknown;
      for (const [name, run] of Object.entries(operations(root)))
        await run().catch((error: unknown) => {
          if (isModelOpsError(error) && error.code === usual.get(name)) return;
          refusal = error;
          if (!isModelOpsError(error)) mishandled.push(`${name} ends in ${error}`);
          else if (!OF_THE_JOB.includes(name)) mishandled.push(`${name} fails: ${error.message}`);
          else if (!/job-bad/.test(error.message)) mishandled.push(`${name} does not name the object: ${error.message}`);
        });
      if (mishandled.length > 0) throw new Error(mishandled.join('\n'));
      if (refusal !== undefined) throw refusal;
    },
    async check() {
      const { missing } = await createProvenanceStore(createFsObjectStore(root)).readOutput(
        addressOf(neighbour),
        idsOf(neighbour),
        'prevalence',
      );
      if (missing.length > 0) throw new Error(`${missing.length} results of the other job are lost`);
      const state = await createJobRegistry(createFsObjectStore(root), { now: () => new Date(NOW) }).state(neighbour.job_id);
      if (state.status !== 'pending') throw new Error('the record of the other job changed');
      const isPrivate = readdirSync(outside).join() === 'thesis' && readFileSync(join(outside, 'thesis'), 'utf8') === 'private';
      if (!isPrivate) throw new Error('a file outside the store changed');
      if (existsSync(join(root, 'quarantine')) && grep(join(root, 'quarantine'), 'private'))
        throw new Error('a private file was copied into the store');
      rmSync(home, { recursive: true, force: true });
    },
  };
}
let tries = 0;

const sizeOf = (key: string) => statSync(join(pristine, key)).size;
let seed = 20_261_128;
const random = () => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return seed / 0x7fffffff;
};
const GROUPS: Record<string, Attack[]> = {
  'links, FIFOs, devices': [SPEC, STATE, DONE, INDEX, OUTPUT, packOfJob(attacked), keys.job(attacked.job_id).slice(0, -1)].flatMap(
    otherFiles,
  ),
  sizes: [STATE, SPEC, DONE, INDEX, OUTPUT].flatMap(sparseFiles),
  records: [STATE, SPEC, DONE, `${packOfJob(attacked)}/_evicted.json`].flatMap(records),
  names: oddNames(),
  'Parquet bombs': ['task_id', 'status', 'sha256_prevalence'].flatMap((column) => sealedBombs(INDEX, column)),
  'bit flips': [INDEX, OUTPUT, SPEC, STATE].flatMap((key) => bitFlips(key, sizeOf(key), 100, random)),
};

for (const [group, attacks] of Object.entries(GROUPS)) {
  const step = Math.ceil(attacks.length / SAMPLE);
  describeHostile(
    `store, ${group}`,
    attacks.map((attack, at) => ({ ...attacking(attack), inSample: at % step === 0 })),
  );
}

function grep(dir: string, text: string): boolean {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text),
  );
}
