import { canonicalJson } from './canonical-json.ts';
import { type Digest, sha256Hex } from './digest.ts';
import { type Branded, parseHexId } from './hex-id.ts';
import type { ParamId } from './param-id.ts';
import { type Seed, seedToJson } from './seed.ts';
import { sha256After } from './sha256-after.ts';

export type TaskId = Branded<'TaskId'>;

/** Everything that determines the result of a task but its parameters and seed: the same for all tasks of a job. */
export interface TaskIdentity {
  /** The model digest, or the bundle digest under the `bundle` schema. */
  readonly code: Digest;
  /** `import.path.Class/scenario` */
  readonly entrypoint: string;
  readonly scenario: string;
  /** The outputs that are kept; null keeps all. Order does not matter. */
  readonly outputs: readonly string[] | null;
  readonly config: Readonly<Record<string, unknown>> | null;
}

/** SHA-256 hex of canonical JSON `{v:1, code, entrypoint, scenario, param_id, seed, outputs (sorted, null = all), config}`. */
export function taskIdOf(identity: TaskIdentity, paramId: ParamId, seed: Seed): TaskId {
  return createTaskIds(identity)(paramId, seed);
}

/** The same rule, with the text that all tasks of a job share made once. */
export function createTaskIds(identity: TaskIdentity): (paramId: ParamId, seed: Seed | number) => TaskId {
  const beginning = beginningOf(identity);
  return (paramId, seed) => sha256Hex(`${beginning(paramId)}${endOf(seed)}`) as TaskId;
}

/**
 * The same ids as eight 32-bit words, the highest first, in an array that the next id writes over: for sets of ids. Fastest where the tasks of a
 * parameter set come one after another.
 */
export function createTaskWords(identity: TaskIdentity): (paramId: ParamId, seed: Seed | number) => Uint32Array {
  const beginning = beginningOf(identity);
  let held: { readonly paramId: ParamId; readonly digest: (rest: string) => Uint32Array } | undefined;
  return (paramId, seed) => {
    if (held?.paramId !== paramId) held = { paramId, digest: sha256After(beginning(paramId)) };
    return held.digest(endOf(seed));
  };
}

/** All that stands before the seed. Members stand in JCS order: code, config, entrypoint, outputs, param_id, scenario, seed, v. */
function beginningOf({ code, entrypoint, scenario, outputs, config }: TaskIdentity): (paramId: ParamId) => string {
  const sorted = outputs === null ? null : [...new Set(outputs)].sort();
  const head = `{"code":${canonicalJson(code)},"config":${canonicalJson(config)},"entrypoint":${canonicalJson(entrypoint)},"outputs":${canonicalJson(sorted)},"param_id":"`;
  const middle = `","scenario":${canonicalJson(scenario)},"seed":`;
  return (paramId) => `${head}${paramId}${middle}`;
}

function endOf(seed: Seed | number): string {
  return `${typeof seed === 'number' ? seed : canonicalJson(seedToJson(seed))},"v":1}`;
}

/** @throws IDENTITY_INVALID */
export function parseTaskId(text: string): TaskId {
  return parseHexId<'TaskId'>(text, 'task id');
}
