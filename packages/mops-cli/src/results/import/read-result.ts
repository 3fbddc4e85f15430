import {
  canonicalJson,
  type Digest,
  isModelOpsError,
  ModelOpsError,
  messageOf,
  type PackAddress,
  type Problem,
  paramIdOf,
  parseBundleRef,
  parseJson,
  parseScenario,
  parseSeed,
  readJson,
  taskIdOf,
} from '@modelops/contracts';
import { type AggregationRow, importingWorker, type SimulationRow } from '@modelops/store';
import type * as z from 'zod';
import {
  type AggregationMetadata,
  type AggregationResult,
  aggregationMetadataSchema,
  aggregationResultSchema,
  METADATA,
  RESULT,
  type SimulationMetadata,
  type SimulationResult,
  simulationMetadataSchema,
  simulationResultSchema,
} from '../tree/documents.ts';

/** A simulation of a tree, without its outputs. */
export interface TreeSimulation {
  readonly kind: 'simulation';
  readonly address: PackAddress;
  readonly row: SimulationRow;
  readonly job_id: string;
  readonly worker: string;
  /** The entries of `result.json` for output files. */
  readonly outputs: SimulationResult['outputs'];
}

export interface TreeAggregation {
  readonly kind: 'aggregation';
  readonly address: PackAddress;
  readonly row: AggregationRow;
}

/** A result that is skipped, and why. */
interface Skipped {
  readonly kind: 'skipped';
  readonly reason: string;
}

/**
 * Parses the two documents of a result. `code` is the model digest of simulations that do not name one; without it, they are addressed by the
 * bundle digest in `bundle_ref`, under the `bundle` schema. @throws FILE_INVALID with every problem, its path beginning with the file's name
 */
export function readResult(metadata: string, result: string, code: Digest | undefined): TreeSimulation | TreeAggregation | Skipped {
  const about = readJson(result, contextOf(RESULT));
  if (typeof about === 'object' && about !== null && 'aggregation_id' in about)
    return aggregationOf(parse(metadata, aggregationMetadataSchema, METADATA), parse(result, aggregationResultSchema, RESULT));
  const [given, outcome] = [parse(metadata, simulationMetadataSchema, METADATA), parse(result, simulationResultSchema, RESULT)];
  if (outcome.error !== undefined && outcome.error !== null) return { kind: 'skipped', reason: 'it failed' };
  return simulationOf(given, outcome, code);
}

const contextOf = (file: string) => ({ source: file, code: 'FILE_INVALID' as const });

function parse<S extends z.ZodType>(text: string, schema: S, file: string): z.output<S> {
  try {
    return parseJson(text, schema, contextOf(file));
  } catch (error) {
    if (!isModelOpsError(error) || error.problems.length === 0) throw error;
    throw invalid(error.problems.map(({ path, message }) => ({ path: `${file}: ${path}`, message })));
  }
}

