import { defineCommand, formatCount, formatTable, type Style } from '@modelops/cli-kit';
import { answering, type BundleManifest, type JobSpec, ModelOpsError, parseBundleRef, shortId } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import * as z from 'zod';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { Change, PairedLosses, ShownComparison } from '../documents/results.ts';
import { isDigest } from '../results/changes-between.ts';
import { compareJobs } from '../results/compare-jobs.ts';
import { type ComparedLoss, compareLosses } from '../results/compare-losses.ts';
import { openResults } from '../results/open-results.ts';
import { envOption, jobsArgument } from './options.ts';
import { shown } from './render-losses.ts';

export const command = defineCommand({
  examples: ['mops results compare job-5b718dc8 job-77aa01b2', 'mops results compare job-5b718dc8 job-77aa01b2 job-90cd12e3 --json'],
  args: z.object({ jobs: jobsArgument.describe('Two job ids or more, or unambiguous prefixes; the others are compared with the first') }),
  options: z.object({
    rows: z.int().min(0).default(5).describe('Number of parameter sets with the largest differences to show').meta({ short: 'n' }),
    env: envOption,
  }),
  schema: 'modelops.results.compare/v1',
  document: async () => (await import('../documents/results.ts')).resultsCompare,
  run: async ({ jobs: names, rows, env }, deps: MopsDeps) => {
    const opened = await deps.open(env);
    const ids = [...new Set(await Promise.all(names.map((name) => opened.stores.registry.resolve(name))))];
    if (ids.length < 2) throw new ModelOpsError('USAGE', 'a comparison needs two different jobs', { hint: 'mops results list' });
    const results = await openResults(opened, deps.reporter.warn);
    const [first, ...others] = await Promise.all(
      ids.map(async (id) => {
        const job = createJob(await opened.stores.registry.spec(id));
        return { job, manifest: await manifestOf(job.spec, opened), losses: await results.getLosses(id) };
      }),
    );
    const comparisons = others.map(
      (other): ShownComparison => ({
        ...compareJobs(first!, other),
        largest: compareLosses(first!.losses, other.losses)
          .both.filter(({ difference }) => difference !== null && difference !== 0)
          .slice(0, rows),
      }),
    );
    return { baseline: first!.job.id, comparisons };
  },
  human: ({ comparisons }, style) => comparisons.map((comparison) => render(comparison, style)).join('\n\n'),
});

/** Undefined if the bundle cannot be read: the losses can be compared without it. */
async function manifestOf({ binding }: JobSpec, { environment }: OpenEnvironment): Promise<BundleManifest | undefined> {
  const { repository, digest } = parseBundleRef(binding.bundle_ref);
  if (repository === undefined) return undefined;
  const { openBundleProvider, readManifest } = await import('@modelops/bundle');
  const reading = openBundleProvider(environment.registry).then((provider) => readManifest(provider, repository, digest));
  return reading.catch(answering(() => undefined));
}

function render({ a, b, shared, targets, largest, changes, has_files }: ShownComparison, { color }: Style): string {
  const seeds = shared.same_seeds === shared.sets ? 'with the same seeds' : `${formatCount(shared.same_seeds)} of them with the same seeds`;
  const lines = [
    color.bold(`A ${a}  B ${b}`),
    `${formatCount(shared.sets, 'parameter set')} in both${shared.sets === 0 ? '' : `, ${seeds}`}`,
  ];
  const compared = targets.filter(({ pairs, only_a, only_b }) => pairs + only_a + only_b > 0);
  if (compared.length > 0) lines.push('', pairedTable(compared));
  if (largest.length > 0) lines.push('', 'largest differences', largestTable(largest));
  lines.push('', changes.length === 0 ? 'only the parameter sets changed' : 'changed');
  if (changes.length > 0) lines.push(changesTable(changes));
  if (!has_files && changes.some(({ what }) => isDigest(what)))
    lines.push('changed files are unknown: the registry lacks a bundle or is unreachable');
  return lines.join('\n');
}

function pairedTable(targets: readonly PairedLosses[]): string {
  return formatTable(targets, [
    { title: 'TARGET', value: ({ target }) => target },
    { title: 'PAIRS', value: ({ pairs }) => formatCount(pairs), align: 'right' },
    { title: 'ONLY A', value: ({ only_a }) => formatCount(only_a), align: 'right' },
    { title: 'ONLY B', value: ({ only_b }) => formatCount(only_b), align: 'right' },
    { title: 'MEAN A', value: ({ mean_a }) => shown(mean_a), align: 'right' },
    { title: 'MEAN B', value: ({ mean_b }) => shown(mean_b), align: 'right' },
    { title: 'B − A', value: ({ mean_difference }) => shown(mean_difference), align: 'right' },
    { title: '95 % INTERVAL', value: ({ interval }) => interval && `${shown(interval[0])} … ${shown(interval[1])}`, align: 'right' },
    { title: 'B LOWER', value: ({ lower, pairs }) => `${formatCount(lower)} of ${formatCount(pairs)}`, align: 'right' },
    { title: 'BEST A', value: ({ best_a }) => shown(best_a), align: 'right' },
    { title: 'BEST B', value: ({ best_b }) => shown(best_b), align: 'right' },
  ]);
}

function largestTable(rows: readonly ComparedLoss[]): string {
  const names = [...new Set(rows.flatMap(({ params }) => Object.keys(params)))];
  return formatTable(rows, [
    { title: 'PARAMETERS', value: ({ param_id }) => shortId(param_id) },
    ...names.map((name) => ({ title: name, value: ({ params }: ComparedLoss) => shown(params[name]), align: 'right' as const })),
    { title: 'TARGET', value: ({ target }) => target },
    { title: 'A', value: (row) => shown(row.a), align: 'right' },
    { title: 'B', value: (row) => shown(row.b), align: 'right' },
    { title: 'B − A', value: ({ difference }) => shown(difference), align: 'right' },
  ]);
}

function changesTable(changes: readonly Change[]): string {
  const text = (value: string | null) => (value === null ? undefined : value.replace(/^sha256:([0-9a-f]{12})[0-9a-f]{52}$/, '$1'));
  return formatTable(changes, [
    { title: 'WHAT', value: ({ what }) => what },
    { title: 'A', value: ({ a }) => text(a) },
    { title: 'B', value: ({ b }) => text(b) },
  ]);
}
