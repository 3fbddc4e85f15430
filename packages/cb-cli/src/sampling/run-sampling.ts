import { resolve } from 'node:path';
import { isModelOpsError, type ModelOpsError } from '@modelops/contracts';
import type { CbDeps } from '../deps.ts';
import { blocksOf, type ParameterTable } from '../designs/parameter-table.ts';
import { resolveSource } from '../project/resolve-source.ts';
import { studyText } from '../study/study-text.ts';
import type { SamplingOptions } from './options.ts';
import { type DesignMethod, planSampling, type SamplingInputs, type SamplingPlan } from './plan-sampling.ts';

/** A study that was designed, and the file that holds it (null: it goes to stdout). */
export interface Sampling extends SamplingPlan {
  readonly output: string | null;
}

/** Reads the model, plans the study and, with `--output`, writes it. Nothing is written when anything is wrong. */
export async function runSampling(options: SamplingOptions, method: DesignMethod, deps: CbDeps): Promise<Sampling> {
  const { project, files, reporter, signal } = deps;
  // `-` is stdout, as everywhere.
  const path = options.output === undefined || options.output === '-' ? undefined : resolve(project.cwd, options.output);
  const plan = planSampling(options, await readInputs(options, deps), method);
  if (path !== undefined) await files.check(path, { isForced: options.force });
  for (const warning of warningsOf(plan, method)) reporter.warn(warning);
  if (path === undefined) return { ...plan, output: null };
  await files.write(path, studyText(plan.study), { isForced: options.force, signal });
  return { ...plan, output: options.output! };
}

async function readInputs({ model, targets }: SamplingOptions, { models, project }: CbDeps): Promise<SamplingInputs> {
  const source = await orError(() => resolveSource(model, project, 'MODEL_NOT_FOUND'));
  return {
    model: source,
    description: typeof source === 'string' ? await orError(() => models.read(source)) : source,
    targets: await Promise.all(targets.map((target) => orError(() => resolveSource(target, project, 'TARGET_NOT_FOUND')))),
  };
}

/** A foreseen failure as a value, to be listed with the others. */
async function orError<T>(read: () => Promise<T> | T): Promise<T | ModelOpsError> {
  try {
    return await read();
  } catch (error) {
    if (isModelOpsError(error)) return error;
    throw error;
  }
}

function warningsOf({ study: { sets }, parameters }: SamplingPlan, { method }: DesignMethod): string[] {
  const warnings: string[] = [];
  const { size } = sets;
  if (method === 'sobol' && !Number.isInteger(Math.log2(size))) {
    const below = 2 ** Math.floor(Math.log2(size));
    warnings.push(`the balance of Sobol points needs a power of 2: ${size} samples are better ${below} or ${2 * below}`);
  }
  // With a float that varies, equal sets are as good as impossible, and counting them would take memory.
  const canRepeat = method === 'sobol' && !parameters.some((parameter) => parameter.kind === 'float' && parameter.min < parameter.max);
  const repeated = canRepeat ? size - countDistinct(sets) : 0;
  if (repeated > 0)
    warnings.push(
      `${repeated} of ${size} parameter sets repeat others, because the parameters take few values; cb sampling grid lists each once`,
    );
  return warnings;
}

function countDistinct(sets: ParameterTable): number {
  const seen = new Set<string>();
  for (const { count, columns } of blocksOf(sets)) {
    for (let row = 0; row < count; row++) seen.add(JSON.stringify(columns.map((column) => column[row])));
  }
  return seen.size;
}