function simulationOf(metadata: SimulationMetadata, result: SimulationResult, code: Digest | undefined): TreeSimulation {
  const problems: Problem[] = [];
  const attempt = <T>(field: string, action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      problems.push({ path: `${METADATA}: ${field}`, message: messageOf(error) });
      return undefined;
    }
  };
  const address = attempt(metadata.code === undefined ? 'bundle_ref' : 'code', () => addressOf(metadata, code));
  const scenario = attempt('entrypoint', () => scenarioOf(metadata.entrypoint));
  const paramId = attempt('params', () => paramIdOf(metadata.params));
  const startedAt = attempt('timestamp', () => instantOf(metadata.timestamp));
  if (address === undefined || scenario === undefined || paramId === undefined || startedAt === undefined) throw invalid(problems);
  const seed = parseSeed(metadata.seed);
  const identity = {
    code: address.code as Digest,
    entrypoint: metadata.entrypoint,
    scenario,
    outputs: metadata.outputs ?? null,
    config: metadata.config ?? null,
  };
  const taskId = taskIdOf(identity, paramId, seed);
  if (metadata.schema_version !== undefined) {
    const claims = [
      { path: `${METADATA}: param_id`, claimed: metadata.param_id, made: paramId },
      { path: `${METADATA}: task_id`, claimed: metadata.task_id, made: taskId },
      { path: `${RESULT}: task_id`, claimed: result.task_id, made: taskId },
    ];
    const wrong = claims.filter(({ claimed, made }) => claimed !== undefined && claimed !== made);
    if (wrong.length > 0) throw invalid(wrong.map(({ path, made }) => ({ path, message: `does not match its inputs: expected ${made}` })));
  }
  return {
    kind: 'simulation',
    address,
    row: {
      task_id: taskId,
      param_id: paramId,
      params: canonicalJson(metadata.params),
      seed,
      status: 'ok',
      error: null,
      started_at: startedAt,
      duration_ms: metadata.duration_ms ?? 0,
    },
    job_id: metadata.job_id ?? '',
    worker: importingWorker(metadata.worker ?? undefined),
    outputs: result.outputs,
  };
}

function aggregationOf(metadata: AggregationMetadata, result: AggregationResult): TreeAggregation | Skipped {
  const { code, provenance_schema: schema, target } = metadata;
  const isOurs = metadata.schema_version !== undefined && code !== undefined && schema !== undefined && target !== undefined;
  if (!isOurs)
    return { kind: 'skipped', reason: 'the aggregation was written by another program; it will be recomputed from the simulations' };
  if (!/^[0-9a-f]{64}$/.test(result.aggregation_id))
    throw invalid([{ path: `${RESULT}: aggregation_id`, message: 'expected 64 hex digits' }]);
  const row = {
    aggregation_id: result.aggregation_id,
    param_id: metadata.param_id,
    target,
    loss: result.loss,
    n_replicates: result.n_replicates,
    ...(result.replicate_mean === undefined ? {} : { replicate_mean: result.replicate_mean }),
    ...(result.standard_error === undefined ? {} : { standard_error: result.standard_error }),
    diagnostics: JSON.stringify(result.diagnostics),
    computed_at: metadata.timestamp ?? new Date(0).toISOString(),
    job_id: metadata.job_id ?? '',
    reason: result.reason ?? null,
  } as AggregationRow;
  return { kind: 'aggregation', address: { schema, kind: 'aggs', code, name: target }, row };
}

function addressOf({ code, provenance_schema, entrypoint, bundle_ref }: SimulationMetadata, given: Digest | undefined): PackAddress {
  const model = code ?? given;
  if (model !== undefined) return { schema: provenance_schema ?? 'token', kind: 'sims', code: model, name: entrypoint };
  if (bundle_ref === undefined) throw new ModelOpsError('FILE_INVALID', 'is missing; pass the model digest with --code');
  return { schema: 'bundle', kind: 'sims', code: parseBundleRef(bundle_ref).digest, name: entrypoint };
}

function scenarioOf(entrypoint: string): string {
  const slash = entrypoint.lastIndexOf('/');
  if (slash < 0 || !/^[\p{L}\p{N}_$.-]+$/u.test(entrypoint.slice(0, slash)))
    throw new ModelOpsError('IDENTITY_INVALID', `"${entrypoint.slice(0, 120)}" is not an entry point: expected import.path.Class/scenario`);
  return parseScenario(entrypoint.slice(slash + 1));
}

function instantOf(timestamp: string | null | undefined): number {
  const time = timestamp === null || timestamp === undefined ? 0 : Date.parse(timestamp);
  if (Number.isNaN(time)) throw new ModelOpsError('FILE_INVALID', `"${timestamp}" is not a time: expected 2026-11-25T10:00:00Z`);
  return time;
}

export function invalid(problems: readonly Problem[]): ModelOpsError {
  return new ModelOpsError('FILE_INVALID', 'invalid result', { problems });
}
