import { defineCommand, formatCount, type Style } from '@modelops/cli-kit';
import { type JobSpec, ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { type BestLosses, type BestWeighted, bestWeighted } from '../results/best-losses.ts';
import { findBest } from '../results/find-best.ts';
import { openLossFiles, pathsOfLosses } from '../results/loss-files.ts';
import { envOption, jobArgument } from './options.ts';
import { renderBest, renderWeighted } from './render-best.ts';

type Best =
  | (BestLosses & { readonly job: string | null })
  | {
      readonly job: string | null;
      readonly target_set?: string;
      readonly weights: Readonly<Record<string, number>>;
      readonly weighted: BestWeighted;
    };

export const command = defineCommand({
  examples: [
    'mops results best job-5b718dc8',
    'mops results best --target prevalence -n 20',
    'mops results best job-5b718dc8 --target-set calibration',
    'mops results best job-5b718dc8 --weight prevalence=1 --weight deaths=0.5',
  ],
  args: z.object({ job: jobArgument.optional() }),
  options: z.object({
    target: z.string().optional().describe('Only this target'),
    targetSet: z
      .string()
      .optional()
      .describe('Rank by the weighted sum of the losses of this target set, with its weights at submission')
      .meta({ placeholder: 'NAME' }),
    weight: z
      .record(z.string(), z.string())
      .default({})
      .describe('Rank by the weighted sum of the losses of these targets; with --target-set, replace their weights')
      .meta({ placeholder: 'TARGET=WEIGHT' }),
    nBest: z.int().min(1).default(10).describe('Number of parameter sets per target').meta({ short: 'n' }),
    env: envOption,
  }),
  schema: 'modelops.results.best/v1',
  document: async () => (await import('../documents/results.ts')).resultsBest,
  run: async ({ job: name, target, targetSet, weight, nBest, env }, deps: MopsDeps): Promise<Best> => {
    const given = weightsOf(weight);
    const isWeighted = targetSet !== undefined || Object.keys(given).length > 0;
    if (isWeighted && target !== undefined) {
      const excluding = targetSet === undefined ? '--weight' : '--target-set';
      throw new ModelOpsError('USAGE', `${excluding} cannot be combined with --target`, {
        hint: 'remove one of them',
      });
    }
    if (targetSet !== undefined && name === undefined)
      throw new ModelOpsError('USAGE', '--target-set needs a job', { hint: `mops results best JOB --target-set ${targetSet}` });
    const opened = await deps.open(env);
    const job = name === undefined ? null : await opened.stores.registry.resolve(name);
    const weights = targetSet === undefined ? given : setWeights(await opened.stores.registry.spec(job!), targetSet, given);
    const losses = await openLossFiles(opened, deps.reporter.warn);
    const of = job ?? undefined;
    if (!isWeighted) return { job, ...(await findBest(losses, of, { target, nBest })) };
    const weighted = await bestWeighted(pathsOfLosses(losses, of), weights, nBest);
    return { job, ...(targetSet === undefined ? {} : { target_set: targetSet }), weights, weighted };
  },
  human: (data: Best, style: Style) => {
    const of = { isOfAllJobs: data.job === null };
    return 'weighted' in data ? renderWeighted(data.weighted.best, data.weights, of) : renderBest(data.best, of, style);
  },
  notes: (data: Best) =>
    'weighted' in data
      ? [tiesOf('', data.weighted.more_ties), ...Object.entries(data.weighted.missing).map(missingOf)]
          .filter((note) => note !== '')
          .join('\n')
      : Object.entries(data.more_ties)
          .map(([target, count]) => tiesOf(` of ${target}`, count))
          .join('\n'),
});

function tiesOf(what: string, count: number): string {
  return count === 0
    ? ''
    : `${formatCount(count, 'more set')} ${count === 1 ? 'has' : 'have'} the same loss${what} as the last row: increase -n to show ${count === 1 ? 'it' : 'them'}`;
}

function missingOf([target, count]: readonly [string, number]): string {
  return `${formatCount(count, 'parameter set')} without a loss of ${target} ${count === 1 ? 'is' : 'are'} not ranked`;
}

/** The weights of a target set as the job recorded them, and those that replace them. @throws TARGET_NOT_FOUND, USAGE */
function setWeights({ job_id, binding }: JobSpec, name: string, given: Readonly<Record<string, number>>): Record<string, number> {
  const sets = binding.target_sets ?? {};
  const set = Object.hasOwn(sets, name) ? sets[name]! : undefined;
  if (set === undefined) {
    const known = Object.keys(sets);
    throw new ModelOpsError('TARGET_NOT_FOUND', `${job_id} has no target set ${name}`, {
      hint:
        known.length === 0
          ? 'use --weight TARGET=WEIGHT for each target, or submit the study with --target-set'
          : `its target sets are ${known.join(', ')}`,
    });
  }
  const foreign = Object.keys(given).find((target) => !Object.hasOwn(set, target));
  if (foreign !== undefined)
    throw new ModelOpsError('USAGE', `--weight ${foreign}: the target set ${name} has no such target`, {
      hint: `its targets are ${Object.keys(set).join(', ')}`,
    });
  return { ...set, ...given };
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
