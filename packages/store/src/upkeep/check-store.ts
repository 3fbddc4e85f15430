import { isModelOpsError, jobSpecSchema, jobStateSchema, messageOf, parseJson, sha256Hex } from '@modelops/contracts';
import * as z from 'zod';
import { getBounded, MOST_BYTES } from '../objects/get-bounded.ts';
import type { ObjectInfo, ObjectStore } from '../objects/object-store.ts';
import { walkPacks } from '../packs/catalogue/list-packs.ts';
import { quarantinePack } from '../packs/catalogue/quarantine.ts';
import { INDEX } from '../packs/pack-name.ts';
import { isSealed } from '../packs/parquet/sealed.ts';
import { checkPack, type StoreProblem } from './check-pack.ts';

export interface StoreCheck {
  readonly packs: number;
  /** Packs whose outputs were deleted by an eviction. */
  readonly evicted: number;
  readonly objects: number;
  readonly bytes: number;
  readonly problems: readonly StoreProblem[];
}

export interface CheckOptions {
  /** Called now and then with the number of objects read. */
  readonly onProgress?: (objects: number) => void;
  /** Ends the check where it is. */
  readonly signal?: AbortSignal;
}

/** Reads every byte of packs, attributions, bundle blobs, records and results, and checks it against its digest or form. Changes nothing. */
export async function checkStore(objects: ObjectStore, { onProgress, signal }: CheckOptions = {}): Promise<StoreCheck> {
  const problems: StoreProblem[] = [];
  const total = { packs: 0, evicted: 0, objects: 0, bytes: 0 };
  const count = ({ size }: ObjectInfo) => {
    total.objects++;
    total.bytes += size;
    onProgress?.(total.objects);
  };
  for await (const pack of walkPacks(objects)) {
    if (signal?.aborted) break;
    pack.files.forEach(count);
    const checked = await checkPack(objects, pack);
    if (pack.files.some(({ key }) => key.endsWith(`/${INDEX}`))) total.packs++;
    if (checked.isEvicted) total.evicted++;
    problems.push(...checked.problems);
  }
  for (const prefix of ['jobs/', 'bundles/blobs/', 'results/']) {
    for await (const info of objects.list(prefix)) {
      if (signal?.aborted) break;
      const rule = RULES.find(({ pattern }) => pattern.test(info.key));
      if (rule === undefined) continue;
      const reason = await problemOf(rule, info.key, objects);
      if (reason !== 'gone') count(info);
      if (reason !== undefined && reason !== 'gone') problems.push({ key: info.key, kind: 'bad', reason });
    }
  }
  return { ...total, problems };
}

/**
 * Moves the packs that are bad or lack a file under `quarantine/`: their tasks become missing, so that `resume` computes them. Returns their
 * prefixes. Orphans and strays are for `gc`.
 */
export async function quarantinePacks(objects: ObjectStore, problems: readonly StoreProblem[]): Promise<string[]> {
  const inPacks = problems.filter(({ key, kind }) => key.startsWith('provenance/') && (kind === 'bad' || kind === 'missing'));
  const packs = [...new Set(inPacks.map(({ key }) => key.slice(0, key.lastIndexOf('/'))))];
  for (const pack of packs) await quarantinePack(objects, pack);
  return packs;
}

/** What is wrong with an object; 'gone' where it was deleted since it was listed. */
async function problemOf(rule: Rule, key: string, objects: ObjectStore): Promise<string | undefined> {
  try {
    const object = await getBounded(objects, key, rule.most);
    return object === undefined ? 'gone' : await rule.problemOf(object.bytes, key, objects);
  } catch (error) {
    if (isModelOpsError(error) && error.code === 'STORE_CORRUPT') return error.message;
    throw error;
  }
}

/** How an object outside packs is checked against what was written; undefined when it is that. */
interface Rule {
  readonly pattern: RegExp;
  /** Bytes. */
  readonly most: number;
  problemOf(bytes: Uint8Array, key: string, objects: ObjectStore): string | undefined | Promise<string | undefined>;
}

const CHANGED = 'its bytes have changed since it was written';

const RULES: readonly Rule[] = [
  {
    pattern: /^jobs\/[^/]+\/attribution\/.*\.parquet$/,
    most: MOST_BYTES.index,
    problemOf: (bytes) => (isSealed(bytes) ? undefined : CHANGED),
  },
  { pattern: /^jobs\/[^/]+\/spec\.json$/, most: MOST_BYTES.spec, problemOf: (bytes, key) => formProblem(bytes, key, jobSpecSchema) },
  { pattern: /^jobs\/[^/]+\/state\.json$/, most: MOST_BYTES.record, problemOf: (bytes, key) => formProblem(bytes, key, jobStateSchema) },
  {
    pattern: /^jobs\/[^/]+\/attempts\/\d+\/done\/\d+$/,
    most: MOST_BYTES.record,
    problemOf: (bytes, key) => formProblem(bytes, key, z.looseObject({ chunk: z.int() })),
  },
  {
    pattern: /^bundles\/blobs\/sha256\/[0-9a-f]{64}$/,
    most: Number.MAX_SAFE_INTEGER,
    problemOf: (bytes, key) => (key.endsWith(sha256Hex(bytes)) ? undefined : CHANGED),
  },
  { pattern: /^results\/[^/]+\/manifest\.json$/, most: MOST_BYTES.manifest, problemOf: resultsProblem },
];

const manifestSchema = z.looseObject({ files: z.record(z.string(), z.looseObject({ digest: z.string() })).default({}) });

async function resultsProblem(bytes: Uint8Array, key: string, objects: ObjectStore): Promise<string | undefined> {
  const form = formProblem(bytes, key, manifestSchema);
  if (form !== undefined) return form;
  const { files } = parseJson(textOf(bytes), manifestSchema, { source: key, code: 'STORE_CORRUPT' });
  for (const [name, { digest }] of Object.entries(files)) {
    const file = await getBounded(objects, key.replace(/[^/]*$/, name), MOST_BYTES.output);
    if (file === undefined) return `${name}, which it names, is missing`;
    if (`sha256:${sha256Hex(file.bytes)}` !== digest) return `the digest of ${name} differs from the one in it`;
  }
  return undefined;
}

function formProblem(bytes: Uint8Array, source: string, schema: z.ZodType): string | undefined {
  try {
    parseJson(textOf(bytes), schema, { source, code: 'STORE_CORRUPT' });
    return undefined;
  } catch (error) {
    return isModelOpsError(error) && error.problems.length > 0
      ? error.problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
      : messageOf(error);
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
