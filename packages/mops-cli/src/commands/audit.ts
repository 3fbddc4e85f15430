import { defineCommand, formatCount, type Style } from '@modelops/cli-kit';
import { ERRORS } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { AuditReport } from '../documents/runs.ts';
import { auditJob } from '../repro/audit-job.ts';
import { envOption, jobArgument } from './options.ts';
import { describeComparison } from './render-run.ts';
import { splitLines } from './split-lines.ts';

export const command = defineCommand({
  examples: ['mops audit job-5b718dc8', 'mops audit job-5b718dc8 --sample 59 --json'],
  args: z.object({ job: jobArgument }),
  options: z.object({
    sample: z.int().min(1).max(1_000_000).default(20).describe('Number of results to recompute').meta({ short: 'n' }),
    seed: z.int().min(0).optional().describe('Seed of the random sample (default: a new one each time)'),
    env: envOption,
  }),
  schema: 'modelops.audit/v1',
  document: async () => (await import('../documents/runs.ts')).audit,
  statuses: [ERRORS.NOT_REPRODUCIBLE.exit],
  run: async ({ job: name, sample, seed, env }, deps: MopsDeps): Promise<AuditReport> => {
    const opened = await deps.open(env);
    const { registry, random } = opened.stores;
    const job = createJob(await registry.spec(await registry.resolve(name)));
    const progress = await deps.reporter.progress();
    const modelOutput = splitLines((line) => deps.reporter.note(`[model] ${line}`));
    const report = await auditJob(job, opened, deps, {
      sample,
      seed: seed ?? Math.floor(random() * 2 ** 32),
      onOutput: modelOutput.write,
      onProgress: (done, total) => progress.update({ done, total }),
    });
    modelOutput.end();
    progress.finish();
    return report;
  },
  human: renderAudit,
  exit: ({ differing }) => (differing.length > 0 ? ERRORS.NOT_REPRODUCIBLE.exit : 0),
});

const SHOWN = 5;

function renderAudit(
  { job, results, compared, same, not_compared, differing, share_at_most, sample_seed }: AuditReport,
  style: Style,
): string {
  if (compared === 0)
    return `${job}: ${results === 0 ? 'no results to compare' : 'the outputs of the sampled results were deleted by store gc'}`;
  const lines = [
    `${style.color.bold(job)}: ${formatCount(same)} of ${formatCount(compared, 'result')} recomputed ${same === 1 ? 'is' : 'are'} the same; sampled from ${formatCount(results)}, seed ${sample_seed}`,
    ...(not_compared > 0 ? [`${formatCount(not_compared)} more not compared: their outputs were deleted by store gc`] : []),
  ];
  for (const { task_id, params, seed, comparison, reproduce } of differing.slice(0, SHOWN)) {
    lines.push(
      `${task_id.slice(0, 12)}  ${JSON.stringify(params)} seed ${seed}`,
      `  ${describeComparison(comparison, style)}`,
      `  run it here: ${reproduce}`,
    );
  }
  if (differing.length > SHOWN) lines.push(`… ${formatCount(differing.length - SHOWN)} more; --json lists all`);
  lines.push(
    compared === results
      ? `all results were compared: ${percent(share_at_most!)} are not reproducible here`
      : `at most ${percent(share_at_most!)} of the results are not reproducible here, with 95 % confidence`,
  );
  return lines.join('\n');
}

/** Rounded up, so that the bound still holds. */
function percent(share: number): string {
  return `${Math.ceil(share * 10_000) / 100} %`;
}
