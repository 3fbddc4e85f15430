import { defineCommand, formatCount, type Style } from '@modelops/cli-kit';
import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { type BestLosses, type BestWeighted, bestLosses, bestWeighted } from '../results/best-losses.ts';
import { openLossFiles } from '../results/loss-files.ts';
import { replicateErrors } from '../results/replicate-errors.ts';
import { envOption, jobArgument } from './options.ts';
import { renderBest, renderWeighted } from './render-best.ts';

type Best =
  | (BestLosses & { readonly job: string | null; readonly standard_errors?: Readonly<Record<string, number | null>> })
  | { readonly job: string | null; readonly weights: Readonly<Record<string, number>>; readonly weighted: BestWeighted };

export const resultsBest = defineCommand({
  examples: [
    'mops results best job-5b718dc8',
    'mops results best --target prevalence -n 20',
    'mops results best job-5b718dc8 --weight prevalence=1 --weight deaths=0.5',
  ],
  args: z.object({ job: jobArgument.optional() }),
  options: z.object({
    target: z.string().optional().describe('Only this target'),
    weight: z
      .record(z.string(), z.string())
      .default({})
      .describe('Rank by the weighted sum of the losses of these targets')
      .meta({ placeholder: 'TARGET=WEIGHT' }),
    nBest: z.int().min(1).default(10).describe('Parameter sets of each target').meta({ short: 'n' }),
    errors: z.boolean().default(false).describe('Show the standard error over replicates, where the evaluator reports it'),
    env: envOption,
  }),
  schema: 'modelops.results.best/v1',
  run: async ({ job: name, target, weight, nBest, errors, env }, deps: MopsDeps): Promise<Best> => {
    const weights = weightsOf(weight);
    if (Object.keys(weights).length > 0 && (target !== undefined || errors))
      throw new ModelOpsError('USAGE', `--weight excludes ${target === undefined ? '--errors' : '--target'}`, { hint: 'use one of them' });
    const opened = await deps.open(env);
    const job = name === undefined ? null : await opened.stores.registry.resolve(name);
    const losses = await openLossFiles(opened, deps.reporter.warn);
    const file = job === null ? undefined : await losses.of(job);
    if (job !== null && file === undefined)
      throw new ModelOpsError('RESULT_NOT_FOUND', `${job} has no results yet`, { hint: `mops jobs status ${job}` });
    const files = file === undefined ? await losses.all() : [file];
    if (Object.keys(weights).length > 0) return { job, weights, weighted: await bestWeighted(files, weights, nBest) };
    const found = await bestLosses(files, { target, nBest });
    if (!errors) return { job, ...found };
    return { job, ...found, standard_errors: await replicateErrors(found.best, opened.stores) };
  },
  human: (data: Best, style: Style) =>
    'weighted' in data ? renderWeighted(data.weighted.best, data.weights, style) : renderBest(data.best, data.standard_errors, style),
  notes: (data: Best) =>
    'weighted' in data
      ? tiesOf('', data.weighted.more_ties)
      : Object.entries(data.more_ties)
          .map(([target, count]) => tiesOf(` of ${target}`, count))
          .join('\n'),
});

function tiesOf(what: string, count: number): string {
  return count === 0 ? '' : `${formatCount(count, 'more set')} ${count === 1 ? 'has' : 'have'} the same loss${what} as the last: raise -n`;
}

function weightsOf(given: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(given).map(([target, text]) => {
      const weight = Number(text);
      if (text.trim() === '' || !Number.isFinite(weight) || weight < 0)
        throw new ModelOpsError('USAGE', `invalid weight of ${target}: expected a number of at least 0, got "${text}"`, {
          hint: `--weight ${target}=1`,
        });
      return [target, weight];
    }),
  );
}
