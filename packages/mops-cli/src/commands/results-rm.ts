import { defineCommand, formatCount } from '@modelops/cli-kit';
import { type ParamValues, seedToJson } from '@modelops/contracts';
import { removeResult } from '@modelops/store';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { jobsOf } from '../results/jobs-of.ts';
import { resolveResult } from '../results/resolve-result.ts';
import { envOption, resultArgument } from './options.ts';

export const command = defineCommand({
  examples: ['mops results rm 3f9a1c --dry-run', 'mops results rm sims/0f1e2d3c4b5a/3f/params_3f9a1c2b/seed_7'],
  args: z.object({ result: resultArgument }),
  options: z.object({ dryRun: z.boolean().default(false).describe('Show what would be removed; change nothing'), env: envOption }),
  schema: 'modelops.results.rm/v1',
  document: async () => (await import('../documents/results.ts')).resultsRm,
  run: async ({ result, dryRun, env }, deps: MopsDeps) => {
    const { stores } = await deps.open(env);
    const { row } = await resolveResult(result, stores.objects);
    const jobs = await jobsOf(row, stores);
    const removed = await removeResult(stores.objects, row.address, row.task_id, {
      isDryRun: dryRun,
      now: stores.now,
      random: stores.random,
    });
    return {
      task_id: row.task_id,
      entrypoint: row.address.name,
      params: JSON.parse(row.params) as ParamValues,
      seed: seedToJson(row.seed),
      dry_run: dryRun,
      packs: removed,
      jobs: jobs.map(({ job, status }) => ({ job, status })),
    };
  },
  human: ({ task_id, entrypoint, seed, dry_run, packs, jobs }) => {
    const lines = [
      dry_run
        ? `${task_id} would be removed: ${formatCount(packs.replaced.length, 'pack')} would be rewritten without it`
        : `${task_id} removed: ${formatCount(packs.replaced.length, 'pack')} rewritten without it`,
      `  ${entrypoint}, seed ${seed}; used by ${jobs.length === 0 ? 'no job' : jobs.map(({ job }) => job).join(', ')}`,
    ];
    const ended = jobs.find(({ status }) => status === 'succeeded' || status === 'partial');
    if (!dry_run && ended !== undefined) lines.push(`next: mops jobs validate ${ended.job} --force`);
    return lines.join('\n');
  },
});
