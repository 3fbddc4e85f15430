import { ModelOpsError, type Problem, type SimulationStudy } from '@modelops/contracts';
import { type Allowed, allowedRows, selectionCounts, selectPoints } from '../designs/select.ts';
import { parseCondition } from '../space/where.ts';
import { designOf, type StudyDesign } from './design-of.ts';
import { entriesOf, entryKey } from './entries.ts';

const MERGE = 'to add the sets of another study: cb study merge';

interface Extension {
  readonly nSamples: number | undefined;
  readonly nReplicates: number | undefined;
}

/**
 * A study with more samples or replicates that keeps every set and every seed of this one.
 * @param own the model's own constraint
 * @throws USAGE if no larger design begins with these points, or if the sets are not those of the design
 */
export async function extendStudy(
  study: SimulationStudy,
  file: string,
  { nSamples, nReplicates }: Extension,
  own: Allowed,
): Promise<SimulationStudy> {
  if (nReplicates !== undefined && !(Number.isInteger(nReplicates) && nReplicates >= study.n_replicates))
    throw refusal(
      file,
      '--n-replicates',
      `${nReplicates} is not a whole number of at least ${study.n_replicates}, the number that the study has`,
    );
  const longer = nReplicates === undefined ? study : { ...study, n_replicates: nReplicates };
  return nSamples === undefined ? longer : addSamples(longer, file, nSamples, own);
}

async function addSamples(study: SimulationStudy, file: string, n: number, own: Allowed): Promise<SimulationStudy> {
  const found = designOf(study);
  if (found === undefined)
    throw new ModelOpsError('USAGE', `${file} has no design that can be extended: its sampling method is ${study.sampling_method}`, {
      hint: MERGE,
    });
  const { design, settings, parameters, where, isConstrained } = found;
  const held = settings.n_samples as number;
  if (design.extend === undefined) {
    const { extend } = design.supports;
    throw refusal(file, '--n-samples', `a ${design.method} design cannot be extended: ${extend.is === 'no' ? extend.reason : ''}`);
  }
  if (!Number.isInteger(n) || n < held)
    throw refusal(file, '--n-samples', `${n} is not a whole number of at least ${held}, the number that the study has`);
  if ((where.length > 0 || isConstrained) && design.method === 'lhs')
    throw refusal(file, '--n-samples', 'a Latin hypercube with a constraint cannot be extended: the cells of rejected rows are empty');
  const larger = design.extend(settings, n);
  if (typeof larger === 'string') throw refusal(file, '--n-samples', larger);
  const selection = await selectPoints(design.points(larger, parameters), {
    allowed: allowedBy(found, own),
    findRepeated: true,
  });
  const entries = entriesOf(selection.sets);
  const differs = study.parameter_sets.findIndex((entry, at) => entries[at] === undefined || entryKey(entry) !== entryKey(entries[at]));
  if (differs >= 0)
    throw refusal(file, `parameter_sets[${differs}]`, 'is not a point of the design: the study was edited, or written by another version');
  const counts = selectionCounts(selection);
  return {
    ...study,
    parameter_sets: entries,
    metadata: { ...study.metadata, design: { ...(study.metadata.design as object), ...larger, ...counts } },
  };
}

/** The rows that meet the conditions of a study's design and the model's own constraint; undefined if there are none. */
export function allowedBy({ where, parameters, isConstrained }: StudyDesign, own: Allowed): Allowed | undefined {
  const problems: Problem[] = [];
  const names = parameters.map(({ name }) => name);
  const conditions = where.flatMap((text) => parseCondition(text, names, 'where', problems) ?? []);
  if (problems.length > 0) throw new ModelOpsError('STUDY_INVALID', 'invalid conditions in metadata.design', { problems });
  return allowedRows(conditions, isConstrained ? own : undefined);
}

function refusal(file: string, path: string, message: string): ModelOpsError {
  return new ModelOpsError('USAGE', `cannot extend ${file}`, {
    problems: [{ path, message }],
    hint: MERGE,
  });
}
