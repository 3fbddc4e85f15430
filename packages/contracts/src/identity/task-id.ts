import { canonicalJson } from './canonical-json.ts';
import type { Digest } from './digest.ts';
import { parseScenario } from './entrypoint.ts';
import { type Branded, parseHexId } from './hex-id.ts';
import type { ParamId } from './param-id.ts';
import { putDecimal, putText } from './put-ascii.ts';
import { type Seed, seedToJson } from './seed.ts';
import { sha256After } from './sha256-after.ts';

export type TaskId = Branded<'TaskId'>;

/** The 32-bit words of an id. */
export const TASK_WORDS = 8;

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

/** What tells tasks of a job apart. Fastest where those of a parameter set come one after another. */
export interface TaskKeys {
  readonly count: number;
  readonly paramIdOf: (n: number) => ParamId;
  readonly seedOf: (n: number) => Seed | number;
}

/** SHA-256 hex of canonical JSON `{v:1, code, entrypoint, scenario, param_id, seed, outputs (sorted, null = all), config}`. */
export function taskIdOf(identity: TaskIdentity, paramId: ParamId, seed: Seed): TaskId {
  return idOfWords(createTaskWords(identity)({ count: 1, paramIdOf: () => paramId, seedOf: () => seed }), 0);
}

/** The ids of many tasks by the same rule, as eight 32-bit words each, the highest first; what all tasks of a job share is taken up once. */
export function createTaskWords(identity: TaskIdentity): (tasks: TaskKeys) => Uint32Array<ArrayBuffer> {
  const { beginning, middle } = textOf(identity);
  const digests = sha256After(beginning);
  return ({ count, paramIdOf, seedOf }) => {
    let held: { readonly paramId: ParamId; readonly prefix: string } | undefined;
    const prefixOf = (n: number) => {
      const paramId = paramIdOf(n);
      if (held?.paramId !== paramId) held = { paramId, prefix: `${paramId}${middle}` };
      return held.prefix;
    };
    return digests({ count, prefixOf, putRest: (bytes, at, n) => putText(bytes, putSeed(bytes, at, seedOf(n)), ',"v":1}') });
  };
}

const scratch = Buffer.alloc(4 * TASK_WORDS);

/** Id `n` of such words as text. */
export function idOfWords(words: Uint32Array, n: number): TaskId {
  for (let word = 0; word < TASK_WORDS; word++) scratch.writeUInt32BE(words[n * TASK_WORDS + word]!, 4 * word);
  return scratch.toString('hex') as TaskId;
}

/** What stands before the parameter id, and between it and the seed. Members stand in JCS order: code, config, entrypoint, outputs, param_id, scenario, seed, v. */
function textOf({ code, entrypoint, scenario, outputs, config }: TaskIdentity): { readonly beginning: string; readonly middle: string } {
  const sorted = outputs === null ? null : [...new Set(outputs)].sort();
  return {
    beginning: `{"code":${canonicalJson(code)},"config":${canonicalJson(config)},"entrypoint":${canonicalJson(entrypoint)},"outputs":${canonicalJson(sorted)},"param_id":"`,
    middle: `","scenario":${canonicalJson(parseScenario(scenario))},"seed":`,
  };
}

function putSeed(bytes: Uint8Array, at: number, seed: Seed | number): number {
  return typeof seed === 'number' ? putDecimal(bytes, at, seed) : putText(bytes, at, canonicalJson(seedToJson(seed)));
}

/** @throws IDENTITY_INVALID */
export function parseTaskId(text: string): TaskId {
  return parseHexId<'TaskId'>(text, 'task id');
}
