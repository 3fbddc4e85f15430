import { formatCount, ModelOpsError, type Problem } from '@modelops/contracts';
import { TARGET_BEHAVIOUR_VERSION } from '../behaviour.ts';
import type { Column } from '../columns.ts';
import { aggregatedTable } from './aggregated-table.ts';
import { alignedData } from './aligned-data.ts';
import { joinColumns } from './alignment.ts';
import type { EvaluateInput, Join, NearJoin, TargetDefinition, TargetSpec } from './definition.ts';
import { describeComparison } from './describe-comparison.ts';
import { inlineColumns } from './inline-columns.ts';

/** Defines a target from an output, observed data and an evaluator. @throws TARGET_INVALID with every problem of the definition */
export function defineTarget(spec: TargetSpec): TargetDefinition {
  checkDefinition(spec);
  const observedIn = observedOf(spec);
  return {
    kind: 'modelops.target',
    behaviour: TARGET_BEHAVIOUR_VERSION,
    describe: () => ({
      output: spec.output,
      data: typeof spec.data === 'string' ? spec.data : null,
      compares: [describeComparison(spec)],
      ...(spec.weight === undefined ? {} : { weight: spec.weight }),
      behaviour: TARGET_BEHAVIOUR_VERSION,
    }),
    evaluate(input) {
      const aligned = alignedData(spec, observedIn(input), input);
      const returned = spec.evaluator(aligned);
      const { loss, diagnostics } = typeof returned === 'number' ? { loss: returned, diagnostics: {} } : returned;
      if (typeof loss !== 'number' || !Number.isFinite(loss)) {
        throw new ModelOpsError('TARGET_INVALID', `the evaluator returned a loss of ${String(loss)} from finite values`, {
          hint: 'check it for a division by zero, a logarithm of zero or an overflow',
        });
      }
      const outputs = spec.outputs && { outputs: { [spec.value]: aggregatedTable(aligned, spec.outputs) } };
      return { loss, diagnostics, n_replicates: aligned.n_replicates, ...outputs };
    },
  };
}

/** Returns how to read a target's observed data: from its file, or from the code. */
export function observedOf({ data }: TargetSpec): (input: EvaluateInput) => Readonly<Record<string, Column>> {
  if (typeof data === 'string') return ({ observed }) => observed[data]!;
  const columns = inlineColumns(data);
  return () => columns;
}

/** @throws TARGET_INVALID with every problem, naming `what` */
export function checkDefinition(spec: TargetSpec, what = 'the target'): void {
  const problems = definitionProblems(spec);
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw new ModelOpsError('TARGET_INVALID', `${what}'s ${first.path} ${first.message}`);
  throw new ModelOpsError('TARGET_INVALID', `the definition of ${what} has ${formatCount(problems.length, 'problem')}`, { problems });
}

function definitionProblems(spec: TargetSpec): Problem[] {
  const { output, data, join, value, observedValue, rowWeight, weight = 1, evaluator, outputs } = spec;
  const optional = { ...(observedValue === undefined ? {} : { observedValue }), ...(rowWeight === undefined ? {} : { rowWeight }) };
  const named = { output, value, ...optional };
  const problems: Problem[] = Object.entries(named)
    .filter(([, name]) => typeof name !== 'string' || name === '')
    .map(([path]) => ({ path, message: 'is not a name' }));
  if (typeof data === 'string' ? !isProjectPath(data) : typeof data !== 'object' || data === null) {
    problems.push({ path: 'data', message: `is ${JSON.stringify(data)}; expected a file of the project or a table` });
  }
  if (!(typeof weight === 'number' && weight > 0 && Number.isFinite(weight)))
    problems.push({
      path: 'weight',
      message: `is ${JSON.stringify(weight)}; expected a number above 0, and a column of weights as rowWeight`,
    });
  problems.push(...joinProblems(join));
  const { quantiles = [] } = outputs ?? {};
  if (!quantiles.every((q) => q >= 0 && q <= 1))
    problems.push({ path: 'outputs.quantiles', message: `is ${JSON.stringify(quantiles)}; expected numbers from 0 to 1` });
  if (typeof evaluator !== 'function') problems.push({ path: 'evaluator', message: 'is not a function; use e.g. meanSignalMse()' });
  return problems;
}

function joinProblems(join: unknown): Problem[] {
  if (join === 'none') return [];
  if (typeof join !== 'object' || join === null)
    return [{ path: 'join', message: 'is missing; name the columns to join by, or use "none" for a scalar output' }];
  const names = joinColumns(join as Join);
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === ''))
    return [{ path: 'join', message: 'names no column' }];
  if (!('column' in join)) return [];
  const { tolerance = 0, direction = 'nearest' } = join as NearJoin;
  const problems: Problem[] = [];
  if (!(tolerance >= 0)) problems.push({ path: 'join.tolerance', message: `is ${tolerance}; expected a number of at least 0` });
  if (!DIRECTIONS.includes(direction))
    problems.push({ path: 'join.direction', message: `is ${JSON.stringify(direction)}; expected ${DIRECTIONS.join(', ')}` });
  return problems;
}

const DIRECTIONS = ['nearest', 'backward', 'forward'];

/** True for a relative path with `/` that stays inside the project. */
function isProjectPath(path: string): boolean {
  return path !== '' && !path.includes('\\') && !path.startsWith('/') && !path.split('/').some((part) => part === '..' || part === '');
}
