import { resolve } from 'node:path';
import { formatCount, isModelOpsError, ModelOpsError } from '@modelops/contracts';
import { checkOutputFile, writeOutputFile } from '@modelops/system';
import type { CbDeps } from '../deps.ts';
import { allowedRows, type Selection, selectionCounts, selectPoints } from '../designs/select.ts';
import { resolveModel } from '../project/resolve-model.ts';
import { resolveSource } from '../project/resolve-source.ts';
import { isVarying } from '../space/parameter-space.ts';
import { type StudyDraft, studyText } from '../study/study-text.ts';
import type { SamplingOptions } from './options.ts';
import { type ChosenDesign, planSampling, type SamplingInputs, type SamplingPlan } from './plan-sampling.ts';

/** A designed study, and the file that it was written to (null: stdout). */
export interface Sampling extends Selection {
  readonly study: StudyDraft;
  readonly title: string;
  readonly parameters: SamplingPlan['parameters'];
  readonly output: string | null;
}

/** Reads the model, plans the study and, with `--output`, writes it. Writes nothing if there are problems. */
export async function runSampling(options: SamplingOptions, chosen: ChosenDesign, deps: CbDeps): Promise<Sampling> {
  const { project, reporter, signal } = deps;
  // `-` is stdout.
  const path = options.output === undefined || options.output === '-' ? undefined : resolve(project.cwd, options.output);
  const plan = planSampling(options, await readInputs(options, deps), chosen);
  if (path !== undefined) await checkOutputFile(path, { isForced: options.force });
  const selection = await select(plan, deps);
  const study = draftOf(plan, selection);
  for (const warning of warningsOf(plan, selection, chosen)) reporter.warn(warning);
  const sampling = { ...selection, study, title: plan.title, parameters: plan.parameters };
  if (path === undefined) return { ...sampling, output: null };
  await writeOutputFile(path, studyText(study), { isForced: options.force, signal });
  return { ...sampling, output: options.output! };
}

async function readInputs({ model, targets }: SamplingOptions, { models, project }: CbDeps): Promise<SamplingInputs> {
  const source = await orError(() => resolveModel(model, project));
  return {
    model: source,
    description: typeof source === 'string' ? await orError(() => models.read(source)) : source,
    targets: await Promise.all(targets.map((target) => orError(() => resolveSource(target, project, 'TARGET_NOT_FOUND')))),
  };
}

/** Returns an expected failure as a value, so that it can be listed with others. */
async function orError<T>(read: () => Promise<T> | T): Promise<T | ModelOpsError> {
  try {
    return await read();
  } catch (error) {
    if (isModelOpsError(error)) return error;
    throw error;
  }
}

async function select(plan: SamplingPlan, { models }: CbDeps): Promise<Selection> {
  const { source, conditions, isConstrained, header } = plan;
  const allowed = allowedRows(conditions, isConstrained ? (table) => models.allows(header.model, table) : undefined);
  const selection = await selectPoints(source, { allowed, findRepeated: mayRepeat(plan) });
  if (selection.sets.size > 0) return selection;
  throw new ModelOpsError('USAGE', `the constraint rejects every parameter set of the design`, {
    hint: 'widen the ranges or relax --where',
  });
}

/** With a float that varies freely, equal sets are practically impossible, and finding them would need memory. */
function mayRepeat({ parameters, header: { sampling_method } }: SamplingPlan): boolean {
  const hasFloat = parameters.some((parameter) => parameter.kind === 'float' && isVarying(parameter));
  return !hasFloat || !['sobol', 'halton', 'lhs', 'sliced-lhs', 'random', 'grid'].includes(sampling_method);
}

function draftOf({ header }: SamplingPlan, selection: Selection): StudyDraft {
  const design = { ...(header.metadata.design as object), ...selectionCounts(selection) };
  return { header: { ...header, metadata: { ...header.metadata, design } }, sets: selection.sets };
}

function warningsOf(
  { source: { points, more } }: SamplingPlan,
  { sets, rejected, repeated }: Selection,
  { design, settings }: ChosenDesign,
): string[] {
  const advice = design.advice?.(settings);
  const warnings = advice === undefined ? [] : [advice];
  const missing = points.size - repeated - sets.size;
  if (missing > 0 && more !== undefined)
    warnings.push(
      `only ${formatCount(sets.size)} of ${formatCount(points.size)} parameter sets meet the constraint, which rejected ${formatCount(rejected)}: it is too strict for this design`,
    );
  if (repeated > 0)
    warnings.push(`${formatCount(repeated)} of ${formatCount(sets.size + repeated)} rows repeat a parameter set; each set is listed once`);
  return warnings;
}
