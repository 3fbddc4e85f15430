import { formatCount, ModelOpsError } from '@modelops/contracts';
import { BEHAVIOUR_VERSION } from '../behaviour.ts';
import { type AggregatedTable, aggregatedTable } from './aggregated-table.ts';
import { alignedData } from './aligned-data.ts';
import { checkDefinition, observedOf } from './define-target.ts';
import type { TargetDefinition, TargetSpec } from './definition.ts';
import type { AlignedData } from './evaluators.ts';
import { type LikelihoodEvaluator, logMeanExp } from './likelihoods.ts';

/** A target whose evaluator is a log-likelihood. */
export interface LikelihoodSpec extends TargetSpec {
  readonly evaluator: LikelihoodEvaluator;
}

/**
 * Defines one target from several likelihoods of the same replicates. With L_tr the log-likelihood of target t given replicate r, the loss is
 * −log((1/R) Σ_r exp Σ_t L_tr): logs are added replicate by replicate before the mean over replicates, because the observations are independent given the
 * replicate, and not given the parameters alone. So it is not the sum of the targets' own losses.
 *
 * All targets read the same output, and at most one data file; further observations may stand in the code.
 * @throws TARGET_INVALID with every problem of the definitions
 */
export function defineJointLikelihood(targets: Readonly<Record<string, LikelihoodSpec>>): TargetDefinition {
  const named = Object.entries(targets);
  checkJoint(named);
  const [[, { output }]] = named as [[string, LikelihoodSpec]];
  const data = named.map(([, spec]) => spec.data).find((one) => typeof one === 'string') ?? null;
  const inline = new Map(named.map(([name, spec]) => [name, observedOf(spec)]));
  return {
    kind: 'modelops.target',
    behaviour: BEHAVIOUR_VERSION,
    describe: () => ({ output, data, behaviour: BEHAVIOUR_VERSION }),
    evaluate({ columns, rows, observed }) {
      const joint = new Float64Array(rows.length);
      const parts: Record<string, unknown> = {};
      const tables: Record<string, AggregatedTable> = {};
      for (const [name, spec] of named) {
        const aligned: AlignedData = alignedData(spec, { columns, rows, observed: inline.get(name) ?? observed });
        const logs = spec.evaluator.logLikelihoods(aligned);
        if (spec.outputs !== undefined) tables[name] = aggregatedTable(aligned, spec.outputs);
        for (let k = 0; k < joint.length; k++) joint[k]! += logs[k]!;
        parts[name] = { ...spec.evaluator.describe(aligned, logs), log_marginal: finite(logMeanExp(logs)) };
      }
      const logMarginal = logMeanExp(joint);
      if (logMarginal === Number.NEGATIVE_INFINITY) throw impossible(parts);
      return {
        loss: -logMarginal,
        diagnostics: { evaluator: 'joint', targets: parts },
        n_replicates: rows.length,
        ...(Object.keys(tables).length === 0 ? {} : { outputs: tables }),
      };
    },
  };
}

function checkJoint(named: readonly (readonly [string, LikelihoodSpec])[]): void {
  if (named.length === 0) throw new ModelOpsError('TARGET_INVALID', 'the joint likelihood has no targets');
  for (const [name, spec] of named) checkDefinition(spec, `target ${name}`);
  const problems = named.flatMap(([name, spec]) =>
    typeof spec.evaluator.logLikelihoods === 'function'
      ? []
      : [{ path: `${name}.evaluator`, message: 'is not a log-likelihood; use e.g. poissonLogLikelihood()' }],
  );
  const outputs = new Set(named.map(([, { output }]) => output));
  if (outputs.size > 1)
    problems.push({ path: 'output', message: `differs: ${[...outputs].join(', ')}; a joint likelihood reads one output` });
  const files = new Set(named.flatMap(([, { data }]) => (typeof data === 'string' ? [data] : [])));
  if (files.size > 1)
    problems.push({ path: 'data', message: `differs: ${[...files].join(', ')}; use one file, and put further observations into the code` });
  if (problems.length > 0)
    throw new ModelOpsError('TARGET_INVALID', `the joint likelihood has ${formatCount(problems.length, 'problem')}`, { problems });
}

function impossible(parts: Readonly<Record<string, unknown>>): ModelOpsError {
  const name = Object.keys(parts).find((one) => (parts[one] as { log_marginal: number | null }).log_marginal === null);
  const why = name === undefined ? 'each replicate is impossible for some target' : `target ${name} is impossible in every one`;
  return new ModelOpsError('TARGET_INVALID', `the joint log-likelihood is −∞ in every replicate: ${why}`, {
    hint: 'bound the simulated values away from impossible ones, or use a likelihood with more variance',
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
