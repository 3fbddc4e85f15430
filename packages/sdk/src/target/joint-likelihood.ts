import { formatCount, ModelOpsError } from '@modelops/contracts';
import { TARGET_BEHAVIOUR_VERSION } from '../behaviour.ts';
import { type AggregatedTable, aggregatedTable } from './aggregated-table.ts';
import { alignedData } from './aligned-data.ts';
import { checkDefinition, observedOf } from './define-target.ts';
import type { TargetDefinition, TargetDescription, TargetSpec } from './definition.ts';
import { describeComparison } from './describe-comparison.ts';
import type { AlignedData } from './evaluator.ts';
import { type LikelihoodDiagnostics, type LikelihoodEvaluator, logMeanExp, rangeOfLogs } from './likelihoods.ts';

/** A target whose evaluator is a log-likelihood. */
export interface LikelihoodSpec extends TargetSpec {
  readonly evaluator: LikelihoodEvaluator;
}

/**
 * Defines one target from several likelihoods of the same replicates. With L_tr the log-likelihood of target t given replicate r, the loss is
 * −log((1/R) Σ_r exp Σ_t L_tr): logs are added replicate by replicate before the mean over replicates, because the observations are independent given the
 * replicate, and not given the parameters alone. So it is not the sum of the targets' own losses.
 *
 * Each target reads its own output and its own data, a file or a table in the code.
 * Source: the marginal likelihood by Monte Carlo over replicates, Kass and Raftery 1995, §4.3, doi:10.1080/01621459.1995.10476572.
 * @throws TARGET_INVALID with every problem of the definitions
 */
export function defineJointLikelihood(
  targets: Readonly<Record<string, LikelihoodSpec>>,
  { weight = 1 }: { readonly weight?: number } = {},
): TargetDefinition {
  const named = Object.entries(targets);
  checkJoint(named, weight);
  const parts = named.map(([name, spec]) => ({ name, spec, observedIn: observedOf(spec) }));
  return {
    kind: 'modelops.target',
    behaviour: TARGET_BEHAVIOUR_VERSION,
    describe: () => ({
      ...readBy(named.map(([, spec]) => spec)),
      compares: named.map(([, spec]) => describeComparison(spec)),
      ...(weight === 1 ? {} : { weight }),
      behaviour: TARGET_BEHAVIOUR_VERSION,
    }),
    evaluate(input) {
      const n = input.outputs[named[0]![1].output]!.rows.length;
      const joint = new Float64Array(n);
      const diagnostics: Record<string, LikelihoodDiagnostics> = {};
      const tables: Record<string, AggregatedTable> = {};
      for (const { name, spec, observedIn } of parts) {
        const aligned: AlignedData = alignedData(spec, observedIn(input), input);
        const logs = spec.evaluator.logLikelihoods(aligned);
        if (spec.outputs !== undefined) tables[name] = aggregatedTable(aligned, spec.outputs);
        for (let k = 0; k < n; k++) joint[k]! += logs[k]!;
        diagnostics[name] = spec.evaluator.describe(aligned, logs);
      }
      const logMarginal = logMeanExp(joint);
      if (logMarginal === Number.NEGATIVE_INFINITY) throw impossible(diagnostics);
      return {
        loss: -logMarginal,
        diagnostics: { evaluator: 'joint', ...rangeOfLogs(joint), targets: diagnostics },
        n_replicates: n,
        ...(Object.keys(tables).length === 0 ? {} : { outputs: tables }),
      };
    },
  };
}

/** The outputs and files that targets read, each once, in the order of the targets. */
function readBy(specs: readonly LikelihoodSpec[]): Pick<TargetDescription, 'output' | 'outputs' | 'data' | 'files'> {
  const outputs = [...new Set(specs.map(({ output }) => output))];
  const files = [...new Set(specs.flatMap(({ data }) => (typeof data === 'string' ? [data] : [])))];
  return {
    output: outputs[0]!,
    ...(outputs.length > 1 ? { outputs } : {}),
    data: files[0] ?? null,
    ...(files.length > 1 ? { files } : {}),
  };
}

function checkJoint(named: readonly (readonly [string, LikelihoodSpec])[], weight: number): void {
  if (named.length === 0) throw new ModelOpsError('TARGET_INVALID', 'the joint likelihood has no targets');
  for (const [name, spec] of named) checkDefinition(spec, `target ${name}`);
  const problems = named.flatMap(([name, spec]) => [
    ...(typeof spec.evaluator.logLikelihoods === 'function'
      ? []
      : [{ path: `${name}.evaluator`, message: 'is not a log-likelihood; use e.g. poissonLogLikelihood()' }]),
    ...(spec.weight === undefined
      ? []
      : [{ path: `${name}.weight`, message: 'has no effect in a joint likelihood; give the joint likelihood a weight' }]),
  ]);
  if (!(weight > 0 && Number.isFinite(weight))) problems.push({ path: 'weight', message: `is ${weight}; expected a number above 0` });
  if (problems.length > 0)
    throw new ModelOpsError('TARGET_INVALID', `the joint likelihood has ${formatCount(problems.length, 'problem')}`, { problems });
}

function impossible(parts: Readonly<Record<string, LikelihoodDiagnostics>>): ModelOpsError {
  const name = Object.keys(parts).find((one) => parts[one]!.log_marginal === null);
  const why = name === undefined ? 'each replicate is impossible for some target' : `target ${name} is impossible in every one`;
  return new ModelOpsError('TARGET_INVALID', `the joint log-likelihood is −∞ in every replicate: ${why}`, {
    hint: 'bound the simulated values away from impossible ones, or use a likelihood with more variance',
  });
}
