import { canonicalJson } from './canonical-json.ts';
import { type Digest, sha256Hex } from './digest.ts';
import { parseScenario } from './entrypoint.ts';
import { hashMany } from './hash-many.ts';
import { type Branded, parseHexId } from './ids.ts';
import { prefixBy } from './many-texts.ts';
import type { ParamId } from './param-id.ts';
import { type Seed, seedToJson } from './seed.ts';

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

/** What distinguishes the tasks of a job. */
export interface TaskKeys {
  readonly count: number;
  readonly paramIdOf: (n: number) => ParamId;
  readonly seedOf: (n: number) => Seed | number;
}

/** SHA-256 hex of canonical JSON `{v:1, code, entrypoint, scenario, param_id, seed, outputs (sorted, null = all), config}`. */
export function taskIdOf(identity: TaskIdentity, paramId: ParamId, seed: Seed): TaskId {
  const { prefix, ending } = taskTexts(identity);
  return sha256Hex(`${prefix(paramId)}${seedText(seed)}${ending}`) as TaskId;
}

/** The ids of many tasks of a job by the same rule, as eight 32-bit words each, the highest first. */
export function createTaskWords(identity: TaskIdentity): (tasks: TaskKeys) => Uint32Array<ArrayBuffer> {
  const { prefix, ending } = taskTexts(identity);
  return ({ count, paramIdOf, seedOf }) => {
    const restOf = (n: number) => seedText(seedOf(n));
    const { buffer } = hashMany('sha256', { count, prefixOf: prefixBy(paramIdOf, prefix), restOf, ending });
    const view = new DataView(buffer);
    const words = new Uint32Array(count * TASK_WORDS);
    for (let word = 0; word < words.length; word++) words[word] = view.getUint32(4 * word);
    return words;
  };
}

const scratch = Buffer.alloc(4 * TASK_WORDS);

/** Id `n` of {@link createTaskWords} as text. */
export function idOfWords(words: Uint32Array, n: number): TaskId {
  for (let word = 0; word < TASK_WORDS; word++) scratch.writeUInt32BE(words[n * TASK_WORDS + word]!, 4 * word);
  return scratch.toString('hex') as TaskId;
}

/** All ids of {@link createTaskWords} as texts: one conversion for all takes a fifth of the time. */
export function idsOfWords(words: Uint32Array): TaskId[] {
  const bytes = Buffer.from(new ArrayBuffer(words.byteLength));
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < words.length; word++) view.setUint32(4 * word, words[word]!);
  const hex = bytes.toString('hex');
  return Array.from({ length: words.length / TASK_WORDS }, (_, n) => hex.slice(8 * TASK_WORDS * n, 8 * TASK_WORDS * (n + 1)) as TaskId);
}

/** What stands before and after the seed. Members stand in JCS order: code, config, entrypoint, outputs, param_id, scenario, seed, v. */
function taskTexts({ code, entrypoint, scenario, outputs, config }: TaskIdentity) {
  const sorted = outputs === null ? null : [...new Set(outputs)].sort();
  const beginning = `{"code":${canonicalJson(code)},"config":${canonicalJson(config)},"entrypoint":${canonicalJson(entrypoint)},"outputs":${canonicalJson(sorted)},"param_id":"`;
  const middle = `","scenario":${canonicalJson(parseScenario(scenario))},"seed":`;
  return { prefix: (paramId: ParamId) => `${beginning}${paramId}${middle}`, ending: ',"v":1}' };
}

const seedText = (seed: Seed | number) => (typeof seed === 'number' ? seed : canonicalJson(seedToJson(seed)));

/** @throws IDENTITY_INVALID */
export function parseTaskId(text: string): TaskId {
  return parseHexId<'TaskId'>(text, 'task id');
}

export type AggregationId = Branded<'AggregationId'>;

/** SHA-256 hex of canonical JSON `{v:1, target, target_digest, task_ids sorted}`. */
export function aggregationIdOf(target: string, targetDigest: Digest, taskIds: readonly TaskId[]): AggregationId {
  // Ids and digests contain only hex digits and `sha256:`: nothing needs escaping.
  const ids = [...taskIds].sort().join('","');
  const list = taskIds.length === 0 ? '' : `"${ids}"`;
  return sha256Hex(`{"target":${canonicalJson(target)},"target_digest":"${targetDigest}","task_ids":[${list}],"v":1}`) as AggregationId;
}
