import { defineCommand, formatBytes, formatCount } from '@modelops/cli-kit';
import { type JobId, ModelOpsError } from '@modelops/contracts';
import { collectGarbage, type Garbage, type JobRegistry, planGarbage } from '@modelops/store';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { GarbageTotal } from '../documents/store.ts';
import { parseInstant } from '../jobs/parse-instant.ts';
import { envOption } from './options.ts';

const HOUR_MS = 3_600_000;

export const command = defineCommand({
  examples: ['mops store gc', 'mops store gc --evict job-5b718dc8 --yes', 'mops store gc --evict-until 30d'],
  args: z.object({}),
  options: z.object({
    yes: z.boolean().default(false).describe('Delete; without it, the command only lists what it would delete'),
    evict: z
      .array(z.string())
      .default([])
      .describe('Succeeded job whose outputs to delete, unless another job needs them; losses and index entries remain')
      .meta({ placeholder: 'JOB' }),
    evictUntil: z
      .string()
      .optional()
      .describe('The same for every succeeded job created before this time: 2026-11-25, 30d')
      .meta({ placeholder: 'TIME' }),
    grace: z.number().min(0).default(24).describe('Keep packs without an index started in the last N hours: they may be in progress'),
    quarantine: z.boolean().default(false).describe('Delete quarantined packs too'),
    env: envOption,
  }),
  schema: 'modelops.store.gc/v1',
  document: async () => (await import('../documents/store.ts')).storeGc,
  run: async ({ yes, evict, evictUntil, grace, quarantine, env }, deps: MopsDeps) => {
    const { stores, name } = await deps.open(env);
    const until = evictUntil === undefined ? undefined : parseInstant(evictUntil, stores.now());
    const evicted = await selectEvicted(evict, until, stores.registry);
    const orphansBefore = stores.now() - grace * HOUR_MS;
    const plan = await planGarbage(stores.objects, stores.registry, { evict: evicted, orphansBefore, withQuarantine: quarantine });
    let garbage = plan.garbage;
    if (yes) {
      const progress = await deps.reporter.progress();
      const onPack = (done: number, total: number) => progress.update({ done, total });
      const options = { evict: evicted, now: stores.now, signal: deps.signal, onPack };
      garbage = await collectGarbage(stores.objects, stores.registry, plan.garbage, options);
      progress.finish();
    }
    return {
      environment: name,
      dry_run: !yes,
      outputs: totalOf(garbage, 'outputs'),
      orphans: totalOf(garbage, 'orphan'),
      strays: totalOf(garbage, 'stray'),
      quarantined: totalOf(garbage, 'quarantined'),
      kept: plan.kept,
      evicted_before: plan.evicted,
      unreadable: plan.unreadable,
      packs: garbage.map(({ kind, pack, files }) => ({ kind, pack, files: files.length, bytes: bytesOf(files) })),
    };
  },
  human: ({ dry_run, outputs, orphans, strays, quarantined, kept, packs, unreadable }) => {
    const would = dry_run ? 'would delete' : 'deleted';
    const lines = [];
    if (outputs.packs > 0)
      lines.push(
        `${would} the outputs of ${formatCount(outputs.tasks, 'task')} in ${amountOf(outputs)}; their index entries and losses remain`,
      );
    if (orphans.packs > 0) lines.push(`${would} unfinished packs: ${amountOf(orphans)}`);
    if (strays.packs > 0) lines.push(`${would} files that no index lists, in ${amountOf(strays)}`);
    if (quarantined.packs > 0) lines.push(`${would} ${amountOf(quarantined)} in quarantine`);
    if (packs.length === 0) lines.push('nothing to delete');
    if (kept.reachable > 0) lines.push(`kept: ${formatCount(kept.reachable, 'pack')} that jobs need`);
    if (kept.imported > 0) lines.push(`kept: ${formatCount(kept.imported, 'pack')} that were imported`);
    for (const { job, reason } of unreadable) lines.push(`kept all outputs, because ${job} may need them: ${reason}`);
    if (unreadable.length > 0) lines.push('next: restore the specs of these jobs, or delete their folders');
    if (dry_run && packs.length > 0) lines.push('next: run the command with --yes');
    return lines.join('\n');
  },
});

/**
 * The named jobs, and every succeeded job created before the time. @throws JOB_NOT_FOUND; CONFLICT for a named job that has not succeeded, because
 * its remaining tasks and targets may need the outputs
 */
async function selectEvicted(names: readonly string[], until: Date | undefined, registry: JobRegistry): Promise<Set<JobId>> {
  const chosen = new Set<JobId>();
  for (const name of names) {
    const { job_id, status } = await registry.state(await registry.resolve(name));
    if (status !== 'succeeded')
      throw new ModelOpsError('CONFLICT', `${job_id} is ${status}: its missing results may need its outputs`, {
        hint: `mops jobs resume ${job_id}, or mops jobs delete ${job_id} if it is no longer needed`,
      });
    chosen.add(job_id);
  }
  if (until !== undefined) for await (const { job_id } of registry.list({ status: ['succeeded'], until })) chosen.add(job_id);
  return chosen;
}

const bytesOf = (files: Garbage['files']) => files.reduce((sum, { size }) => sum + size, 0);

function totalOf(garbage: readonly Garbage[], wanted: Garbage['kind']): GarbageTotal {
  const some = garbage.filter(({ kind }) => kind === wanted);
  return {
    packs: some.length,
    files: some.reduce((sum, { files }) => sum + files.length, 0),
    bytes: some.reduce((sum, { files }) => sum + bytesOf(files), 0),
    tasks: some.reduce((sum, { tasks }) => sum + tasks, 0),
  };
}

const amountOf = ({ packs, bytes }: GarbageTotal) => `${formatCount(packs, 'pack')}, ${formatBytes(bytes)}`;
